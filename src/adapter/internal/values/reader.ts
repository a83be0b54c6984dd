/**
 * One JSON value, read from text while it arrives: see {@link JsonParser} for what is tolerated, {@link JsonBuilder} for what
 * is made of it.
 */
import { JsonParser } from "../../../text/json/parser.ts"
import { withoutFence } from "../../../text/json/word.ts"
import type { JsonWriter } from "../../../text/json/writer.ts"
import { type Complete, JsonBuilder } from "./builder.ts"
import type { ReadText } from "./coerce.ts"
import { itemsIn } from "./lists.ts"
import { any, type Target } from "./target.ts"

export class JsonReader {
  readonly #builder: JsonBuilder
  readonly #parser: JsonParser

  /** With a writer, the object or array that is read is written again as JSON; nothing of other values. */
  constructor(target: Target = any, writer?: JsonWriter, read: ReadText = readText, complete?: Complete) {
    this.#builder = new JsonBuilder(target, read, writer, complete)
    this.#parser = new JsonParser(this.#builder, "value")
  }

  /** What was made of the tokens so far. */
  get value(): JsonBuilder {
    return this.#builder
  }

  /** What stands behind the value. */
  get rest(): string {
    return this.#parser.rest
  }

  /** Takes the next text. */
  push(text: string): void {
    this.#parser.push(text)
  }

  /** Nothing follows: whether there is a value, and it is whole. */
  end(): boolean {
    if (this.#endJson()) return true
    const words = this.#builder.hasBegun ? "" : withoutFence(this.#parser.lastWords)
    if (words === "") return false
    this.#builder.word(words)
    return this.#builder.problem === ""
  }

  /** Nothing follows: the object or array that has come, if it is whole. */
  endContainer(): object | undefined {
    if (!this.#endJson()) return undefined
    const { root } = this.#builder
    return typeof root === "object" && root !== null ? root : undefined
  }

  #endJson(): boolean {
    return this.#parser.end() && this.#builder.isWhole && this.#builder.problem === ""
  }
}

/** Reads the object or array that a text says, in JSON or as a list. Strings in it are not read as JSON once more. */
export const readText: ReadText = (text, target) => {
  const reader = new JsonReader(target, undefined, noText)
  reader.push(text)
  return reader.endContainer() ?? (target.array === undefined ? undefined : itemsIn(text, target.array, noText))
}

const noText: ReadText = () => undefined
