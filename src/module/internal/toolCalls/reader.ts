/**
 * Reads the tool calls of a whole reply, whether they came natively or as a field of its form.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Adapter from "../../../adapter/Adapter.ts"
import { AdapterParseError } from "../../../adapter/AdapterParseError.ts"
import * as Content from "../../../lm/LMContent.ts"
import type { ToolSpec } from "../../../lm/LMRequest.ts"
import type { FieldIssue } from "../../../signature/Field.ts"
import type * as Signature from "../../../signature/Signature.ts"
import type { JsonRecord } from "../../../text/json/values.ts"
import { type Calling, leftOut } from "./fields.ts"

// Models

/** Reads the calls of a reply. */
export interface CallsReader {
  /** The output that is the calls. It is shown when the whole reply was read. */
  readonly field: string
  /** Whether a field of the reply is not shown as it comes. */
  readonly hides: (field: string) => boolean
  readonly read: (
    decoded: Adapter.DecodedReply["result"],
    said: ReadonlyArray<Content.Said>,
    adapter: string
  ) => Result.Result<Called, AdapterParseError>
}

/** A reply with calls that can be made. */
export interface Called {
  readonly calls: ReadonlyArray<{ readonly name: string; readonly args: JsonRecord }>
  /** Whether the calls came natively: then their deltas were told, and they have ids. */
  readonly isNative: boolean
  /** All outputs, with these ids of the calls. */
  readonly fields: (ids: ReadonlyArray<string>) => JsonRecord
}

/** The tools of a call, and whether one has to be called. */
export interface Offer {
  readonly specs: ReadonlyArray<ToolSpec>
  readonly mustCall: boolean
}

// Constructors

/** Makes the reader; what checks the calls is loaded. `asked` is what the model is asked for. */
export const make = (
  signature: Signature.Any,
  { field, saying }: Calling,
  asked: Signature.Any,
  { mustCall, specs }: Offer
): Effect.Effect<CallsReader> =>
  Effect.map(Effect.promise(() => import("./check.ts")), ({ check }) => ({
    field: field.name,
    hides: (name) => name === field.name || name === saying,
    read: (decoded, said, adapter) => {
      const native = Content.toolCallsOf(said)
      const isNative = native.length > 0
      const read = isNative ? Result.orElse(decoded, (error) => withLeftOut(asked, error)) : decoded
      if (Result.isFailure(read)) return Result.fail(read.failure)
      const written = isNative
        ? native.map(({ arguments: text, name }) => ({ name, arguments: { _tag: "Text", text } as const }))
        : inField(read.success[field.name])
      const issues: Array<FieldIssue> = []
      const calls = written.flatMap((call, at) => {
        const checked = check(call, specs)
        if (Result.isSuccess(checked)) return [{ name: call.name, args: checked.success }]
        issues.push(...checked.failure.map(({ message, path }) => ({ path: [field.name, at, ...path], message })))
        return []
      })
      if (mustCall && written.length === 0) {
        issues.push({
          path: [field.name],
          message: `has no call, and one was asked for, of: ${specs.map(({ name }) => name).join(", ")}`
        })
      }
      if (issues.length > 0) return Result.fail(unusable(adapter, signature, said, read.success, issues))
      return Result.succeed({
        calls,
        isNative,
        fields: (ids) => {
          const values = new Map<string, unknown>(Object.entries(read.success))
          values.set(field.name, calls.map(({ args, name }, at) => ({ id: ids[at]!, name, args })))
          return Object.fromEntries(
            signature.outputFields.flatMap(({ name }) => values.has(name) ? [[name, values.get(name)]] : [])
          )
        }
      })
    }
  }))

// Details

/** A reply that calls tools may lack outputs; those that it has are to be right. */
const withLeftOut = (
  { outputFields }: Signature.Any,
  error: AdapterParseError
): Adapter.DecodedReply["result"] => {
  const missing = new Set(error.missing)
  if (error.issues.some(({ path }) => !missing.has(String(path[0])))) return Result.fail(error)
  const values: Array<readonly [string, unknown]> = Object.entries(error.parsed)
  for (const field of outputFields) {
    if (!missing.has(field.name)) continue
    const value = leftOut(field)
    if (Result.isFailure(value)) return Result.fail(error)
    if (Option.isSome(value.success)) values.push([field.name, value.success.value])
  }
  return Result.succeed(Object.fromEntries(values))
}

/** The calls in the field of a reply, which its schema has read. */
const inField = (calls: unknown) =>
  ((calls ?? []) as ReadonlyArray<{ readonly name: string; readonly args: unknown }>).map(({ args, name }) => ({
    name,
    arguments: { _tag: "Json", value: args } as const
  }))

const unusable = (
  adapter: string,
  signature: Signature.Any,
  said: ReadonlyArray<Content.Said>,
  parsed: JsonRecord,
  issues: ReadonlyArray<FieldIssue>
): AdapterParseError =>
  new AdapterParseError({
    adapter,
    signature: String(signature),
    reply: [Content.textOf(said), ...Content.toolCallsOf(said).map((call) => `${call.name}(${call.arguments})`)]
      .filter((text) => text !== "").join("\n"),
    parsed,
    missing: [],
    issues
  })
