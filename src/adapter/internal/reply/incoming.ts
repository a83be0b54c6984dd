/**
 * One field while it arrives: what of it can be shown, what has to wait, and its value in the end.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Document } from "../../../signature/Document.ts"
import type { Field } from "../../../signature/Field.ts"
import { isHighSurrogate, isNullPrefix, isNullWord } from "../../../text/characters.ts"
import { CodeReader } from "../../../text/codeFence.ts"
import { jsonText } from "../../../text/json/word.ts"
import { JsonWriter } from "../../../text/json/writer.ts"
import type { SoFar } from "../../Adapter.ts"
import type { JsonTokens } from "../../Scanner.ts"
import { foldName } from "../spelling.ts"
import { JsonBuilder, slotsPerCharacter } from "../values/builder.ts"
import { denies } from "../values/coerce.ts"
import { JsonReader, readText } from "../values/reader.ts"
import { targetOf } from "../values/target.ts"
import * as Value from "../values/value.ts"
import * as Cited from "./cited.ts"

export interface Incoming {
  readonly field: Field
  /** The text that was shown so far. Once the field is closed, it is the whole text. */
  readonly text: string
  readonly write: (text: string) => void
  /** The text that can be shown now. It may be empty. */
  readonly show: () => string
  /** The rest of the text. It may be empty. */
  readonly close: () => string
  /** Takes the value as tokens of JSON, where nothing of it was written before. Undefined for free text. */
  readonly json: () => JsonTokens | undefined
  /** The reply says that the field is null; nothing was shown of it. */
  readonly setNull: () => void
  /** The closed field is null. */
  readonly isNull: boolean
  /** The value of the closed field. */
  readonly read: () => Value.Read
  /** The value as far as it has come, where it is read while it comes. */
  readonly soFar?: SoFar | undefined
}

/**
 * A field that begins; `bare` text has white space around it that is not part of it. Citations get their places in the documents,
 * where these are known.
 */
export const make = (field: Field, bare: boolean, documents?: ReadonlyArray<Document>): Incoming => {
  const cited = documents === undefined || !field.hasCitations ? undefined : Cited.make(field, documents)
  switch (field.streaming) {
    case "text":
      return new Text(field, bare)
    case "json":
      return new Json(field, cited)
    case "whole":
      return new Whole(field, bare, undefined, cited)
  }
}

/** Free text, as it comes. */
class Text implements Incoming {
  readonly field: Field
  text = ""
  #bare: boolean
  readonly #maybeNothing: boolean
  /** Takes the fence off, where the field is code. */
  readonly #code: CodeReader | undefined
  /** The value of the field where the reply says that there is none. */
  #nothing: Value.Read | undefined
  #fresh = ""
  // Seen, but not shown: white space that may be the last, the first half of a surrogate pair, what may become `null`.
  #held = ""

  constructor(field: Field, bare: boolean) {
    this.field = field
    this.#bare = bare
    this.#maybeNothing = bare && (field.nullable || field.optional)
    this.#code = field.code && new CodeReader(field.code.language)
  }

  write(text: string): void {
    this.#take(this.#code === undefined ? text : this.#code.push(text))
  }

  #take(text: string): void {
    this.#fresh += text
    // White space in a fence is code, and has been cut at its end.
    if (this.#code?.isFenced === true) this.#bare = false
  }

