/**
 * Makes a value of the tokens of JSON while they come: in the form that its target wants, with snapshots on the way, written
 * again as JSON for those who follow it.
 *
 * What has the form that is wanted is taken and written as it comes. A scalar that has to become another one, and an object
 * or array in the place of something else, is read to its end first.
 */
import { isHighSurrogate } from "../../../text/characters.ts"
import type { Tokens } from "../../../text/json/parser.ts"
import { isUnsafe, jsonText, number } from "../../../text/json/word.ts"
import type { JsonWriter } from "../../../text/json/writer.ts"
import * as Coerce from "./coerce.ts"
import { any, type Target } from "./target.ts"

/**
 * An object or array that is open. `slots` is the cost of a copy: one for itself, one for what is open in it, and one for
 * each item.
 */
interface Frame {
  readonly live: Array<unknown> | Record<string, unknown>
  readonly target: Target
  /** Another value was asked for. It is made of this one when this one is whole. */
  readonly instead: Target | undefined
  key: string
  slots: number
  /** The value that comes is left out. */
  isLeftOut: boolean
}

/** What the program sets in a citation that is whole; nothing where it has no place. */
export type Complete = (citation: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>

export class JsonBuilder implements Tokens {
  /** The value, once it is whole. */
  root: unknown
  isWhole = false
  /** Why no value could be made of the tokens. Empty where one could. */
  problem = ""
  /** The value is nested more than {@link mostLevels} levels deep, and is not read further. */
  isTooDeep = false
  /** Something that a snapshot shows has changed since the last one. */
  changed = false
  /** An object or array has begun that is written as it comes. Nothing before it counted. */
  hasBegun = false
  /** What a snapshot costs: the slots of the open containers, which it copies. */
  cost = 0
  readonly #target: Target
  readonly #writer: JsonWriter | undefined
  readonly #readText: Coerce.ReadText
  readonly #complete: Complete | undefined
  readonly #frames: Array<Frame> = []
  /** What has come of the string that is open. */
  #content: string | undefined
  /** What the string that is open has to be, where it is written as it comes or has to become something else. */
  #isWritten = false
  #wanted: Target = any
  /** The key of the value that comes is not written yet: `null` would say that there is none. */
  #isKeyHeld = false
  /** How many of the open values are not written, because one around them stands in the place of something else. */
  #silent = 0
  /** A value comes that the program sets: it is left out, and counts among those that are not written. */
  #leavesOut = false
  /** How many of the open values are nested too deep. */
  #tooDeep = 0

  constructor(target: Target, readText: Coerce.ReadText, writer?: JsonWriter, complete?: Complete) {
    this.#target = target
    this.#readText = readText
    this.#writer = writer
    this.#complete = complete
  }

  /** The value so far; undefined where nothing of it has come. It never changes afterwards. */
  snapshot(): unknown {
    return this.#copy(this.#content, this.#frames.length)
  }

  /**
   * The value so far, as far as it is written as it comes. Left out are values that become something else when they are
   * whole, and half a character.
   */
  written(): unknown {
    const content = this.#isWritten ? this.#content : undefined
    const silent = this.#leavesOut ? this.#silent - 1 : this.#silent
    return this.#copy(content === undefined ? undefined : whole(content), this.#frames.length - silent)
  }

  /** The value with this text as its innermost string. `frames` says how many of the open containers it has. */
  #copy(content: string | undefined, frames: number): unknown {
    this.changed = false
    let value = content ?? this.root
    let present = content !== undefined
    for (let i = frames - 1; i >= 0; i--) {
      const { key, live } = this.#frames[i]!
      if (Array.isArray(live)) value = present ? [...live, value] : [...live]
      else value = present ? { ...live, [key]: value } : { ...live }
      present = true
    }
    return value
  }

  // Tokens

  open(bracket: "{" | "[", firstKey?: string): void {
    if (this.#tooDeep > 0 || this.#frames.length === mostLevels) {
      this.isTooDeep = true
      this.#tooDeep++
      return
    }
    const wanted = this.#slot()
    const isWanted = wanted.isAny || wanted.isSeveral ||
      (bracket === "[" ? wanted.array !== undefined : isObject(wanted, firstKey))
    const isFirst = this.#frames.length === 0
    if (this.#silent > 0 || !isWanted) this.#silent++
    else {
      this.#writeKey()
      this.#writer?.value(bracket, this.#needsComma())
      if (isFirst) this.hasBegun = true
    }
    this.#frames.push({
      live: bracket === "[" ? [] : {},
      target: isWanted && this.#silent === 0 ? wanted : any,
      instead: isWanted || this.#silent > 1 ? undefined : wanted,
      key: "",
      slots: emptySlots,
      isLeftOut: false
    })
    this.cost += emptySlots
    this.changed = true
  }

  close(): void {
    if (this.#tooDeep > 0) {
      this.#tooDeep--
      return
    }
    const frame = this.#frames.pop()!
    const { instead, live, slots } = frame
    this.#isKeyHeld &&= this.#silent > 0
    this.cost -= slots
    if (this.#silent === 0) {
      if (this.#complete !== undefined && frame.target.object?.isCitation === true) this.#addTo(frame, this.#complete)
      this.#writer?.end(Array.isArray(live) ? "]" : "}")
      this.#put(live)
    } else if (--this.#silent === 0) {
      const value = Coerce.ofValue(live, instead ?? any, this.#readText)
      this.#writeWhole(value)
      this.#put(value)
    } else this.#put(live)
  }

  key(name: string): void {
    if (this.#tooDeep > 0) return
    const frame = this.#frames[this.#frames.length - 1]!
    frame.key = frame.target.object?.resolve(name) ?? name
    if (this.#silent > 0) return
    if (frame.target.object?.isSetHere(frame.key) === true) {
      frame.isLeftOut = this.#leavesOut = true
      this.#silent++
      return
    }
    this.#isKeyHeld = true
    if (frame.target.object?.mayLack(frame.key) !== true) this.#writeKey()
  }

  beginString(): void {
    if (this.#tooDeep > 0) return
    this.#content = ""
    this.#wanted = this.#slot()
    this.#isWritten = Coerce.takesText(this.#wanted) && this.#silent === 0 && this.#frames.length > 0
    this.changed = true
    if (!this.#isWritten) return
    this.#writeKey()
    this.#writer?.value("\"", this.#needsComma())
  }

  string(piece: string): void {
    if (this.#content === undefined) return
    this.#content += piece
    this.changed = true
    if (this.#isWritten) this.#writer?.string(piece)
  }

  endString(): void {
    const text = this.#content
    if (text === undefined) return
    this.#content = undefined
    if (this.#isWritten) {
      this.#writer?.endString()
      this.#put(text)
      return
    }
    const value = this.#silent > 0 ? text : Coerce.ofString(text, this.#wanted, this.#readText)
    this.#writeWhole(value)
    this.#put(value)
  }

  word(word: string): void {
    if (this.#tooDeep > 0) return
    const wanted = this.#slot()
    if (wanted.isAny || wanted.isSeveral) {
      if (isUnsafe(word)) this.problem = `has a whole number that is too large: ${word.slice(0, 40)}`
      else if (/^[+.-]?\d/.test(word) && !(number.test(word) && Number.isFinite(Number(word)))) {
        this.problem = `has what is no number: ${word.slice(0, 40)}`
      }
    }
    const value = Coerce.ofWord(word, wanted, this.#readText)
    if (value === null && this.#isKeyHeld && this.#silent === 0) {
      this.#isKeyHeld = false
      return
    }
    this.changed = true
    this.#writeWhole(value, typeof value === "number" && number.test(word) ? word : undefined)
    this.#put(value)
  }

  space(text: string): void {
    if (this.#silent === 0 && this.#tooDeep === 0) this.#writer?.space(text)
  }

  words(): void {}

  wantsArray(): boolean {
    const { array, isAny, object } = this.#slot()
    return !isAny && array !== undefined && object === undefined
  }

  knows(key: string): boolean {
    const frame = this.#frames[this.#frames.length - 1]
    if (frame === undefined) return false
    const { object } = frame.target
    const name = object?.resolve(key) ?? key
    return name !== frame.key && !Object.hasOwn(frame.live, name) &&
      (object === undefined || object.isOpen || object.resolve(key) !== undefined)
  }

  fail(problem: string): boolean {
    this.problem = problem
    return false
  }

  // The tree

  /** What may stand where the next value stands. */
  #slot(): Target {
    const frame = this.#frames[this.#frames.length - 1]
    if (frame === undefined) return this.#target
    const { key, live, target } = frame
    return (Array.isArray(live) ? target.array?.at(live.length) : target.object?.at(key)) ?? any
  }

  /** Whether the value that begins follows another one in its array; in an object its key does. */
  #needsComma(): boolean {
    const frame = this.#frames[this.#frames.length - 1]
    return frame !== undefined && Array.isArray(frame.live) && frame.slots > emptySlots
  }

  #writeKey(): void {
    if (!this.#isKeyHeld) return
    this.#isKeyHeld = false
    const frame = this.#frames[this.#frames.length - 1]!
    this.#writer?.key(frame.key, frame.slots > emptySlots)
  }

  /** Writes a value that was not written while it came; outside of objects and arrays it is written at its end. */
  #writeWhole(value: unknown, json?: string): void {
    if (this.#silent > 0 || this.#frames.length === 0) return
    this.#writeKey()
    if (this.#writer === undefined) return
    this.#writer.value(json ?? jsonText(value), this.#needsComma())
  }

  /** Adds what the program sets to a citation, before its end is written. */
  #addTo({ live, slots }: Frame, complete: Complete): void {
    if (Array.isArray(live)) return
    const isEmpty = slots === emptySlots
    for (const [at, [key, value]] of Object.entries(complete(live)).entries()) {
      this.#writer?.key(key, !isEmpty || at > 0)
      this.#writer?.value(jsonText(value), false)
      define(live, key, value)
    }
  }

  /** A value is whole: it goes to where it belongs. */
  #put(value: unknown): void {
    const frame = this.#frames[this.#frames.length - 1]
    if (frame?.isLeftOut === true) {
      frame.isLeftOut = this.#leavesOut = false
      this.#silent--
      return
    }
    if (frame === undefined) {
      this.root = value
      this.isWhole = true
      return
    }
    let slots = 1
    if (Array.isArray(frame.live)) frame.live.push(value)
    else {
      slots = frame.slots > mostFastSlots ? slowSlots : memberSlots
      if (Object.hasOwn(frame.live, frame.key) && jsonText(frame.live[frame.key]) !== jsonText(value)) {
        this.problem = `has the key ${JSON.stringify(frame.key.slice(0, 40))} twice`
      }
      define(frame.live, frame.key, value)
    }
    frame.slots += slots
    this.cost += slots
  }
}

/** Whether an object with this first key is the one that is wanted, and not another object around it. */
const isObject = ({ object }: Target, firstKey: string | undefined): boolean =>
  object !== undefined && (object.isOpen || firstKey === undefined || object.resolve(firstKey) !== undefined)

/** How deep objects and arrays may be nested: what walks a value, here and elsewhere, does so on the stack. */
export const mostLevels = 200

const whole = (text: string): string => isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.slice(0, -1) : text

/** How many slots of a snapshot a character pays for. */
export const slotsPerCharacter = 8

/** What a copy of a container without items costs. */
const emptySlots = 2

/** What a copy costs for each member of an object; one of many members is a hash table to the engine. */
const memberSlots = 2
const mostFastSlots = 66
const slowSlots = 48

/** A name that a model chose never reaches a prototype: the key is the object's own, as `JSON.parse` has it. */
const define = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[key] = value
  }
}
