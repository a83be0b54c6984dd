/**
 * Which completion a choice is of: its index says so, or its place among the choices, where a server gives all the same index.
 */
import * as LMError from "../../../lm/LMError.ts"
import { isRecord } from "../../../text/json/values.ts"
import { indexOf } from "./message.ts"

export class Places {
  /** How many completions were asked for. */
  readonly #asked: number
  /** What was found to tell them apart. */
  #by: "index" | "place" | undefined
  /** The index that all have, where their places tell them apart. */
  #same: number | undefined

  constructor(asked: number) {
    this.#asked = asked
  }

  /** Whether the choices of a chunk are told apart by their places; a reason where nothing tells. */
  take(choices: ReadonlyArray<unknown>): boolean | LMError.Reason {
    if (choices.length === 1 && this.#by !== "place") {
      if (this.#by === undefined && this.#asked > 1 && (indexIn(choices[0]) ?? 0) > 0) this.#by = "index"
      return false
    }
    const indexes = choices.map(indexIn).filter((index) => index !== undefined)
    const alike = new Set(indexes).size < indexes.length
    // A whole completion comes once.
    if (alike && choices.every((choice) => isRecord(choice) && isRecord(choice["message"]))) return true
    if (this.#by === "place" ? !this.#isPlaced(choices, indexes) : alike && this.#isOpen(choices, indexes)) {
      return new LMError.InvalidResponse({
        description: "the provider sent completions that cannot be told apart: they have the same index"
      })
    }
    if (this.#by === undefined && this.#asked > 1) {
      if (!alike) this.#by = "index"
      else if (choices.length === this.#asked) {
        this.#by = "place"
        this.#same = indexes[0]
      }
    }
    return this.#by === "place"
  }

  /** Whether each of the completions has its place, as before. */
  #isPlaced(choices: ReadonlyArray<unknown>, indexes: ReadonlyArray<number>): boolean {
    return choices.length === this.#asked && indexes.every((index) => index === this.#same)
  }

  /** Whether the places tell the completions apart. */
  get count(): boolean {
    return this.#by === "place"
  }

  /** Whether choices of one index may be pieces of one completion, or completions. */
  #isOpen(choices: ReadonlyArray<unknown>, indexes: ReadonlyArray<number>): boolean {
    return this.#by === undefined && choices.length <= this.#asked &&
      (choices.length < this.#asked || new Set(indexes).size > 1)
  }
}

const indexIn = (choice: unknown): number | undefined => isRecord(choice) ? indexOf(choice) : undefined