  show(): string {
    let out = this.#fresh
    if (out === "") return ""
    this.#fresh = ""
    if (this.#bare) {
      if (this.#held === "" && this.text === "") out = out.trimStart()
      const body = out.trimEnd()
      if (body === "") {
        this.#held += out
        return ""
      }
      const space = out.slice(body.length)
      out = this.#held + body
      this.#held = space
      if (this.#maybeNothing && this.text === "" && isNullPrefix(out)) {
        this.#held = out + space
        return ""
      }
    } else if (this.#held !== "") {
      out = this.#held + out
      this.#held = ""
    }
    if (isHighSurrogate(out.charCodeAt(out.length - 1))) {
      this.#held = out.slice(-1) + this.#held
      out = out.slice(0, -1)
    }
    return this.#shown(out)
  }

  close(): string {
    if (this.#code !== undefined) this.#take(this.#code.end())
    let out = this.#held + this.#fresh
    this.#held = this.#fresh = ""
    if (this.#bare) {
      out = this.text === "" ? out.trim() : out.trimEnd()
      if (this.text === "" && isNothing(this.field, out)) this.setNull()
    }
    if (this.#nothing === undefined) return this.#shown(out)
    // The value may be a default then. It is shown as if the model had written it.
    const value = this.#value()
    return this.#shown(typeof value === "string" ? value : "")
  }

  json(): undefined {}

  setNull(): void {
    this.#nothing = Value.readNull(this.field)
  }

  get isNull(): boolean {
    return this.#value() === null
  }

  read(): Value.Read {
    return this.#nothing ?? Value.readString(this.field, this.text)
  }

  #value(): unknown {
    return this.#nothing === undefined
      ? undefined
      : Option.getOrUndefined(Option.flatten(Result.getSuccess(this.#nothing)))
  }

  // Half a surrogate pair that stands alone cannot be encoded: it becomes U+FFFD, in what is shown and in the value.
  #shown(out: string): string {
    const text = out.isWellFormed() ? out : out.toWellFormed()
    this.text += text
    return text
  }
}

/** A field that is shown at its end, in the way it was understood: strings as text, everything else as JSON. */
class Whole implements Incoming {
  readonly field: Field
  text = ""
  readonly #bare: boolean
  #raw = ""
  #builder: JsonBuilder | undefined
  readonly #cited: Cited.Cited | undefined
  #read: Value.Read | undefined

  constructor(field: Field, bare: boolean, builder?: JsonBuilder, cited?: Cited.Cited) {
    this.field = field
    this.#bare = bare
    this.#builder = builder
    this.#cited = cited
  }

  write(text: string): void {
    this.#raw += text
  }

  json(): JsonTokens | undefined {
    return this.field.kind === "text" ? undefined : this.#builder ??= new JsonBuilder(targetOf(this.field), readText)
  }

  show(): string {
    return ""
  }

  close(): string {
    const raw = (this.#bare ? this.#raw.trim() : this.#raw).toWellFormed()
    const read = this.#read ??= this.#builder === undefined ? this.#readText(raw) : readBuilt(this.field, this.#builder)
    this.#read = this.#cited?.place(read) ?? read
    // A text that cannot be read is shown as it is.
    this.text = Result.isFailure(this.#read)
      ? this.#builder === undefined ? raw : jsonText(this.#builder.snapshot() ?? null)
      : Option.match(this.#read.success, { onNone: () => "", onSome: (value) => Value.write(this.field, value) })
    return this.text
  }

  #readText(raw: string): Value.Read {
    const read = this.field.kind === "json"
      ? Value.readJson(this.field, raw)
      : this.#bare && isNothing(this.field, raw)
      ? Value.readNull(this.field)
      : Value.readString(this.field, raw)
    const inner = this.#bare && Result.isFailure(read) ? withoutName(raw, this.field.name) : undefined
    if (inner === undefined) return read
    const again = this.#readText(inner)
    return Result.isSuccess(again) ? again : read
  }

  setNull(): void {
    this.#read = Value.readNull(this.field)
  }

  get isNull(): boolean {
    return this.#read !== undefined && Option.getOrUndefined(Option.flatten(Result.getSuccess(this.#read))) === null
  }

  read(): Value.Read {
    return this.#read!
  }
}

/**
 * An object or array, as JSON while it comes, however it is written; what stands around it is not shown. What is written in its
 * place, such as a list in Markdown, is shown at its end.
 */
class Json implements Incoming, SoFar {
  readonly field: Field
  text = ""
  /** How many characters have come since the last snapshot. */
  #unspent = 0
  readonly #writer = new JsonWriter()
  readonly #reader: JsonReader
  readonly #cited: Cited.Cited | undefined
  #instead: Whole | undefined
  #isRead = false
  #isWhole = false

  constructor(field: Field, cited?: Cited.Cited) {
    this.field = field
    this.#reader = new JsonReader(targetOf(field), this.#writer, readText, cited?.complete)
    this.#cited = cited
    this.#instead = new Whole(field, true, undefined, cited)
  }

  write(text: string): void {
    this.#reader.push(text)
    if (this.#reader.value.hasBegun) this.#instead = undefined
    else this.#instead?.write(text)
  }

  json(): JsonTokens {
    this.#isRead = true
    return this.#reader.value
  }

  show(): string {
    const written = this.#writer.take()
    this.text += written
    this.#unspent += written.length
    return written
  }

  /** Is there once it is known that an object or array comes. */
  get soFar(): SoFar | undefined {
    return this.#instead === undefined || this.#reader.value.hasBegun ? this : undefined
  }

  /**
   * The value so far, or `undefined` where it is too early for a new one. A snapshot copies every object and array that is still
   * open. It waits until enough characters have come since the last one, so that the cost of all snapshots together is linear in
   * the text.
   */
  snapshot(isLast: boolean): unknown {
    const { value } = this.#reader
    if (!isLast && (!value.changed || value.cost > this.#unspent * slotsPerCharacter)) return undefined
    this.#unspent = 0
    return value.written()
  }

  close(): string {
    const { value } = this.#reader
    if (value.hasBegun) {
      this.#instead = undefined
      this.#isWhole = this.#isRead ? value.isWhole && value.problem === "" : this.#reader.end()
      return this.show()
    }
    if (this.#isRead) this.#instead = new Whole(this.field, true, value, this.#cited)
    this.text = this.#instead!.close()
    return this.text
  }

  setNull(): void {
    this.#instead?.setNull()
  }

  get isNull(): boolean {
    return this.#instead?.isNull === true
  }

  read(): Value.Read {
    if (this.#instead !== undefined) return this.#instead.read()
    const { rest, value } = this.#reader
    if (!this.#isWhole || value.isTooDeep) return readProblem(this.field, value)
    const written = Value.readValue(this.field, value.root)
    const read = this.#cited?.place(written) ?? written
    return Result.isSuccess(read) && Value.hasAnother(this.field, rest, value.root)
      ? Value.unreadable(this.field, Value.hasSeveral)
      : read
  }
}

/** Whether running text says that there is nothing: a word for null, and no text where the field may be left out. */
const isNothing = ({ nullable, optional }: Field, text: string): boolean =>
  isNullWord(text) ? nullable || optional : text === "" && optional && !nullable

/** The value behind the field's name, or in an element of its own; undefined where it is not written so. */
const withoutName = (text: string, name: string): string | undefined => {
  if (text.length > mostNamed) return undefined
  const [, label, value] = named.exec(text) ?? []
  if (label !== undefined && foldName(label) === foldName(name)) return value
  const [, element, inner] = inElement.exec(text) ?? []
  return element === undefined || denies.test(element) ? undefined : inner
}

const mostNamed = 2000
const named =
  /^[*_`"']{0,3}([\p{L}\p{Nl}_][\p{L}\p{M}\p{N}_ -]{0,99}?)[*_`"']{0,3}[ \t]*[:=][*_]{0,2}(?![:=])\s*([^]+)$/u
const inElement = /^<([\p{L}\p{Nl}_][\p{L}\p{M}\p{N}_-]{0,99})>\s*([^<>]+?)\s*<\/\1>$/u

const readBuilt = (field: Field, built: JsonBuilder): Value.Read =>
  built.isWhole && !built.isTooDeep && built.problem === ""
    ? Value.readValue(field, built.root)
    : readProblem(field, built)

const readProblem = (field: Field, { isTooDeep, problem }: JsonBuilder): Value.Read =>
  Value.unreadable(
    field,
    isTooDeep ? Value.isTooDeep : problem === "" ? Value.isNotRead(field) : `${Value.isNotRead(field)}: ${problem}`
  )
