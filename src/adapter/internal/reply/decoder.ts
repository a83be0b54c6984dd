/**
 * The decoder that all adapters share: a scanner's fields become parts, and at the end values or an error.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Document } from "../../../signature/Document.ts"
import type { Field, FieldIssue } from "../../../signature/Field.ts"
import type * as Signature from "../../../signature/Signature.ts"
import type { AbortedReply, DecodedReply, FieldDecoder, FieldPart, SoFar } from "../../Adapter.ts"
import { AdapterParseError } from "../../AdapterParseError.ts"
import type { JsonTokens, Make, OpenOptions, Scanner, Sink } from "../../Scanner.ts"
import { outputsOf, perSignature } from "../perSignature.ts"
import * as Incoming from "./incoming.ts"

/** The field that a model's own thinking becomes: one of the type `Reasoning`, else the one of this name. */
const thinkingOf = perSignature((signature): { readonly field: Field | undefined } => {
  const field = signature.outputFields.find(({ isReasoning }) => isReasoning) ?? outputsOf(signature).get("reasoning")
  return { field: field?.kind === "text" ? field : undefined }
})

const none: ReadonlyArray<FieldPart> = []

export class Decoder implements FieldDecoder, Sink {
  readonly #adapter: string
  readonly #signature: Signature.Any
  readonly #makeScanner: Make
  readonly #documents: ReadonlyArray<Document> | undefined
  #scanner: Scanner
  readonly #outputs: ReadonlyMap<string, Field>
  readonly #begun = new Map<string, Incoming.Incoming>()
  readonly #issues: Array<FieldIssue> = []
  readonly #broken = new Set<string>()
  #parts: Array<FieldPart> = []
  #open: Incoming.Incoming | undefined
  #thinking: Incoming.Incoming | undefined
  /** All of the model's own thinking. */
  #thought = ""
  #reply = ""
  /** The next part begins the reply anew. */
  #isAnew = false

  constructor(adapter: string, signature: Signature.Any, makeScanner: Make, documents?: ReadonlyArray<Document>) {
    this.#adapter = adapter
    this.#signature = signature
    this.#makeScanner = makeScanner
    this.#documents = documents
    this.#scanner = makeScanner(signature)
    this.#outputs = outputsOf(signature)
  }

  // What a predictor feeds

  push(text: string): ReadonlyArray<FieldPart> {
    if (text === "") return none
    this.#reply += text
    if (this.#thinking !== undefined && text.trimStart() !== "") this.#stopThinking()
    this.#scanner.push(text, this)
    if (this.#open !== undefined) this.#show(this.#open)
    return this.#take()
  }

  pushReasoning(text: string): ReadonlyArray<FieldPart> {
    if (text === "") return none
    if (this.#thinking === undefined) {
      const { field } = thinkingOf(this.#signature)
      if (field === undefined || this.#begun.has(field.name)) return none
      this.#thinking = this.#begin(field, true)
    }
    this.#thought += text
    this.#thinking.write(text)
    this.#show(this.#thinking)
    return this.#take()
  }

  restart(): ReadonlyArray<FieldPart> {
    this.#scanner = this.#makeScanner(this.#signature)
    this.#thought += this.#reply
    this.#reply = ""
    this.takeBack()
    return this.#take()
  }

  end(): DecodedReply {
    this.#stopThinking()
    this.#scanner.end(this)
    this.close()
    return { parts: this.#take(), result: this.#result() }
  }

  abort(): AbortedReply {
    // The text that was held back belongs to a value that will not be whole. Only the ends of the fields are still told.
    for (const incoming of [this.#thinking, this.#open]) {
      if (incoming !== undefined) this.#part(incoming.field, "", true)
    }
    this.#thinking = this.#open = undefined
    return {
      parts: this.#take(),
      partial: Object.fromEntries(Array.from(this.#begun, ([name, { text }]) => [name, text]))
    }
  }

  // What a scanner finds

  open(name: string, options?: OpenOptions): boolean {
    this.close()
    const field = this.#outputs.get(name)
    if (field === undefined || this.#begun.has(name)) return false
    this.#open = this.#begin(field, options?.bare === true)
    return true
  }

  write(text: string): void {
    this.#open?.write(text)
  }

  json(): JsonTokens | undefined {
    return this.#open?.json()
  }

  close(): void {
    if (this.#open !== undefined) this.#finish(this.#open)
    this.#open = undefined
  }

  setNull(name: string): void {
    if (!this.open(name)) return
    this.#open!.setNull()
    this.close()
  }

  takeBack(): void {
    this.#stopThinking()
    this.close()
    this.#isAnew ||= this.#begun.size > 0
    this.#begun.clear()
    this.#broken.clear()
    this.#issues.length = 0
    // The reply is taken back, but not the thought before it. The thought is given to its field again.
    const { field } = thinkingOf(this.#signature)
    if (this.#thought === "" || field === undefined) return
    const thought = this.#begin(field, true)
    thought.write(this.#thought)
    this.#finish(thought)
  }

  issue(message: string, field?: string): void {
    this.#issues.push({ path: field === undefined ? [] : [field], message })
    if (field !== undefined) this.#broken.add(field)
  }

  // Parts

  #begin(field: Field, bare: boolean): Incoming.Incoming {
    const incoming = Incoming.make(field, bare, this.#documents)
    this.#begun.set(field.name, incoming)
    return incoming
  }

  #show(incoming: Incoming.Incoming): void {
    const text = incoming.show()
    if (text !== "") this.#part(incoming.field, text, false)
  }

  #finish(incoming: Incoming.Incoming): void {
    this.#part(incoming.field, incoming.close(), true, incoming.isNull)
  }

  #part({ name }: Field, text: string, isLast: boolean, isNull = false): void {
    const soFar = this.#begun.get(name)?.soFar
    if (isNull || this.#isAnew || soFar !== undefined) {
      this.#parts.push(special(name, text, isLast, isNull, this.#isAnew, soFar))
    } else this.#parts.push({ field: name, text, isLast })
    this.#isAnew = false
  }

  #stopThinking(): void {
    if (this.#thinking !== undefined) this.#finish(this.#thinking)
    this.#thinking = undefined
  }

  #take(): ReadonlyArray<FieldPart> {
    if (this.#parts.length === 0) return none
    const parts = this.#parts
    this.#parts = []
    return parts
  }

  // Values

  #result(): DecodedReply["result"] {
    const issues = [...this.#issues]
    const missing: Array<string> = []
    // The names are the signature's, which no prototype has.
    const values: Record<string, unknown> = {}
    for (const field of this.#signature.outputFields) {
      const incoming = this.#begun.get(field.name)
      const read = incoming === undefined ? field.decodeAbsent() : incoming.read()
      if (Result.isSuccess(read)) {
        if (Option.isSome(read.success) && !this.#broken.has(field.name)) values[field.name] = read.success.value
      } else {
        if (!this.#broken.has(field.name)) issues.push(...read.failure)
        if (incoming === undefined) missing.push(field.name)
      }
    }
    return issues.length === 0 ? Result.succeed(values) : Result.fail(
      new AdapterParseError({
        adapter: this.#adapter,
        signature: String(this.#signature),
        reply: this.#reply,
        parsed: values,
        missing,
        issues
      })
    )
  }
}

/** A part with members that most parts do not have. */
const special = (
  field: string,
  text: string,
  isLast: boolean,
  isNull: boolean,
  anew: boolean,
  soFar: SoFar | undefined
): FieldPart => ({
  field,
  text,
  isLast,
  ...(isNull && { isNull }),
  ...(anew && { anew }),
  ...(soFar !== undefined && { soFar })
})
