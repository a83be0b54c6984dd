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
  /** The pieces without their white space, as far as that was asked for: how many were looked at, and their characters. */
  private words: Array<string> = []
  private looked = 0
  private letters = 0

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
      if (this.looked > 0) this.look()
      this.joined += this.pieces.length - 1
      this.pieces = [this.pieces.join("")]
      this.counted = 1
      this.looked = Math.min(this.looked, 1)
    }
    return this.pieces[0] ?? ""
  }

  /** How many characters it has. */
  length(): number {
    for (; this.counted < this.pieces.length; this.counted++) this.characters += this.pieces[this.counted]!.length
    return this.characters
  }

  /** What a text that begins with all of it adds; `undefined` for any other text. */
  beyond(text: string): string | undefined {
    const first = this.pieces[0]
    if (first === undefined || !text.startsWith(first) || text.length < this.length()) return undefined
    return text.startsWith(this.text()) ? text.slice(this.length()) : undefined
  }

  /** The same for a text that may differ in its white space. */
  beyondWords(text: string): string | undefined {
    const exact = this.beyond(text)
    if (exact !== undefined) return exact
    const words = withoutSpace(text)
    if (words.length < this.look() || !words.startsWith(this.allWords())) return undefined
    let at = 0
    for (let left = this.letters; left > 0; at++) if (!isSpace(text.charCodeAt(at))) left--
    const rest = text.slice(at)
    if (rest.trim() === "") return ""
    return isSpace(this.pieces.at(-1)!.charCodeAt(this.pieces.at(-1)!.length - 1)) ? rest.trimStart() : rest
  }

  /** How many characters it has that are no white space. */
  wordsLength(): number {
    return this.look()
  }

  /** Whether it ends with this text, white space left out. */
  endsWith(text: string): boolean {
    const end = withoutSpace(text)
    if (this.look() < end.length) return false
    const tail: Array<string> = []
    for (let at = this.words.length - 1, left = end.length; at >= 0 && left > 0; at--) {
      const piece = this.words[at]!
      tail.push(piece.length > left ? piece.slice(-left) : piece)
      left -= piece.length
    }
    return tail.toReversed().join("") === end
  }

  /** Looks at the pieces that are new; returns how many characters there are without the white space. */
  private look(): number {
    for (; this.looked < this.pieces.length; this.looked++) {
      const words = withoutSpace(this.pieces[this.looked]!)
      if (words === "") continue
      this.words.push(words)
      this.letters += words.length
    }
    return this.letters
  }

  private allWords(): string {
    if (this.words.length > 1) this.words = [this.words.join("")]
    return this.words[0] ?? ""
  }
}

const withoutSpace = (text: string): string => text.replaceAll(/[\0- \u00a0\ufeff]+/g, "")

const isSpace = (code: number): boolean => code <= 32 || code === 0xa0 || code === 0xfeff
