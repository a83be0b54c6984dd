/**
 * One JSON value, read while it arrives: tolerant of what models write around and into it, with snapshots on the way.
 *
 * Beyond JSON it takes: text and code fences around an object or array, single quotes, unquoted keys and words, Python's
 * constants, a comma before the end, a comma forgotten at the end of a line. What is not closed is not complete. An object
 * or array can be written again as JSON while it is read, whatever it was read from.
 */
import { isNameCharacter } from "./characters.ts"
import { JsonString, skipJsonSpace } from "./jsonString.ts"
import { number, scalar, withoutFence } from "./jsonWord.ts"
import type { JsonWriter } from "./jsonWriter.ts"

/** An object or array that is open. `slots` is what a copy of it costs: itself, what is open in it, its items. */
interface Frame {
  readonly live: Array<unknown> | Record<string, unknown>
  key: string
  slots: number
}

type State =
  | "start"
  | "words"
  | "value"
  | "string"
  | "word"
  | "key"
  | "keyString"
  | "keyWord"
  | "colon"
  | "after"
  | "done"
  | "broken"

export class JsonReader {
  /** Something that a snapshot shows has changed since the last one. */
  changed = false
  /** An object or array has begun: what comes before it was nothing. */
  hasBegun = false
  /** The value is nested more than {@link mostLevels} levels deep, and is not read further. */
  isTooDeep = false
  /** What a snapshot costs: the slots of the open containers, which it copies. */
  cost = 0
  #state: State = "start"
  #root: unknown
  #string = new JsonString("\"", "")
  /** What has come of the string that is open. */
  #content = ""
  #word = ""
  readonly #frames: Array<Frame> = []
  readonly #writer: JsonWriter | undefined

  /** With a writer, the object or array that is read is written again as JSON; nothing of other values. */
  constructor(writer?: JsonWriter) {
    this.#writer = writer
  }

  /** Takes the next text. */
  push(text: string): void {
    let at = 0
    while (at < text.length && this.#state !== "done" && this.#state !== "broken") at = this.#step(text, at)
  }

  /** Nothing follows: whether there is a value, and it is whole. */
  end(): boolean {
    if (this.#state === "words") this.#put(scalar(withoutFence(this.#word.trim())))
    else if (this.#state === "string" && !this.#isOpen() && this.#string.end()) {
      this.#put(this.#content + this.#string.text)
    }
    return this.#state === "done"
  }

  /** The value so far; undefined where nothing of it has come. It never changes afterwards. */
  snapshot(): unknown {
    this.changed = false
    let value = this.#state === "string" ? this.#content : this.#root
    let present = this.#state === "string"
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const { key, live } = this.#frames[i]!
      if (Array.isArray(live)) value = present ? [...live, value] : [...live]
      else value = present ? { ...live, [key]: value } : { ...live }
      present = true
    }
    return value
  }

  // Each step takes at least one character, or moves on to a state that does.

  #step(text: string, from: number): number {
    switch (this.#state) {
      case "words":
        return this.#words(text, from)
      case "string":
        return this.#inString(text, from)
      case "keyString":
        return this.#inKeyString(text, from)
      case "word":
        return this.#inWord(text, from)
      case "keyWord":
        return this.#inKeyWord(text, from)
    }
    const at = skipJsonSpace(text, from)
    if (at > from && this.#isOpen()) this.#writer?.space(text.slice(from, at))
    if (at === text.length) return at
    const char = text[at]!
    switch (this.#state) {
      case "start":
        return this.#start(char, at)
      case "value":
        return this.#value(char, at)
      case "key":
        return this.#key(char, at)
      case "colon":
        this.#state = char === ":" ? "value" : "broken"
        return at + 1
      default:
        return this.#after(char, at)
    }
  }

  #start(char: string, at: number): number {
    if (char === "{" || char === "[") return this.#openContainer(char, at)
    if (char === "\"") return this.#openString("string", char, "", at)
    this.#state = "words"
    return at
  }

