/**
 * Tool calls in examples and in a history, and what came of them: `[{ "id", "name", "args", "result" }]` under the name of a field.
 */
import * as Content from "../../../lm/LMContent.ts"
import { assistant, type Message, toolResult, user } from "../../../lm/LMRequest.ts"
import { isRecord } from "../../../text/json/values.ts"
import type { Called, JsonFields } from "../../Adapter.ts"

/** A call, as far as anybody's JSON says one. */
interface Call {
  readonly id: string
  readonly name: string
  readonly args: object
  readonly result: unknown
}

/** The calls that are written natively: none where they are a part of the reply. */
export const nativeIn = (called: Called | undefined, values: JsonFields): ReadonlyArray<Call> =>
  called?.isNative === true ? callsIn(called, values) : []

/**
 * The values as a reply has them: calls by their names and arguments alone. A reply that calls tools natively leaves out what it has
 * nothing of.
 */
export const asReplied = (called: Called | undefined, values: JsonFields): JsonFields => {
  if (called === undefined || !Object.hasOwn(values, called.field)) return values
  if (!called.isNative) {
    return { ...values, [called.field]: callsIn(called, values).map(({ args, name }) => ({ name, args })) }
  }
  return callsIn(called, values).length === 0
    ? values
    : Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ""))
}

/** What a model has said, with the tools that it called, and what it was told of them. */
export const said = (
  called: Called | undefined,
  values: JsonFields,
  text: string | undefined,
  inert: (text: string) => string
): ReadonlyArray<Message> => {
  const calls = called === undefined ? [] : callsIn(called, values)
  if (called?.isNative === true && calls.length > 0) {
    return [
      assistant([
        ...(text === undefined || text === "" ? [] : [Content.text(text)]),
        ...calls.map(({ args, id, name }): Content.ToolCall => ({
          _tag: "ToolCall",
          id,
          name,
          arguments: JSON.stringify(args)
        }))
      ]),
      ...calls.map(({ id, name, result }) =>
        toolResult({ toolCallId: id, name, content: result === undefined ? unknown : inert(inWords(result)) })
      )
    ]
  }
  const told = calls.filter(({ result }) => result !== undefined)
    .map(({ name, result }) => inert(`The result of ${name}: ${inWords(result)}`))
  return [
    ...(text === undefined ? [] : [assistant(text)]),
    ...(told.length === 0 ? [] : [user(told.join("\n\n"))])
  ]
}

/** Providers want a result for each call. */
const unknown = "(the result is not shown)"

const inWords = (result: unknown): string => typeof result === "string" ? result : JSON.stringify(result)

// Somebody wrote this JSON: a history has any, and providers refuse a request with names that no tool can have.
const callsIn = ({ field }: Called, values: JsonFields): ReadonlyArray<Call> => {
  const calls = Object.hasOwn(values, field) ? values[field] : undefined
  if (!Array.isArray(calls)) return []
  return calls.flatMap((call: unknown, at): ReadonlyArray<Call> => {
    if (!isRecord(call) || typeof call["name"] !== "string" || !/^[\w-]{1,64}$/.test(call["name"])) return []
    const { args, id, name, result } = call
    return [{
      id: typeof id === "string" && id !== "" ? id : `call_${at}`,
      name,
      args: isRecord(args) ? args : {},
      result
    }]
  })
}
