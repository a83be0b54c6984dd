/**
 * Reads replies that are one JSON object, whose first-level keys are the output fields.
 *
 * What stands before the object and after it is ignored, but for another object with fields, which is the reply corrected. The
 * strings of fields of kind `text` are written as they come, other values as tokens. Where an object has no field at its first
 * level it may be wrapped around one that has them, or be the value of the only field itself. Where the object goes on in a
 * way that is no JSON, the reply is wrong: a part of a value may have been lost.
 *
 * Under a marker of something else than an output, a prompt is repeated or the next question made up: nothing counts from
 * there on.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import { JsonParser, type Tokens } from "../../text/json/parser.ts"
import { isConstant, isNothingWord, withoutFence } from "../../text/json/word.ts"
import { JsonWriter } from "../../text/json/writer.ts"
import { ThoughtBeforeObject } from "../../text/thoughts/beforeObject.ts"
import { inputSpellingsOf, outputsOf, spellingsOf } from "../internal/perSignature.ts"
import { followingOf } from "../internal/reply/following.ts"
import { foldName, isOneOff } from "../internal/spelling.ts"
import { JsonBuilder } from "../internal/values/builder.ts"
import { readText } from "../internal/values/reader.ts"
import { any, targetOf } from "../internal/values/target.ts"
import type { JsonTokens, Make, Scanner, Sink } from "../Scanner.ts"
import { PromptMarkers } from "./promptMarkers.ts"
import { isValueOf, say, textIn, wrappedFields } from "./wrapping.ts"

export const jsonScanner: Make = Object.assign(
  (signature: Signature.Any) => new JsonScanner(signature),
  {
    // Objects and lists, a string that is the value of the only field, and the tags of thoughts; a number may be such a value.
    signs: ({ outputFields }: Signature.Any) =>
      outputFields.length === 1 && outputFields[0]!.kind === "json" ? undefined : /[{["<&\u25c1]/
  }
)

class JsonScanner implements Scanner, Tokens {
  readonly #signature: Signature.Any
  readonly #outputs: ReadonlyMap<string, Field>
  readonly #resolve: (spelling: string) => string | undefined
  readonly #thoughts = new ThoughtBeforeObject()
  #parser = new JsonParser(this, "objects")
  /** Where the fields go: the decoder behind the push that is under way. */
  #sink!: Sink
  #depth = 0
  #isInString = false
  /** The string that is open is a field's, and is written as text. */
  #isText = false
  /** An object has had a field: it is the reply. */
  #isReply = false
  /** The object that is open has had a field. */
  #hasFields = false
  /** The fields whose keys the object that is open has had. */
  readonly #seen = new Set<string>()
  /** The fields whose keys the reply has. */
  #inReply: ReadonlySet<string> = new Set()
  /** The keys of the object that is open that are no fields, with their values. */
  #others = new Map<string, unknown>()
  #key = ""
  /** The output field whose value comes; undefined for any other key. */
  #field: Field | undefined
  /** Takes the value that comes, if it is one that has tokens: of a field, or of another key. */
  #tokens: JsonTokens | undefined
  /** The value of another key, or of a field of text that is no string. */
  #built: JsonBuilder | undefined
  #writer: JsonWriter | undefined
  /** What stands behind the object that is the reply. */
  #behind = ""
  /** The object that is open is another reply beside the first, which it does not correct. */
  #isAnother = false
  /** The model has begun to play the next turn. */
  #isOver = false
  /** All of a reply that has no object yet, where it may be the value of the only field itself. */
  #bare = ""
  readonly #only: Field | undefined
  /** Markers in the words around objects. */
  readonly #markers: PromptMarkers

  constructor(signature: Signature.Any) {
    this.#signature = signature
    this.#outputs = outputsOf(signature)
    this.#only = signature.outputFields.length === 1 ? signature.outputFields[0] : undefined
    this.#resolve = spellingsOf(signature).resolve
    this.#markers = new PromptMarkers(this.#resolve)
  }

  push(text: string, sink: Sink): void {
    if (this.#isText && this.#thoughts.isIdle && this.#parser.isMore(text, tagBegins)) return sink.write(text)
    this.#sink = sink
    const answer = this.#thoughts.push(text)
    if (this.#only !== undefined && !this.#isReply) this.#bare = answer ?? this.#bare + text
    if (answer === undefined) this.#parser.push(text)
    else {
      if (this.#isReply) sink.takeBack()
      this.#parser = new JsonParser(this, "objects")
      this.#depth = 0
      this.#isReply =
        this.#isAnother =
        this.#isOver =
        this.#hasFields =
        this.#isInString =
        this.#isText =
          false
      this.#tokens =
        this.#built =
        this.#writer =
        this.#field =
          undefined
      this.#parser.push(answer)
    }
  }

  end(sink: Sink): void {
    this.#sink = sink
    const isCut = this.#depth > 0
    this.#parser.end()
    const word = this.#depth === 1 ? this.#parser.lastWords : ""
    // A part of a number is a number, and a part of a word is one.
    if (isConstant(word)) this.word(word)
    else if (word !== "" || this.#isInValue()) this.#cut()
    if (this.#depth > 0) this.#endObject()
    if (!this.#isReply && this.#only !== undefined) this.#bareValue(this.#only)
    if (this.#isReply && this.#others.size > 0 && /^\s*\}/.test(this.#behind)) {
      this.#sink.issue("the reply's JSON is not valid: a bracket too many may have ended a value before its last key")
    }
    if (this.#isReply && ((isCut && this.#hasFields) || this.#hasOutside())) this.#checkMissing()
    if (this.#isReply) this.#checkNearly()
    const again = this.#isReply && !this.#isOver ? this.#fieldBehind() : undefined
    if (again !== undefined) {
      this.#sink.issue("stands in an object and behind it: write nothing but the object", again)
    }
  }

  /** A reply without an object may be the value of the only field: a list, a string in quotes, or a scalar. */
  #bareValue(field: Field): void {
    const text = withoutFence(this.#bare.trim())
    const { array, isAny, object } = targetOf(field)
    if (field.kind === "text") {
      const json = text.startsWith("\"") && text.endsWith("\"") ? readText(`[${text}]`, any) : undefined
      const value = Array.isArray(json) && json.length === 1 ? json[0] : undefined
      // The field's name may be the key that the reply began with.
      if (typeof value !== "string" || this.#resolve(value) !== undefined) return
      this.#sink.open(field.name)
      this.#sink.write(value)
    } else {
      const isScalar = !isAny && array === undefined && object === undefined
      if (!text.startsWith("[") && (!isScalar || text === "" || text.includes("{"))) return
      this.#sink.open(field.name, { bare: true })
      this.#sink.write(text)
    }
    this.#sink.close()
  }

  /** Where the object did not end, or ended too early, a field that is missing was lost. */
  #checkMissing(): void {
    const missing = [...this.#outputs.keys()].filter((name) => !this.#inReply.has(name))
    if (missing.length > 0) this.#sink.issue(`the reply's JSON is not valid: it ends before ${missing.join(", ")}`)
  }

  /** A key that is nearly the name of a field that may be left out, and is not there. */
  #checkNearly(): void {
    for (const name of this.#outputs.keys()) {
      if (this.#inReply.has(name) || name.length < leastSimilar) continue
      const key = [...this.#others.keys()].find((key) => isOneOff(foldName(key), foldName(name)))
      if (key !== undefined && inputSpellingsOf(this.#signature).resolve(key) === undefined) {
        this.#sink.issue(`is missing, but ${JSON.stringify(key)} is there`, name)
      }
    }
  }

  /** Whether a field's key stands behind the object. */
  #hasOutside(): boolean {
    for (const [, key] of this.#behind.matchAll(/["']([^"'\r\n]{1,100})["']\s*:/g)) {
      if (this.#resolve(key!) !== undefined) return true
    }
    return false
  }

  /** The field that comes again behind the object, in a section or an element of its own. */
  #fieldBehind(): string | undefined {
    for (const [, section, element] of this.#behind.matchAll(otherForms)) {
      const name = this.#resolve(section ?? element!)
      if (name !== undefined) return name
    }
    return undefined
  }

  #isInValue(): boolean {
    return this.#depth > 1 || this.#isInString
  }

  #cut(): void {
    if (this.#field !== undefined) {
      this.#sink.issue("is cut off: the reply ends before the value does", this.#field.name)
    }
  }

  // Tokens

  open(bracket: "{" | "[", firstKey?: string): void {
    if (++this.#depth === 1) {
      this.#hasFields = false
      const following = this.#isReply && !this.#isOver ? followingOf(this.#behind, this.#signature) : "anew"
      this.#isAnother = following === "other"
      if (following === "turn") this.#isOver = true
      if (!this.#isOver) this.#behind = ""
      this.#seen.clear()
      this.#others = new Map()
      return
    }
    if (this.#depth === 2) this.#beginValue()
    this.#tokens?.open(bracket, firstKey)
  }

  close(): void {
    if (--this.#depth === 0) return this.#endObject()
    this.#tokens?.close()
    if (this.#depth === 1) this.#endValue()
  }

  key(name: string): void {
    if (this.#depth > 1) {
      this.#tokens?.key(name)
      return
    }
    this.#key = name
    const known = this.#isOver ? undefined : this.#resolve(name)
    this.#field = known === undefined || this.#isAnother ? undefined : this.#outputs.get(known)
    if (known === undefined) return
    if (this.#isAnother) return this.#sink.issue("the reply has several objects, where one was asked for", known)
    if (this.#seen.has(known)) this.#sink.issue("is there twice", known)
    this.#seen.add(known)
  }

  beginString(): void {
    this.#isInString = true
    if (this.#depth === 1) {
      this.#beginValue(true)
      this.#isText = this.#field !== undefined && this.#tokens === undefined
    }
    this.#tokens?.beginString()
  }

  string(piece: string): void {
    if (this.#tokens !== undefined) this.#tokens.string(piece)
    else if (this.#field !== undefined) this.#sink.write(piece)
  }

  endString(): void {
    this.#isInString = this.#isText = false
    this.#tokens?.endString()
    if (this.#depth === 1) this.#endValue()
  }

  word(word: string): void {
    if (this.#depth > 1) {
      this.#tokens?.word(word)
      return
    }
    if (this.#field?.kind === "text" && isNothingWord(word)) {
      this.#beginField()
      this.#sink.setNull(this.#field.name)
      return
    }
    this.#beginValue(true)
    if (this.#tokens !== undefined) this.#tokens.word(word)
    else if (this.#field !== undefined) this.#sink.write(word)
    this.#endValue()
  }

  space(text: string): void {
    if (this.#depth > 1) this.#tokens?.space(text)
  }

  wantsArray(): boolean {
    return this.#depth > 1
      ? this.#tokens?.wantsArray() === true
      : this.#field !== undefined && this.#field.kind === "json" && targetOf(this.#field).array !== undefined
  }

  knows(key: string): boolean {
    if (this.#depth > 1) return this.#tokens?.knows(key) !== false
    const name = this.#resolve(key)
    return name !== undefined && !this.#seen.has(name)
  }

  words(text: string): void {
    if (this.#isReply && this.#behind.length < mostBehind) this.#behind += text
    if (this.#markers.hasOther(text)) this.#parser.stop()
  }

  fail(problem: string): boolean {
    this.#depth = 0
    this.#isInString = this.#isText = false
    if (!this.#hasFields) return true
    this.#sink.issue(`the reply's JSON is not valid: ${problem}`, this.#field?.name)
    return false
  }

  // Values

  /** A field is in the object: the object is the reply, or the reply once more, corrected. */
  #beginField(): void {
    if (!this.#hasFields && this.#isReply) this.#sink.takeBack()
    this.#hasFields = this.#isReply = true
  }

  #beginValue(isScalar = false): void {
    this.#tokens = this.#built = this.#writer = undefined
    const field = this.#field
    if (field === undefined) {
      this.#tokens = this.#built = new JsonBuilder(any, readText)
      return
    }
    this.#beginField()
    if (!this.#sink.open(field.name, { bare: field.kind === "json" })) {
      this.#field = undefined
      return
    }
    this.#tokens = this.#sink.json()
    if (this.#tokens !== undefined || isScalar) return
    // An object or array for a text: its wrapping, or its JSON as text.
    this.#writer = new JsonWriter()
    this.#tokens = this.#built = new JsonBuilder(any, readText, this.#writer)
  }

  #endValue(): void {
    if (this.#field === undefined) {
      if (this.#built?.isWhole === true) this.#others.set(this.#key, this.#built.root)
    } else {
      if (this.#writer !== undefined) this.#sink.write(textIn(this.#built!.root) ?? this.#writer.take())
      this.#sink.close()
    }
    this.#tokens = this.#built = this.#writer = undefined
    this.#field = undefined
  }

  #endObject(): void {
    this.#depth = 0
    if (this.#isOver) return
    if (this.#hasFields) {
      this.#inReply = new Set(this.#seen)
      return
    }
    const [only] = this.#signature.outputFields
    const others = Object.fromEntries(this.#others)
    const inner = wrappedFields(others, (key) => this.#resolve(key) !== undefined)
    if (inner !== undefined) this.#tell(inner)
    else if (this.#signature.outputFields.length === 1 && isValueOf(only!, others)) this.#tell({ [only!.name]: others })
  }

  /** The fields of an object that was read already. */
  #tell(object: object): void {
    this.#depth = 1
    for (const [key, value] of Object.entries(object)) {
      this.key(key)
      if (this.#field !== undefined) say(this, value)
    }
    this.#depth = 0
    this.#inReply = new Set(this.#seen)
  }
}

/** The code of `<`, with which a tag of thoughts may begin. */
const tagBegins = 60

/** Shorter names are all alike. */
const leastSimilar = 3

/** A marker or an opening tag that begins its line. */
const otherForms =
  /[\r\n][ \t]*(?:\[\[ ## ([^#[\]\r\n]{1,100}) ## \]\][ \t]*(?:[\r\n]|$)|<([\p{L}\p{Nl}_][\p{L}\p{M}\p{N}_-]{0,99})>)/gu
const mostBehind = 10_000
