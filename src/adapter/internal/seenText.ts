/**
 * The text of a reply so far, for scanners that may have to read it again.
 */

/** Keeps pieces as they come: they are joined only where somebody asks. */
export class SeenText {
  #pieces: Array<string> = []
  length = 0

  push(piece: string): void {
    this.#pieces.push(piece)
    this.length += piece.length
  }

  /** What came from there on. */
  since(start: number): string {
    let at = this.length
    let first = this.#pieces.length
    while (first > 0 && at > start) at -= this.#pieces[--first]!.length
    return this.#pieces.slice(first).join("").slice(Math.max(0, start - at))
  }

  /** Only this text has come. */
  restart(text: string): void {
    this.#pieces = [text]
    this.length = text.length
  }
}
