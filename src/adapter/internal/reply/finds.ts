/**
 * Whether a reader of replies finds a field in a text.
 */
import type * as Signature from "../../../signature/Signature.ts"
import type * as Scanner from "../../Scanner.ts"
import { outputsOf } from "../perSignature.ts"

/** Whether a reader takes a text for a reply, or the beginning of one. */
export const finds = (signature: Signature.Any, reader: Scanner.Make, text: string): boolean => {
  const sink = new Finding(outputsOf(signature))
  const scanner = reader(signature)
  scanner.push(text, sink)
  if (!sink.found) scanner.end(sink)
  return sink.found
}

/** A sink that notes whether a field is found, and ignores its value. */
class Finding implements Scanner.Sink {
  found = false
  readonly #outputs: ReadonlyMap<string, unknown>

  constructor(outputs: ReadonlyMap<string, unknown>) {
    this.#outputs = outputs
  }

  open(field: string): boolean {
    const isOne = this.#outputs.has(field)
    this.found ||= isOne
    return isOne
  }

  setNull(field: string): void {
    this.found ||= this.#outputs.has(field)
  }

  json(): undefined {}
  write(): void {}
  close(): void {}
  takeBack(): void {}
  issue(): void {}
}
