/**
 * Reads replies that are one JSON object, whose first-level keys are the output fields.
 *
 * What stands before the object and after it is ignored. The strings of fields of kind `text` are decoded as they come,
 * any other value is passed on as JSON text. Where the object goes on in a way that is no JSON, the reply is wrong: a
 * part of a value may have been lost.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { Scanner, Sink } from "../Scanner.ts"
import { isNullWord } from "./characters.ts"
import { JsonString, skipJsonSpace } from "./jsonString.ts"
import { outputsOf, spellingsOf } from "./perSignature.ts"

export const jsonScanner = (signature: Signature.Any): Scanner => new JsonScanner(signature)

type State = "prose" | "key" | "keyString" | "colon" | "value" | "string" | "nested" | "word" | "after" | "done"

class JsonScanner implements Scanner {
  readonly #outputs: ReadonlyMap<string, Field>
  readonly #resolve: (spelling: string) => string | undefined
  #state: State = "prose"
  /** The output field whose value comes; undefined for any other key. */
  #field: Field | undefined
  /** Keys were seen: what began with a brace is an object. */
  #isObject = false
  /** A field was seen: the object is the reply. */
  #isReply = false
  #isBroken = false
  #string = new JsonString("\"", "")
  /** The string inside a nested value, while one is open. */
  #inner: JsonString | undefined
  #depth = 0
  #word = ""

  constructor(signature: Signature.Any) {
    this.#outputs = outputsOf(signature)
    this.#resolve = spellingsOf(signature).resolve
  }

  push(text: string, sink: Sink): void {
    let at = 0
    while (at < text.length && this.#state !== "done") at = this.#step(text, at, sink)
  }

  end(sink: Sink): void {
    switch (this.#state) {
      case "string": {
        const isClosed = this.#string.end()
        this.#writeString(sink)
        if (!isClosed) this.#cut(sink)
        return
      }
      case "nested":
        return this.#depth === 0 && this.#inner?.end() === true ? undefined : this.#cut(sink)
      case "word":
        return this.#endWord(sink)
    }
  }

  #cut(sink: Sink): void {
    if (this.#field !== undefined) sink.issue("is cut off: the reply ends before the value does", this.#field.name)
  }

  // Each step takes at least one character, or moves on to a state that does.

  #step(text: string, from: number, sink: Sink): number {
    switch (this.#state) {
      case "prose":
        return this.#prose(text, from)
      case "keyString":
        return this.#inKey(text, from)
      case "string":
        return this.#inString(text, from, sink)
      case "nested":
        return this.#inNested(text, from, sink)
      case "word":
        return this.#inWord(text, from, sink)
    }
    const at = skipJsonSpace(text, from)
    if (at === text.length) return at
    const char = text[at]!
    switch (this.#state) {
      case "key":
        return this.#key(char, at, sink)
      case "colon":
        return this.#colon(char, at, sink)
      case "value":
        return this.#value(char, at, sink)
      default:
        return this.#after(char, at, sink)
    }
  }

  #prose(text: string, from: number): number {
    const brace = text.indexOf("{", from)
    if (brace === -1) return text.length
    this.#state = "key"
    this.#isObject = false
    return brace + 1
  }

  #key(char: string, at: number, sink: Sink): number {
    if (char === "\"" || char === "'") {
      this.#string = new JsonString(char)
      this.#state = "keyString"
      return at + 1
    }
    if (char === "}") return this.#endObject(at)
    return this.#junk(at, sink)
  }

  #inKey(text: string, from: number): number {
    const at = this.#string.scan(text, from)
    if (this.#string.isClosed) this.#state = "colon"
    return at
  }

  #colon(char: string, at: number, sink: Sink): number {
    if (char !== ":") return this.#junk(at, sink)
    const name = this.#resolve(this.#string.text)
    this.#field = name === undefined ? undefined : this.#outputs.get(name)
    this.#isObject = true
    this.#state = "value"
    return at + 1
  }

  #value(char: string, at: number, sink: Sink): number {
    if (char === "{" || char === "[") {
      this.#begin(sink)
      this.#state = "nested"
      return at
    }
    if (char === "\"" || char === "'") {
      this.#begin(sink)
      // A string in single quotes is not JSON text: it is passed on as the string that it is.
      if (this.#field?.kind !== "json" || char === "'") {
        this.#string = new JsonString(char, ",}")
        this.#state = "string"
        return at + 1
      }
      this.#state = "nested"
      return at
    }
    this.#word = ""
    this.#state = "word"
    return at
  }

  #after(char: string, at: number, sink: Sink): number {
    if (char === ",") {
      this.#state = "key"
      return at + 1
    }
    if (char === "}") return this.#endObject(at)
    // A comma was forgotten.
    if (char === "\"" || char === "'") {
      this.#state = "key"
      return at
    }
    return this.#junk(at, sink)
  }

  /** No JSON: before the first key the brace was prose, later the reply is wrong. */
  #junk(at: number, sink: Sink): number {
    if (!this.#isObject) {
      this.#state = "prose"
      return at
    }
    if (!this.#isBroken && this.#isReply) {
      this.#isBroken = true
      sink.issue(
        "the reply's JSON is not valid: something follows that is neither a key nor the end",
        this.#field?.name
      )
    }
    this.#state = "after"
    return at + 1
  }

  #endObject(at: number): number {
    this.#state = this.#isReply ? "done" : "prose"
    return at + 1
  }

  // Values

  #begin(sink: Sink): void {
    if (this.#field === undefined) return
    this.#isReply = true
    if (!sink.open(this.#field.name, { bare: this.#field.kind === "json" })) this.#field = undefined
  }

  #endValue(sink: Sink): void {
    if (this.#field !== undefined) sink.close()
    this.#state = "after"
  }

  #inString(text: string, from: number, sink: Sink): number {
    const at = this.#string.scan(text, from)
    this.#writeString(sink)
    if (this.#string.isClosed) this.#endValue(sink)
    return at
  }

  #writeString(sink: Sink): void {
    if (this.#field !== undefined && this.#string.text !== "") sink.write(this.#string.text)
    this.#string.text = ""
  }

  /** An object, an array, or a string that is passed on with its quotes. */
  #inNested(text: string, from: number, sink: Sink): number {
    let at = from
    let isOpen = true
    while (isOpen && at < text.length) {
      if (this.#inner !== undefined) {
        at = this.#inner.scan(text, at)
        this.#inner.text = ""
        if (!this.#inner.isClosed) break
        this.#inner = undefined
        isOpen = this.#depth > 0
        continue
      }
      const char = text[at++]!
      if (char === "\"" || char === "'") this.#inner = new JsonString(char, this.#depth === 0 ? ",}" : ":,]}")
      else if (char === "{" || char === "[") this.#depth++
      else if (char === "}" || char === "]") isOpen = --this.#depth > 0
    }
    if (this.#field !== undefined) sink.write(text.slice(from, at))
    if (!isOpen) this.#endValue(sink)
    return at
  }

  #inWord(text: string, from: number, sink: Sink): number {
    let at = from
    while (at < text.length && !ends.includes(text[at]!)) at++
    this.#word += text.slice(from, at)
    if (at < text.length) this.#endWord(sink)
    return at
  }

  /** A number, a constant, or something that should have quotes. */
  #endWord(sink: Sink): void {
    const word = this.#word.trim()
    this.#state = "after"
    if (this.#field === undefined || word === "") return
    this.#isReply = true
    if (this.#field.kind === "text" && isNullWord(word)) {
      sink.setNull(this.#field.name)
      return
    }
    if (sink.open(this.#field.name)) sink.write(word)
    sink.close()
  }
}

/** What ends a word. */
const ends = ",}\n\r"
