/**
 * What a cassette has: lines of JSON, the first one about the model, each further one a call.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { LMError } from "../../../lm/LMError.ts"
import { LMEvent } from "../../../lm/LMEvent.ts"
import { LMRequest, type ProviderOptions } from "../../../lm/LMRequest.ts"
import { isRecord } from "../../../text/json/values.ts"
import { isSecretName } from "../../../text/secretName.ts"

// Models

/** The form of the file. A file of another version is refused. */
export const version = 1

/** The first line: who answered. */
export const Head = Schema.Struct({
  cassette: Schema.Literal(version),
  model: Schema.String,
  capabilities: Schema.Struct({
    tools: Schema.Boolean,
    replyShape: Schema.optional(Schema.Boolean),
    inputs: Schema.optional(Schema.Array(Schema.Literals(["images", "audio", "files"])))
  })
})
export interface Head extends Schema.Schema.Type<typeof Head> {}

/** How a call ended: by itself, with a failure, or because the program left it. `after` is in milliseconds. */
export const End = Schema.Union([
  Schema.TaggedStruct("Close", { after: Schema.Finite }),
  Schema.TaggedStruct("Fail", { after: Schema.Finite, error: LMError }),
  Schema.TaggedStruct("Left", {})
])
export type End = typeof End.Type

/** One call: what was asked, what each network read brought after how many milliseconds of waiting, and how it ended. */
export const Call = Schema.Struct({
  mode: Schema.Literals(["stream", "generate"]),
  request: LMRequest,
  reads: Schema.Array(Schema.Struct({ after: Schema.Finite, events: Schema.NonEmptyArray(LMEvent) })),
  end: End
})
export interface Call extends Schema.Schema.Type<typeof Call> {}

/** All that a cassette has. */
export interface Recording {
  readonly model: Head["model"]
  readonly capabilities: Head["capabilities"]
  readonly calls: ReadonlyArray<Call>
}

// Text

const heads = Schema.fromJsonString(Schema.toCodecJson(Head))
const calls = Schema.fromJsonString(Schema.toCodecJson(Call))

export const headText = (head: Head): string => `${Schema.encodeSync(heads)(head)}\n`

/** The line of a call, without secrets. Fails where something in it has no JSON. */
export const callText = (call: Call): Result.Result<string, unknown> =>
  Result.map(Schema.encodeResult(calls)({ ...call, request: redacted(call.request) }), (line) => `${line}\n`)

/** Reads a file. Fails with a sentence that names the line. */
export const parse = (text: string): Result.Result<Recording, string> => {
  const [first = "", ...others] = text.split("\n")
  const head = Schema.decodeUnknownResult(heads)(first)
  if (Result.isFailure(head)) {
    return Result.fail(`line 1 is not the head of a cassette of version ${version}: ${String(head.failure)}`)
  }
  const read: Array<Call> = []
  for (const [at, line] of others.entries()) {
    if (line === "") continue
    const call = Schema.decodeUnknownResult(calls)(line)
    if (Result.isFailure(call)) return Result.fail(`line ${at + 2} is no call: ${String(call.failure)}`)
    read.push(call.success)
  }
  const { capabilities, model } = head.success
  return Result.succeed({ model, capabilities, calls: read })
}

// Requests

/** What tells requests apart, in a cassette: all of it, in any order of members, without secrets. */
export const keyOf = (request: LMRequest): string => JSON.stringify(redacted(request), sorted)

const sorted = (_: string, value: unknown): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) : value

/** The request without the secrets that somebody may have put among the provider's own options. */
const redacted = (request: LMRequest): LMRequest => {
  const { providerOptions } = request.config
  if (providerOptions === undefined) return request
  const clean = Object.entries(providerOptions).map(([provider, { body, headers }]): [string, ProviderOptions] => [
    provider,
    {
      ...(body === undefined ? {} : { body: withoutSecrets(body) }),
      ...(headers === undefined ? {} : { headers: withoutSecrets(headers) })
    }
  ])
  return { ...request, config: { ...request.config, providerOptions: Object.fromEntries(clean) } }
}

const withoutSecrets = <A>(members: Readonly<Record<string, A | string>>): Record<string, A | string> =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name,
      isSecretName(name) && typeof value === "string" ? "<redacted>" : value
    ])
  )
