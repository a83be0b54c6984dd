/**
 * Text that was told in pieces, beside text that tells it again.
 *
 * Some servers close a stream with the whole message, or send all they have so far in each chunk. What is new in such a
 * text is what goes beyond the pieces. To add a piece costs nothing but its place, and a comparison costs no more than the
 * text that is compared.
 */
export class Told {
  private pieces: Array<string> = []
  /** How many pieces have been counted, how many characters they have, and how many pieces were joined to others. */
  private counted = 0
  private characters = 0
  private joined = 0

  /** `text` is not empty. */
  add(text: string): void {
    this.pieces.push(text)
  }

  /** In how many pieces it was told. */
  count(): number {
    return this.joined + this.pieces.length
  }

  /** All of it. */
  text(): string {
    this.length()
    if (this.pieces.length > 1) {
      this.joined += this.pieces.length - 1
      this.pieces = [this.pieces.join("")]
      this.counted = 1
    }
    return this.pieces[0] ?? ""
  }

  /** What a text that begins with all of it adds; `undefined` for any other text. */
  beyond(text: string): string | undefined {
    const first = this.pieces[0]
    if (first === undefined || !text.startsWith(first) || text.length < this.length()) return undefined
    return text.startsWith(this.text()) ? text.slice(this.length()) : undefined
  }

  /** Whether it ends with this text, white space around both left out. */
  endsWith(text: string): boolean {
    const end = text.trim()
    // White space beyond that is not looked through: the tail is as long as the text, whatever was told.
    const length = end.length + 64
    const tail: Array<string> = []
    for (let at = this.pieces.length - 1, left = length; at >= 0 && left > 0; at--) {
      const piece = this.pieces[at]!
      tail.push(piece.length > left ? piece.slice(-left) : piece)
      left -= piece.length
    }
    return tail.toReversed().join("").trimEnd().endsWith(end)
  }

  private length(): number {
    for (; this.counted < this.pieces.length; this.counted++) this.characters += this.pieces[this.counted]!.length
    return this.characters
  }
}
