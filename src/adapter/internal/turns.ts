/**
 * A conversation that goes on: what followed a question, and a question that follows another request.
 *
 * Messages are only added. What was sent before is sent again as it was, byte for byte, which providers' prompt caches
 * depend on.
 */
import { type LMRequest, type Message, replied, type ReplyShape } from "../../lm/LMRequest.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { AdapterCall, JsonFields, ReplyTurn, ToolTurn, Turn } from "../Adapter.ts"

/** Writes a reply and what follows it: in the adapter's form, and in plain words for a model that is held to the form. */
export interface Following {
  (signature: Signature.Any, turn: ReplyTurn, later?: Signature.Any): {
    readonly messages: ReadonlyArray<Message>
    readonly plain: ReadonlyArray<Message>
  }
  /** Writes a tool's result or a remark so that nothing in it is read as a part of the form. If left out, it stays as it is. */
  readonly inert?: (signature: Signature.Any, text: string, later?: Signature.Any) => string
}

/** For adapters that say nothing of turns. */
export const plainTurn: Following = (_, { closing, reply, then }) => {
  const told = then === undefined || typeof then === "string" ? then : lines(then)
  const messages: ReadonlyArray<Message> = [
    replied(reply),
    ...(told === undefined ? [] : [
      {
        role: "user",
        content: closing === true ? told : `${told}\n\nReply in the same form as before.`
      } as const
    ])
  ]
  return { messages, plain: messages }
}

const lines = (values: JsonFields): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n")

/** The request with what follows its question, behind what it goes on with. */
export const follow = (request: LMRequest, call: AdapterCall, following: Following): LMRequest => {
  const { after, later, signature, turns = [] } = call
  if (after === undefined && turns.length === 0) return request
  let messages = continued(after?.messages, request.messages)
  let plain = continued(after?.replyShape?.prompt ?? after?.messages, request.replyShape?.prompt ?? [])
  for (const turn of turns) {
    const written = write(signature, turn, following, later)
    messages = written._tag === "Messages" ? [...messages, ...written.messages] : noted(messages, written.inert)
    plain = written._tag === "Messages" ? [...plain, ...written.plain] : noted(plain, written.text)
  }
  return {
    ...request,
    messages,
    ...(request.replyShape === undefined ? {} : { replyShape: { ...request.replyShape, prompt: plain } })
  }
}

type Written =
  | { readonly _tag: "Messages"; readonly messages: ReadonlyArray<Message>; readonly plain: ReplyShape["prompt"] }
  | { readonly _tag: "Note"; readonly text: string; readonly inert: string }

/** A turn is written anew in each request of its conversation, and the same each time. */
const write = (
  signature: Signature.Any,
  turn: Turn,
  following: Following,
  later: Signature.Any | undefined
): Written => {
  const last = known.get(turn)
  if (last?.signature === signature && last.following === following && last.later === later) return last.written
  const written = writeTurn(signature, turn, following, later)
  known.set(turn, { signature, following, later, written })
  return written
}

const known = new WeakMap<Turn, {
  readonly signature: Signature.Any
  readonly following: Following
  readonly later: Signature.Any | undefined
  readonly written: Written
}>()

const writeTurn = (
  signature: Signature.Any,
  turn: Turn,
  following: Following,
  later: Signature.Any | undefined
): Written => {
  const inert = (text: string): string => following.inert?.(signature, text, later) ?? text
  switch (turn._tag) {
    case "Reply":
      return { _tag: "Messages", ...following(signature, turn, later) }
    case "Tools":
      return { _tag: "Messages", messages: toolMessages(turn, inert), plain: toolMessages(turn, (text) => text) }
    case "Note":
      return { _tag: "Note", text: turn.text, inert: inert(turn.text) }
  }
}

const toolMessages = (
  { calls, reasoning, reasoningField, results, text }: ToolTurn,
  written: (text: string) => string
): ReadonlyArray<Message> => [
  {
    role: "assistant",
    content: text,
    toolCalls: calls,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(reasoningField === undefined ? {} : { reasoningField })
  },
  ...results.map((result) => ({ role: "tool", ...result, content: written(result.content) } as const))
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
  const [system, ...rest] = question
  const told = system?.role === "system" ? [{ role: "user", content: system.content } as const, ...rest] : question
  return told.reduce<ReadonlyArray<Message>>((messages, message) => {
    const last = messages.at(-1)
    return last?.role === "user" && message.role === "user"
      ? [...messages.slice(0, -1), { role: "user", content: `${last.content}\n\n${message.content}` }]
      : [...messages, message]
  }, before)
}

const noted = (messages: ReadonlyArray<Message>, note: string): ReadonlyArray<Message> => {
  const last = messages.at(-1)
  return last === undefined ? messages : [...messages.slice(0, -1), { ...last, content: `${last.content}\n\n${note}` }]
}
