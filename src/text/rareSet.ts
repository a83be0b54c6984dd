/**
 * A set that is nearly always empty, and costs nothing while it is empty. A scanner is made for each reply and has several of
 * these, and most replies fill none.
 */
export class RareSet<A> implements Iterable<A> {
  #items: Set<A> | undefined

  get size(): number {
    return this.#items?.size ?? 0
  }

  has(item: A): boolean {
    return this.#items?.has(item) === true
  }

  add(item: A): void {
    this.#items ??= new Set()
    this.#items.add(item)
  }

  clear(): void {
    this.#items = undefined
  }

  [Symbol.iterator](): Iterator<A> {
    return (this.#items ?? none)[Symbol.iterator]()
  }
}

const none: ReadonlyArray<never> = []
