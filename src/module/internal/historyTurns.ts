/**
 * What an agent did in the turns of a history: how it is kept there, and what may be wrong with it.
 */
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import * as Adapter from "../../adapter/Adapter.ts"
import { toolCallsOf } from "../../lm/LMContent.ts"
import type { FieldIssue } from "../../signature/Field.ts"
import { History, type Message, turnsKey } from "../../signature/History.ts"
import type * as Signature from "../../signature/Signature.ts"

type Turns = ReadonlyArray<Adapter.Turn>

/** The turn of a history, with what was done in it. That becomes JSON: keys without a value go. */
export const withTurns = (message: Message, turns: Turns): Message =>
  turns.length === 0 ? message : { ...message, [turnsKey]: JSON.parse(JSON.stringify(turns)) as Schema.Json }

/** What was done in a turn of a history, which {@link turnIssues} has looked at. */
export const turnsOf = (message: Message): Turns =>
  Object.hasOwn(message, turnsKey) ? message[turnsKey] as unknown as Turns : []

/** The name of the input that is a history, if there is one. */
export const historyName = (signature: Signature.Any): string | undefined =>
  signature.inputFields.find((field) => field.isHistory)?.name

/** What is wrong with the turns of agents that a history has, by path. */
export const turnIssues = ({ messages }: History): ReadonlyArray<FieldIssue> =>
  messages.flatMap((message, index) => {
    if (!Object.hasOwn(message, turnsKey)) return []
    const path = ["messages", index, turnsKey]
    const turns: unknown = message[turnsKey]
    if (!Array.isArray(turns)) return [{ path, message: `is no list of what an agent did${advice}` }]
    return turns.flatMap((turn: unknown, at) => {
      const problem = problemIn(turn)
      return problem === undefined ? [] : [{ path: [...path, at], message: problem }]
    })
  })

/** The first thing that is wrong with a history, in words that go on from its name. */
export const problemOf = (history: History): string | undefined => {
  const [issue] = turnIssues(history)
  return issue && `has something at \`${issue.path.join(".")}\` that ${issue.message}`
}

/** A value that should be a history which can be sent; `what` is what it is called. Throws a `TypeError` at any other value. */
export const checked = (what: string, value: unknown): History => {
  if (!isHistory(value)) throw new TypeError(`${what} is no History, as History.make gives one`)
  const problem = problemOf(value)
  if (problem !== undefined) throw new TypeError(`${what} ${problem}`)
  return value
}

// Details

const isHistory = Schema.is(History)

const problemIn = (turn: unknown): string | undefined => {
  if (!isTurn(turn)) return `is nothing that an agent did${advice}`
  return turn._tag === "Tools" ? orphan(turn) : undefined
}

const advice = `: Session.messageOf gives it, and so does a session's \`history\`; leave \`${turnsKey}\` out otherwise`

/** Providers refuse a call without its result, and a result without its call. */
const orphan = ({ content, results }: Adapter.ToolTurn): string | undefined => {
  const calls = toolCallsOf(content).map(({ id }) => id)
  const answered = results.map(({ toolCallId }) => toolCallId)
  if (calls.length === answered.length && calls.every((id, at) => id === answered[at])) return undefined
  return `calls the tools ${listOf(calls)}, and has the results of ${
    listOf(answered)
  }: each call has its result, in the same order`
}

const listOf = (ids: ReadonlyArray<string>): string => ids.length === 0 ? "(none)" : JSON.stringify(ids)

const isTurn = SchemaParser.is(Adapter.Turn)
