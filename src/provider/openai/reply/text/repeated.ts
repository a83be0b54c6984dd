/**
 * The text of a completion as its server tells it: in pieces that follow each other, as nearly all do, or as all the text so
 * far in each chunk; and once more as a whole, at the end.
 *
 * The rule: texts grow where each of at least three begins with the whole one before it, and the last that came again is no
 * mere repetition of the first (`ha`, `haha`); a text is told once more where all of it comes again that was told in three
 * pieces and eight letters, or in two and sixteen, and nothing but the end follows. Until that is known the text is held
 * back; whatever stays open follows, so that no character is lost.
 */
import { copied } from "./copied.ts"
import { Told } from "./told.ts"

export class ToldText {
  private readonly told = new Told()
  /** `open` where texts may grow. */
  private state: "open" | "pieces" | "grows" = "open"
  /** Texts that may tell again what was told. */
  private held: Array<string> = []
  /** The last text, where texts grow. */
  private grown = ""
  private characters = 0
  private broken: string | undefined
  /** Whether texts are pieces, and none is held back. */
  private plain = false

  /** Whether anything came. */
  get begun(): boolean {
    return this.told.count() > 0
  }

  /** Whether a text is held back, since it may tell again what was told. */
  get isHolding(): boolean {
    return this.held.length > 0
  }

  /**
   * The text that fits neither way in which a text is told: it does not follow the pieces, and does not grow. Undefined if
   * all fit.
   */
  get problem(): string | undefined {
    return this.broken
  }

  /** Whether a text can be taken as it is. */
  follows(text: string): boolean {
    if (!this.plain || this.mayRepeat(text)) return false
    this.told.add(text)
    this.characters += text.length
    return true
  }

  /** All of it. */
  text(): string {
    return this.told.text()
  }

  /** Takes the next text; returns what is new in it. `last` if the completion ends with it, or had ended before it. */
  next(text: string, last: boolean): string {
    if (text === "" || this.follows(text)) return text
    if (this.state === "grows") return this.grow(text)
    if (this.state === "open") {
      if (!this.begun) return this.add(text)
      const before = this.held.at(-1)
      if (text.startsWith(before ?? this.told.text()) && (before !== undefined || text.length > this.characters)) {
        if (before === undefined || text === before || repeats(before, this.told.text())) {
          this.held.push(text)
          return ""
        }
        this.state = "grows"
        this.grown = this.told.text()
        this.held = []
        return this.grow(text)
      }
      this.state = "pieces"
    }
    const released = this.release()
    this.plain = true
    if (!this.mayRepeat(text)) return released + this.add(text)
    const count = this.told.count()
    const letters = this.told.wordsLength()
    const beyond = (count > 2 && letters >= enough) || (count > 1 && letters >= 2 * enough)
      ? this.told.beyondWords(text)
      : undefined
    if (beyond === undefined) return released + this.add(text)
    if (last) return released + this.add(beyond)
    this.held = [text]
    this.plain = false
    return released
  }

  /**
   * Takes a whole message; returns what it says that was not said before: what goes beyond a repetition from the beginning.
   * After pieces (`isStreamed`) a message that says the end of them once more says nothing. Before any, messages are pieces or
   * grow; two equal ones are pieces, unless the second is the last.
   */
  message(text: string, { isLast, isStreamed }: { readonly isStreamed: boolean; readonly isLast: boolean }): string {
    if (text === "") return ""
    if (!this.begun) return this.add(text)
    let before = ""
    if (this.state === "open" && this.held.length > 0) {
      if (!text.startsWith(this.told.text() + this.held.join("")) && !text.startsWith(this.held.at(-1)!)) {
        before = this.release()
      }
      this.held = []
    }
    if (isStreamed) this.state = "pieces"
    const beyond = isStreamed ? this.told.beyondWords(text) : this.told.beyond(text)
    if (beyond !== undefined && (beyond !== "" || isStreamed || isLast || this.told.count() > 1)) {
      this.held = []
      return before + this.add(beyond)
    }
    if (isStreamed && this.told.endsWith(text)) return before
    return before + this.release() + this.add(text)
  }

  /** Nothing follows; returns what was held back. */
  end(): string {
    if (this.state === "open") return this.release()
    const [text] = this.held
    this.held = []
    return text === undefined ? "" : this.add(this.told.beyondWords(text) ?? text)
  }

  private add(text: string): string {
    if (text === "") return ""
    this.told.add(text)
    this.characters += text.length
    return text
  }

  /** Adds what was held back: more follows, so that it was pieces. */
  private release(): string {
    const pieces = this.held.join("")
    this.held = []
    return this.add(pieces)
  }

  /** Takes a text that has all so far. */
  private grow(text: string): string {
    if (text.startsWith(this.grown)) {
      const beyond = copied(text.slice(this.grown.length))
      this.grown = text
      return this.add(beyond)
    }
    const beyond = this.told.beyondWords(text)
    if (beyond === undefined) this.broken ??= text
    return this.add(beyond ?? "")
  }

  /** Whether a text is long enough to be all there was: nearly every piece is shorter. */
  private mayRepeat(text: string): boolean {
    return text.length >= enough && text.length * 2 >= this.characters
  }
}

/** How many letters of several pieces come again in one by no chance. */
const enough = 8

/** Whether the text is nothing but another one again and again. */
const repeats = (text: string, unit: string): boolean => {
  for (let at = unit.length; at < text.length; at++) if (text[at] !== text[at % unit.length]) return false
  return true
}
