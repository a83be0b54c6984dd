/** What the tests of the adapters share: feeding a decoder, ways to cut a reply, and the laws that always hold. */
import { assert } from "@effect/vitest"
import { Result } from "effect"
import type { Adapter, FieldPart } from "effect-lm/adapter/Adapter"
import * as Adapters from "effect-lm/adapter/Adapters"
import type * as Signature from "effect-lm/signature/Signature"
import { isDeepStrictEqual } from "node:util"
import { runInNewContext } from "node:vm"

const { chat, json, xml } = Adapters.builtIn

export const adapters = { Chat: chat, JSON: json, XML: xml } as const

/** What came of a reply. */
export interface Decoded {
  readonly parts: ReadonlyArray<FieldPart>
  /** The joined deltas of each field that was begun. */
  readonly texts: Readonly<Record<string, string>>
  readonly result: ReturnType<ReturnType<Adapter["decoder"]>["end"]>["result"]
}

/** Feeds a reply in pieces, and checks laws 1 and 2 on what comes. */
export const decode = (adapter: Adapter, signature: Signature.Any, pieces: ReadonlyArray<string>): Decoded => {
  const decoder = adapter.decoder(signature)
  const parts = pieces.flatMap((piece) => decoder.push(piece))
  const last = decoder.end()
  parts.push(...last.parts)
  const decoded = { parts, texts: textsOf(parts), result: last.result }
  if (Result.isSuccess(decoded.result)) checkValues(signature, decoded.texts, decoded.result.success)
  return decoded
}

/** The joined deltas by field; law 2: one end each, nothing after it, one field after the other, until the reply begins anew. */
export const textsOf = (parts: ReadonlyArray<FieldPart>): Readonly<Record<string, string>> => {
  const texts = new Map<string, string>()
  const ended = new Set<string>()
  let open: string | undefined
  for (const { anew, field, isLast, text } of parts) {
    if (anew === true) {
      assert.isUndefined(open, "the reply begins anew before a field has ended")
      texts.clear()
      ended.clear()
    }
    assert.isFalse(ended.has(field), `${field} goes on after its end`)
    assert.isTrue(open === undefined || open === field, `${field} begins before ${open} has ended`)
    assert.isTrue(isLast || text !== "", `an empty part of ${field} that is not its end`)
    assert.isTrue(text.isWellFormed(), `half a surrogate pair in ${field}`)
    texts.set(field, (texts.get(field) ?? "") + text)
    if (isLast) ended.add(field)
    open = isLast ? undefined : field
  }
  assert.isUndefined(open, `${open} has no end`)
  return Object.fromEntries(texts)
}

/**
 * Law 1: the deltas of a string are the string, those of anything else parse to it. Nothing is said of null where the value is
 * a string otherwise, nor of what is left out.
 */
const checkValues = (
  signature: Signature.Any,
  texts: Readonly<Record<string, string>>,
  values: Readonly<Record<string, unknown>>
): void => {
  for (const { decode, kind, literals, name } of signature.outputFields) {
    if (!Object.hasOwn(texts, name)) continue
    const text = texts[name]!
    const value = values[name]
    const isString = kind === "text" || literals?.every((literal) => typeof literal === "string") === true
    if (isString && (typeof value === "string" || value === null)) assert.strictEqual(text, value ?? "", name)
    else if (text === "") assert.isUndefined(value, name)
    else {
      const read = (parse: (text: string) => unknown) => Result.getOrThrow(decode(isString ? text : parse(text)))
      const plainly = read(JSON.parse)
      // Node 24 may take a key with an escape for one that it has read before, in `{"a":1,"\\":1}` and then in `{"a":1,"\t":1}`.
      assert.deepStrictEqual(isDeepStrictEqual(plainly, value) ? plainly : read(parseAnew), value, name)
    }
  }
}

/** Reads JSON where nothing was read before. */
const parseAnew = (text: string): unknown => runInNewContext("JSON.parse(text)", { text })

/** The values of a reply that can be read. */
export const valuesOf = (decoded: Decoded): Readonly<Record<string, unknown>> => Result.getOrThrow(decoded.result)

/** Why a reply cannot be read. */
export const errorOf = (decoded: Decoded) => Result.getOrThrow(Result.flip(decoded.result))

/** The whole text, the text at every single place, the text in single characters, and in pieces of 2, 3 and 7. */
export const splits = (text: string): ReadonlyArray<ReadonlyArray<string>> => [
  [text],
  ...Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => [text.slice(0, at + 1), text.slice(at + 1)]),
  ...[1, 2, 3, 7].map((size) => inPieces(text, [size]))
]

/** The text in pieces of these sizes, over and over. */
export const inPieces = (text: string, sizes: ReadonlyArray<number>): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1)
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

/** Decodes a reply in every split; all have to come to the same. */
export const decodeEverySplit = (adapter: Adapter, signature: Signature.Any, reply: string): Decoded => {
  const whole = decode(adapter, signature, [reply])
  for (const pieces of splits(reply)) {
    const decoded = decode(adapter, signature, pieces)
    assert.deepStrictEqual(decoded.texts, whole.texts, JSON.stringify(pieces))
    assert.deepStrictEqual(outcome(decoded), outcome(whole), JSON.stringify(pieces))
  }
  return whole
}

const outcome = ({ result }: Decoded) =>
  Result.isSuccess(result)
    ? { values: result.success }
    : { issues: result.failure.issues, missing: result.failure.missing, parsed: result.failure.parsed }
