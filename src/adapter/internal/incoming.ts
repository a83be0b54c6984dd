/**
 * One field while it arrives: what of it can be shown, what has to wait, and its value in the end.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Field } from "../../signature/Field.ts"
import { isHighSurrogate, isNullPrefix, isNullWord } from "./characters.ts"
import { JsonReader } from "./jsonReader.ts"
import { JsonWriter } from "./jsonWriter.ts"
import * as Value from "./value.ts"

export interface Incoming {
  readonly field: Field
  /** What was shown: when the field is closed, all of it. */
  readonly text: string
  readonly write: (text: string) => void
  /** What can be shown now, which may be nothing. */
  readonly show: () => string
  /** The rest, which may be nothing. */
  readonly close: () => string
  /** The reply says that the field is null; nothing was shown of it. */
  readonly setNull: () => void
  /** The value of the closed field. */
  readonly read: () => Value.Read
}

/** A field that begins; `bare` text has white space around it that is not part of it. */
export const make = (field: Field, bare: boolean): Incoming => {
  switch (field.streaming) {
    case "text":
      return new Text(field, bare)
    case "json":
      return new Json(field)
    case "whole":
      return new Whole(field, bare)
  }
}

/** Free text, as it comes. */
class Text implements Incoming {
  readonly field: Field
  text = ""
  readonly #bare: boolean
  readonly #maybeNull: boolean
  #isNull = false
  #fresh = ""
  // Seen, but not shown: white space that may be the last, the first half of a surrogate pair, what may become `null`.
  #held = ""

  constructor(field: Field, bare: boolean) {
    this.field = field
    this.#bare = bare
    this.#maybeNull = bare && field.nullable
  }

  write(text: string): void {
    this.#fresh += text
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
      if (this.#maybeNull && this.text === "" && isNullPrefix(out)) {
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
    let out = this.#held + this.#fresh
    this.#held = this.#fresh = ""
    if (this.#bare) {
      out = this.text === "" ? out.trim() : out.trimEnd()
      if (this.#maybeNull && this.text === "" && isNullWord(out)) {
        this.#isNull = true
        return ""
      }
    }
    return this.#shown(out)
  }

  setNull(): void {
    this.#isNull = true
  }

  read(): Value.Read {
    return this.#isNull ? Value.readNull(this.field) : Value.readText(this.field, this.text)
  }

  // Half a surrogate pair that stands alone cannot be encoded: it becomes U+FFFD, in what is shown and in the value.
  #shown(out: string): string {
    const text = out.isWellFormed() ? out : out.toWellFormed()
    this.text += text
    return text
  }
}

/** Something that is shown at its end, as what was understood: text for strings, JSON for everything else. */
class Whole implements Incoming {
  readonly field: Field
  text = ""
  readonly #bare: boolean
  #raw = ""
  #read: Value.Read | undefined

  constructor(field: Field, bare: boolean) {
    this.field = field
    this.#bare = bare
  }

  write(text: string): void {
    this.#raw += text
  }

  show(): string {
    return ""
  }

  close(): string {
    const raw = (this.#bare ? this.#raw.trim() : this.#raw).toWellFormed()
    this.#read ??= this.field.kind === "json"
      ? Value.readJson(this.field, raw)
      : this.#bare && this.field.nullable && isNullWord(raw)
      ? Value.readNull(this.field)
      : Value.readText(this.field, raw)
    // What cannot be read is shown as it is.
    this.text = Result.isFailure(this.#read)
      ? raw
      : Option.match(this.#read.success, { onNone: () => "", onSome: (value) => Value.write(this.field, value) })
    return this.text
  }

  setNull(): void {
    this.#read = Value.readNull(this.field)
  }

  read(): Value.Read {
    return this.#read!
  }
}

/**
 * An object or array, as JSON while it comes, however it is written; what stands around it is not shown. Something else in
 * its place is shown at its end.
 */
class Json implements Incoming {
  readonly field: Field
  text = ""
  readonly #writer = new JsonWriter()
  readonly #reader = new JsonReader(this.#writer)
  #instead: Whole | undefined
  #isWhole = false

  constructor(field: Field) {
    this.field = field
    this.#instead = new Whole(field, true)
  }

  write(text: string): void {
    this.#reader.push(text)
    if (this.#reader.hasBegun) this.#instead = undefined
    else this.#instead?.write(text)
  }

  show(): string {
    const written = this.#writer.take()
    this.text += written
    return written
  }

  close(): string {
    if (this.#instead !== undefined) {
      this.text = this.#instead.close()
      return this.text
    }
    this.#isWhole = this.#reader.end()
    return this.show()
  }

  setNull(): void {
    this.#instead?.setNull()
  }

  read(): Value.Read {
    if (this.#instead !== undefined) return this.#instead.read()
    return this.#isWhole
      ? Value.readValue(this.field, this.#reader.snapshot())
      : Value.unreadable(this.field, this.#reader.isTooDeep)
  }
}
