/**
 * The text of a reply so far, for scanners that may have to read it again.
 */

/** Keeps pieces as they come: they are joined only where somebody asks. */
export class SeenText {
  /** The pieces that came last, and blocks of what came before them. */
  #recent = ""
  readonly #blocks: Array<string> = []
  length = 0

  push(piece: string): void {
    this.length += piece.length
    this.#recent += piece
    if (this.#recent.length >= blockLength) this.#endBlock()
  }

  /** The text from a place on. */
  since(start: number): string {
    this.#endBlock()
    let at = this.length
    let first = this.#blocks.length
    while (first > 0 && at > start) at -= this.#blocks[--first]!.length
    return this.#blocks.slice(first).join("").slice(Math.max(0, start - at))
  }

  /** Begins again: this text is all that has come. */
  restart(text: string): void {
    this.#recent = text
    this.#blocks.length = 0
    this.length = text.length
  }

  #endBlock(): void {
    if (this.#recent !== "") this.#blocks.push(this.#recent)
    this.#recent = ""
  }
}

const blockLength = 1024
