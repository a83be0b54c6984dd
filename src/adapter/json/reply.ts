/**
 * Replies that are one JSON object, where another form was asked for.
 */
import type * as Signature from "../../signature/Signature.ts"
import type { Sink } from "../Scanner.ts"
import { jsonScanner } from "./scanner.ts"

/** Whether the whole text has a JSON object in which an output field begins. */
export const hasJson = (signature: Signature.Any, text: string): boolean => {
  if (!text.includes("{")) return false
  const sink = new Opened()
  const scanner = jsonScanner(signature)
  scanner.push(text, sink)
  scanner.end(sink)
  return sink.isOpened
}

/**
 * Finds out, while a reply arrives, whether it is a JSON object: it begins with a brace, behind white space or a code fence
 * at most, and an output field begins in it.
 */
export class JsonProbe {
  readonly #signature: Signature.Any
  readonly #sink = new Opened()
  #push: (text: string) => void
  /** The reply's beginning, while it may be that of an object. */
  #lead = ""
  #isRefused = false

  constructor(signature: Signature.Any) {
    this.#signature = signature
    this.#push = (text) => this.#begin(text)
  }

  /** The reply begins in another way. */
  get isRefused(): boolean {
    return this.#isRefused
  }

  /** Takes the next text: true as soon as a field has begun. */
  push(text: string): boolean {
    if (!this.#isRefused) this.#push(text)
    return this.#sink.isOpened
  }

  #begin(text: string): void {
    this.#lead += text
    const lead = this.#lead.slice(0, mostLead)
    if (brace.test(lead)) {
      const scanner = jsonScanner(this.#signature)
      this.#push = (more) => scanner.push(more, this.#sink)
      this.#push(this.#lead)
    } else if (this.#lead.length >= mostLead || !beforeBrace.test(lead)) this.#isRefused = true
  }
}

/** How far from the beginning the brace may be. */
const mostLead = 64
const brace = /^\s*(?:`{3,}[ \t]*\w*\s*)?\{/
const beforeBrace = /^\s*(?:`{0,2}|`{3,}[ \t]*\w*\s*)$/

/** Knows only whether a field was begun. */
class Opened implements Sink {
  isOpened = false

  open(): boolean {
    this.isOpened = true
    return true
  }

  setNull(): void {
    this.isOpened = true
  }

  json(): undefined {}
  write(): void {}
  close(): void {}
  takeBack(): void {}
  issue(): void {}
}
