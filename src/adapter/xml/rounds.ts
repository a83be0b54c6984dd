/**
 * What a reply that says fields more than once says in the end.
 *
 * Elements come in rounds: where a field comes again, a round begins. A round with all the fields of the one before it is the
 * reply, corrected. Of another, what is the same says nothing new, elements of a list are more of its items, and what was
 * missing is added; a second value beside the first could be either.
 */
import type { Item } from "./element.ts"

/** What is said of a field: elements that are its items, or its value. */
export interface Said {
  readonly items: ReadonlyArray<Item>
  /** What is wrong with it. */
  readonly problem: string | undefined
}

/** The same while it is gathered: a list may have many items. */
interface Gathered extends Said {
  readonly items: Array<Item>
  problem: string | undefined
}

export class Rounds {
  readonly #isList: (field: string) => boolean
  #settled = new Map<string, Gathered>()
  #round = new Map<string, Gathered>()
  #last = ""

  constructor(isList: (field: string) => boolean) {
    this.#isList = isList
  }

  /** Takes the next element. */
  add(field: string, item: Item, problem: string | undefined): void {
    const said: Gathered = { items: [item], problem }
    const before = this.#round.get(field)
    if (before === undefined) this.#round.set(field, said)
    else if (field === this.#last && this.#isList(field)) this.#append(before, said)
    else {
      this.#settle()
      this.#round = new Map([[field, said]])
    }
    this.#last = field
  }

  /** What was said of each field. */
  end(): ReadonlyMap<string, Said> {
    this.#settle()
    return this.#settled
  }

  #settle(): void {
    const isWhole = [...this.#settled.keys()].every((field) => this.#round.has(field))
    if (isWhole) this.#settled = this.#round
    else for (const [field, said] of this.#round) this.#addTo(field, said)
    this.#round = new Map()
  }

  #addTo(field: string, said: Gathered): void {
    const before = this.#settled.get(field)
    if (before === undefined) this.#settled.set(field, said)
    else if (this.#isList(field)) this.#append(before, said)
    else if (!isSame(before.items[0]!, said.items[0]!)) {
      this.#settled.set(field, { ...before, problem: before.problem ?? twoValues })
    }
  }

  #append(before: Gathered, { items, problem }: Said): void {
    for (const item of items) before.items.push(item)
    before.problem = problem ?? before.problem
  }
}

const isSame = (one: Item, other: Item): boolean => one.text === other.text && one.json === other.json

const twoValues = "has two values: write each element once"
export const twoLists = "is a list in two elements: write one element"
