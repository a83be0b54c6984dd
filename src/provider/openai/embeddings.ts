/**
 * Embeddings of OpenAI, as one request: what is posted, and what its response says.
 */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import type { Batch } from "../../lm/Embedder.ts"
import * as LMError from "../../lm/LMError.ts"
import { isRecord } from "../../text/json/values.ts"
import { excerpt } from "../internal/excerpt.ts"
import * as ProviderError from "./errors/reason.ts"
import * as Usage from "./reply/usage.ts"

/** How vectors are written: numbers in JSON, or the bytes of 32-bit numbers, which is a quarter as long. */
export type EncodingFormat = "float" | "base64"

/** What is asked of every text. */
export interface Wanted {
  readonly model: string
  readonly dimensions: number | undefined
  /** The server's own if left out. */
  readonly encodingFormat: EncodingFormat | undefined
}

/** What is posted for these texts. */
export const body = (texts: ReadonlyArray<string>, { dimensions, encodingFormat, model }: Wanted) => ({
  model,
  input: texts,
  ...(dimensions !== undefined && { dimensions }),
  ...(encodingFormat !== undefined && { encoding_format: encodingFormat })
})

/** Why texts cannot be sent, if they cannot. */
export const problem = (texts: ReadonlyArray<string>): string | undefined => {
  const at = texts.findIndex((text) => !text.isWellFormed())
  return at === -1
    ? undefined
    : `text ${at + 1} holds half a character (a lone surrogate), which UTF-8 does not have: cut texts between ` +
      "characters, or send text.toWellFormed()"
}

/** Reads the response to `count` texts. Vectors may come in any order, each with its place. */
export const read = (
  payload: unknown,
  count: number,
  dimensions: number | undefined
): Result.Result<Batch, LMError.Reason> => {
  if (!isRecord(payload) || !Array.isArray(payload["data"])) {
    // Gateways send errors with status 200, too.
    return isRecord(payload) && payload["error"] !== undefined && payload["error"] !== null
      ? Result.fail(ProviderError.fromPayload(payload))
      : invalid(`the response has no list \`data\` of embeddings: ${excerpt(JSON.stringify(payload) ?? "nothing")}`)
  }
  const data: ReadonlyArray<unknown> = payload["data"]
  if (data.length !== count) return invalid(`${count} texts were sent, and ${data.length} embeddings came back`)
  const vectors = new Map<number, Float32Array>()
  for (const [at, entry] of data.entries()) {
    if (!isRecord(entry)) return invalid(`embedding ${at + 1} is no object`)
    // Who leaves it out sends them in their order.
    const index: unknown = entry["index"] ?? at
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= count) {
      return invalid(`embedding ${at + 1} has the index ${JSON.stringify(index)}, and ${count} texts were sent`)
    }
    if (vectors.has(index)) return invalid(`two embeddings have the index ${index}`)
    const vector = vectorOf(entry["embedding"])
    if (typeof vector === "string") return invalid(`the embedding of text ${index + 1} ${vector}`)
    if (dimensions !== undefined && vector.length !== dimensions) {
      return invalid(
        `the embedding of text ${index + 1} has ${vector.length} numbers where ${dimensions} were asked for`
      )
    }
    vectors.set(index, vector)
  }
  const counts = Usage.read(payload["usage"])
  return Result.succeed({
    vectors: data.map((_, at) => vectors.get(at)!),
    ...(counts === undefined ? {} : { usage: Usage.make(counts) })
  })
}

// Details

const invalid = (description: string) => Result.fail(new LMError.InvalidResponse({ description }))

/** The vector, or what is wrong with it. */
const vectorOf = (written: unknown): Float32Array | string => {
  if (typeof written === "string") return ofBytes(Base64.decode(written))
  if (!Array.isArray(written)) return "is neither a list of numbers nor base64"
  const numbers: ReadonlyArray<unknown> = written
  const at = numbers.findIndex((number) => typeof number !== "number")
  if (at === -1) return Float32Array.from(written)
  return Array.isArray(numbers[at])
    ? "is a list of lists: the server gives a vector for each token, and one for each text is wanted (its pooling)"
    : `has ${JSON.stringify(numbers[at])} where a number has to be (at ${at})`
}

const ofBytes = (bytes: Result.Result<Uint8Array, unknown>): Float32Array | string => {
  if (Result.isFailure(bytes)) return "is a text that is no base64"
  const { buffer, byteLength, byteOffset } = bytes.success
  if (byteLength % 4 !== 0) return `has ${byteLength} bytes, which are no 32-bit numbers`
  const view = new DataView(buffer, byteOffset, byteLength)
  return Float32Array.from({ length: byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true))
}