  /** Words at the top: what comes before an object or array, else the value. */
  #words(text: string, from: number): number {
    let at = from
    while (at < text.length && text[at] !== "{" && text[at] !== "[") at++
    if (at === text.length) {
      this.#word += text.slice(from)
      return at
    }
    this.#word = ""
    return this.#openContainer(text[at]!, at)
  }

  #value(char: string, at: number): number {
    if (char === "{" || char === "[") return this.#openContainer(char, at)
    if (char === "\"" || char === "'") {
      return this.#openString("string", char, this.#inArray() ? ",]" : ",}", at)
    }
    if (char === "]" && this.#inArray()) return this.#closeContainer(at)
    this.#state = "word"
    return at
  }

  #key(char: string, at: number): number {
    if (char === "}") return this.#closeContainer(at)
    if (char === "\"" || char === "'") return this.#openString("keyString", char, undefined, at)
    if (isNameCharacter(char.charCodeAt(0))) {
      this.#state = "keyWord"
      return at
    }
    this.#state = "broken"
    return at
  }

  #after(char: string, at: number): number {
    if (char === "]" || char === "}") {
      if (this.#inArray() === (char === "]")) return this.#closeContainer(at)
      this.#state = "broken"
    } else if (char === ",") {
      this.#state = this.#inArray() ? "value" : "key"
      return at + 1
    } else if (char === "\"" || char === "'") {
      this.#state = this.#inArray() ? "value" : "key"
    } else {
      this.#state = "broken"
    }
    return at
  }

  #inString(text: string, from: number): number {
    const at = this.#string.scan(text, from)
    const piece = this.#string.text
    this.#string.text = ""
    if (piece !== "") {
      this.#content += piece
      this.changed = true
    }
    if (this.#isOpen()) this.#writer?.string(piece, this.#string.isClosed)
    if (this.#string.isClosed) this.#put(this.#content)
    return at
  }

  #inKeyString(text: string, from: number): number {
    const at = this.#string.scan(text, from)
    if (this.#string.isClosed) this.#named(this.#string.text)
    return at
  }

  #inKeyWord(text: string, from: number): number {
    let at = from
    while (at < text.length && isNameCharacter(text.charCodeAt(at))) at++
    this.#word += text.slice(from, at)
    if (at < text.length) {
      this.#named(this.#word)
      this.#word = ""
    }
    return at
  }

  #inWord(text: string, from: number): number {
    let at = from
    while (at < text.length && !ends.includes(text[at]!)) at++
    this.#word += text.slice(from, at)
    if (at < text.length) {
      const word = this.#word.trim()
      this.#word = ""
      if (word === "") this.#state = "broken"
      else {
        this.changed = true
        const value = scalar(word)
        this.#writer?.value(number.test(word) ? word : JSON.stringify(value), this.#needsComma())
        this.#put(value)
      }
    }
    return at
  }

  // The tree

  #isOpen(): boolean {
    return this.#frames.length > 0
  }

  /** Whether the value that begins follows another one in its array; in an object its key does. */
  #needsComma(): boolean {
    const frame = this.#frames.at(-1)
    return frame !== undefined && Array.isArray(frame.live) && frame.slots > emptySlots
  }

  #inArray(): boolean {
    return Array.isArray(this.#frames.at(-1)?.live)
  }

  #openString(state: "string" | "keyString", quote: string, followers: string | undefined, at: number): number {
    this.#state = state
    this.#string = new JsonString(quote, followers)
    if (state === "string") {
      this.#content = ""
      this.changed = true
      if (this.#isOpen()) this.#writer?.value("\"", this.#needsComma())
    }
    return at + 1
  }

  #openContainer(char: string, at: number): number {
    if (this.#frames.length === mostLevels) {
      this.isTooDeep = true
      this.#state = "broken"
      return at
    }
    this.hasBegun = true
    this.#writer?.value(char, this.#needsComma())
    this.#frames.push({ live: char === "[" ? [] : {}, key: "", slots: emptySlots })
    this.#state = char === "[" ? "value" : "key"
    this.cost += emptySlots
    this.changed = true
    return at + 1
  }

  #closeContainer(at: number): number {
    const frame = this.#frames.pop()!
    this.#writer?.end(Array.isArray(frame.live) ? "]" : "}")
    this.cost -= frame.slots
    this.#put(frame.live)
    return at + 1
  }

  #named(key: string): void {
    const frame = this.#frames.at(-1)!
    frame.key = key
    this.#writer?.key(key, frame.slots > emptySlots)
    this.#state = "colon"
  }

  /** A value is whole: it goes to where it belongs. Strings, objects and arrays were seen before. */
  #put(value: unknown): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined) {
      this.#root = value
      this.#state = "done"
      return
    }
    if (Array.isArray(frame.live)) frame.live.push(value)
    else define(frame.live, frame.key, value)
    frame.slots++
    this.cost++
    this.#state = "after"
  }
}

/** How deep objects and arrays may be nested: what walks a value, here and elsewhere, does so on the stack. */
export const mostLevels = 200

/** What a copy of a container without items costs. */
const emptySlots = 2

/** What ends a word inside an object or array. */
const ends = ",]}\n\r"

/** A name that a model chose never reaches a prototype: the key is the object's own, as `JSON.parse` has it. */
const define = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[key] = value
  }
}
