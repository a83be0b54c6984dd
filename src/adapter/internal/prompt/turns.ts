/**
 * A conversation that goes on: what followed a question, and a question that follows another request.
 *
 * Messages are only added. What was sent before is sent again as it was, byte for byte, which providers' prompt caches
 * depend on.
 */
import * as Content from "../../../lm/LMContent.ts"
import {
  assistant,
  type LMRequest,
  type Message,
  type ReplyShape,
  textOf,
  toolResult,
  user,
  type UserMessage,
  withText
} from "../../../lm/LMRequest.ts"
import type * as Signature from "../../../signature/Signature.ts"
import type { AdapterCall } from "../../Adapter.ts"
import { trimmed } from "./media.ts"
import type { JsonFields, ReplyTurn, ToolTurn, Turn } from "./turn.ts"

/** Writes a reply and what follows it, in the adapter's form. */
export interface Following {
  (signature: Signature.Any, turn: ReplyTurn, later?: Signature.Any): ReadonlyArray<Message>
  /** Writes the same in plain words, for a model that is held to the form. If left out, the adapter's form is used. */
  readonly plain?: (signature: Signature.Any, turn: ReplyTurn) => ReadonlyArray<Message>
  /** Writes a tool's result so that nothing in it is read as a part of the form. If left out, it stays as it is. */
  readonly inert?: (signature: Signature.Any, text: string, later?: Signature.Any) => string
  /**
   * Writes a remark, which stands behind other text, so that nothing in it is read as a part of the form. `inert` if left
   * out.
   */
  readonly remark?: (signature: Signature.Any, text: string, later?: Signature.Any) => string
}

/** How turns are written by an adapter that does not say how. */
export const plainTurn: Following = (_, { closing, parts, reply, then }) => {
  const told = then === undefined || typeof then === "string" ? then : lines(then)
  return exchange(reply, told, parts, closing === true ? "" : "Reply in the same form as before.")
}

/** A reply, and what the model is told behind it, if anything: a text, parts, and how to go on. */
export const exchange = (
  reply: string,
  told: string | undefined,
  parts: ReadonlyArray<Content.Media> = [],
  reminder = ""
): ReadonlyArray<Message> =>
  told === undefined
    ? [assistant(reply)]
    : [
      assistant(reply),
      user(
        parts.length === 0
          ? `${told}\n\n${reminder}`.trimEnd()
          : trimmed([`${told.trimEnd()}\n\n`, ...parts, `\n\n${reminder}`])
      )
    ]

const lines = (values: JsonFields): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n")

/** The request with what follows its question, behind what it goes on with. */
export const follow = (request: LMRequest, call: AdapterCall, following: Following): LMRequest => {
  const { after, turns = [] } = call
  if (after === undefined && turns.length === 0) return request
  return { ...request, messages: followed(continued(after?.messages, request.messages), turns, call, following) }
}

/** The plain prompt, for a model that is held to its form, with what follows its question. */
export const followPlainly = (shape: ReplyShape, call: AdapterCall, following: Following): ReplyShape => {
  const { after, turns = [] } = call
  const asked = continued(after?.replyShape?.prompt ?? after?.messages, shape.prompt)
  return { ...shape, prompt: followedPlainly(asked, turns, call, following) }
}

/** A question, and what followed it. Turns of an earlier exchange are written as they were when it took place. */
export const followed = (
  asked: ReadonlyArray<Message>,
  turns: ReadonlyArray<Turn>,
  { later, signature }: AdapterCall,
  following: Following
): ReadonlyArray<Message> => said(asked, turns.map((turn) => write(signature, turn, following, later)))

/** The same in the plain prompt. */
export const followedPlainly = (
  asked: ReadonlyArray<Message>,
  turns: ReadonlyArray<Turn>,
  { signature }: AdapterCall,
  following: Following
): ReadonlyArray<Message> => said(asked, turns.map((turn) => writePlainly(signature, turn, following)))

/** A turn, as messages or as a remark behind the last of them. */
type Written = ReadonlyArray<Message> | string

const said = (before: ReadonlyArray<Message>, turns: ReadonlyArray<Written>): ReadonlyArray<Message> => {
  const messages = [...before]
  for (const written of turns) {
    if (typeof written !== "string") messages.push(...written)
    else if (messages.length > 0) messages.push(withText(messages.pop()!, written))
  }
  return messages
}

/** A turn is written anew in each request of its conversation, and the same each time. */
const write = (
  signature: Signature.Any,
  turn: Turn,
  following: Following,
  later: Signature.Any | undefined
): Written => {
  const last = known.get(turn)
  if (last?.signature === signature && last.following === following && last.later === later) return last.written
  const { inert = asItIs, remark = inert } = following
  const written = turn._tag === "Reply"
    ? following(signature, turn, later)
    : turn._tag === "Tools"
    ? toolMessages(turn, (text) => inert(signature, text, later))
    : remark(signature, turn.text, later)
  known.set(turn, { signature, following, later, written })
  return written
}

const asItIs = (_: Signature.Any, text: string): string => text

const known = new WeakMap<Turn, {
  readonly signature: Signature.Any
  readonly following: Following
  readonly later: Signature.Any | undefined
  readonly written: Written
}>()

const writePlainly = (signature: Signature.Any, turn: Turn, following: Following): Written =>
  turn._tag === "Reply"
    ? (following.plain ?? following)(signature, turn)
    : turn._tag === "Tools"
    ? toolMessages(turn, (text) => text)
    : turn.text

const toolMessages = ({ content, results }: ToolTurn, written: (text: string) => string): ReadonlyArray<Message> => [
  assistant(content),
  ...results.map((result) =>
    toolResult({
      ...result,
      content: result.content.map((part) => part._tag === "Text" ? Content.text(written(part.text)) : part)
    })
  )
]

/**
 * The question behind other messages: what it says to the system is said by the user, since only the first message of a
 * conversation is the system's; the user speaks once where two messages of the user's would meet.
 */
const continued = (
  before: ReadonlyArray<Message> | undefined,
  question: ReadonlyArray<Message>
): ReadonlyArray<Message> => {
  if (before === undefined) return question
  const messages = [...before]
  for (const [at, asked] of question.entries()) {
    const message = at === 0 && asked.role === "system" ? user(textOf(asked)) : asked
    const last = messages.at(-1)
    if (last?.role === "user" && message.role === "user") messages[messages.length - 1] = joined(last, message)
    else messages.push(message)
  }
  return messages
}

/** The messages, in which the user speaks once where two messages of the user's would meet. */
export const spokenOnce = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> =>
  messages.reduce<Array<Message>>((all, message) => {
    const last = all.at(-1)
    if (last?.role === "user" && message.role === "user") all[all.length - 1] = joined(last, message)
    else all.push(message)
    return all
  }, [])

const joined = (first: UserMessage, second: UserMessage): UserMessage => {
  const [next, ...rest] = second.content
  return next?._tag === "Text"
    ? { role: "user", content: [...withText(first, next.text).content, ...rest] }
    : { role: "user", content: [...first.content, ...second.content] }
}
