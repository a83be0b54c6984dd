/**
 * One field's text while it arrives: what of it can be shown, and what has to wait.
 */
import type { Field } from "../../signature/Field.ts"
import { isHighSurrogate, isNullPrefix, isNullWord } from "./characters.ts"

export class Incoming {
  readonly field: Field
  /** What was shown: when the field is closed, all of it. */
  text = ""
  /** The closed field is null, and nothing was shown of it. */
  isNull = false
  readonly #bare: boolean
  readonly #maybeNull: boolean
  #fresh = ""
  // Seen, but not shown: white space that may be the last, the first half of a surrogate pair, what may become `null`.
  #held = ""

  constructor(field: Field, bare: boolean) {
    this.field = field
    this.#bare = bare
    this.#maybeNull = bare && field.kind === "text" && field.nullable
  }

  write(text: string): void {
    this.#fresh += text
  }

  /** What can be shown now, which may be nothing. */
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

  /** The rest, which may be nothing. */
  close(): string {
    let out = this.#held + this.#fresh
    this.#held = this.#fresh = ""
    if (this.#bare) {
      out = this.text === "" ? out.trim() : out.trimEnd()
      if (this.#maybeNull && this.text === "" && isNullWord(out)) {
        this.isNull = true
        return ""
      }
    }
    return this.#shown(out)
  }

  // Half a surrogate pair that stands alone cannot be encoded: it becomes U+FFFD, in what is shown and in the value.
  #shown(out: string): string {
    const text = out.isWellFormed() ? out : out.toWellFormed()
    this.text += text
    return text
  }
}
