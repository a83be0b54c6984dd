/**
 * What a request asks of a model that can be held to a form: whom it hears, and the pieces that make its reply.
 */
import { textOf as textOfParts } from "../../lm/LMContent.ts"
import {
  type Dependence,
  type LMRequest,
  type Message,
  type ReplyPiece,
  textOf,
  toolCallsOf
} from "../../lm/LMRequest.ts"
import { isRecord } from "../../text/json/values.ts"
import type { ChatMessage, Limits } from "./engine.ts"
import * as Grammar from "./grammar.ts"

/** A request, ready for an engine. */
export interface Plan {
  readonly messages: ReadonlyArray<ChatMessage>
  readonly pieces: ReadonlyArray<Piece>
}

/** Fixed text, or text that the model generates: until a stop or until it is done, or as a grammar has it. */
export type Piece = { readonly _tag: "Literal"; readonly text: string } | Generated

/** `plain` text is the whole reply, which a model may begin with its thoughts. */
export type Generated =
  | { readonly _tag: "Free"; readonly stops: ReadonlyArray<string>; readonly plain: boolean }
  | Held

/** JSON. `field` is named where another piece depends on what it says. */
export interface Held {
  readonly _tag: "Grammar"
  /** For what the field that this one depends on has said. */
  readonly grammar: string | { readonly on: string; readonly of: (said: unknown) => string }
  readonly field?: string
}

/**
 * Prefers the reply's shape to the response format: it says more. `stop` ends the free text that it appears in, and what the
 * shape has after that is still written.
 */
export const make = (request: LMRequest, limits: Limits | undefined): Plan => {
  const { config, replyShape, responseFormat } = request
  const stops = config.stop ?? []
  if (replyShape !== undefined) {
    const { dependence, prompt } = replyShape
    const pieces = dependence === undefined
      ? replyShape.pieces
      : replyShape.pieces.flatMap((piece) => apart(piece, dependence))
    return {
      messages: toChat(prompt),
      pieces: pieces.map((piece) => toPiece(piece, [...stops, ...pieces.flatMap(marker)], dependence, limits))
    }
  }
  const messages = toChat(request.messages)
  switch (responseFormat._tag) {
    case "Text":
      return { messages, pieces: [{ _tag: "Free", stops, plain: true }] }
    case "Json":
      return { messages, pieces: [{ _tag: "Grammar", grammar: Grammar.fromJsonSchema({ type: "object" }, limits) }] }
    case "JsonSchema":
      return { messages, pieces: [{ _tag: "Grammar", grammar: Grammar.fromJsonSchema(responseFormat.schema, limits) }] }
  }
}

const toPiece = (
  piece: ReplyPiece,
  stops: ReadonlyArray<string>,
  dependence: Dependence | undefined,
  limits: Limits | undefined
): Piece => {
  switch (piece._tag) {
    case "Literal":
      return piece
    case "Json":
      if (piece.field === dependence?.field) {
        const { on, schemas } = dependence
        const of = (said: unknown) =>
          Grammar.fromJsonSchema(
            typeof said === "string" && Object.hasOwn(schemas, said) ? schemas[said]! : piece.schema,
            limits
          )
        return { _tag: "Grammar", grammar: { on, of } }
      }
      return {
        _tag: "Grammar",
        grammar: Grammar.fromJsonSchema(piece.schema, limits),
        ...(piece.field === dependence?.on && { field: piece.field })
      }
    case "Text":
      // A model that has seen a form may go on to write it by itself, or begin it again: its text ends there.
      return { _tag: "Free", stops, plain: false }
  }
}

/** An object of all fields as a piece for each of them, so that one can depend on what another says. */
const apart = (piece: ReplyPiece, { field, on }: Dependence): ReadonlyArray<ReplyPiece> => {
  if (piece._tag !== "Json" || piece.field !== "" || !isRecord(piece.schema["properties"])) return [piece]
  const { $defs, properties } = piece.schema
  const members = Object.entries(properties)
  if (![field, on].every((name) => Object.hasOwn(properties, name))) return [piece]
  return [
    ...members.flatMap(([name, schema], index): ReadonlyArray<ReplyPiece> => [
      { _tag: "Literal", text: `${index === 0 ? "{" : ", "}${JSON.stringify(name)}: ` },
      { _tag: "Json", field: name, schema: { ...(isRecord(schema) ? schema : {}), ...(isRecord($defs) && { $defs }) } }
    ]),
    { _tag: "Literal", text: "}" }
  ]
}

/** The first line of a fixed text, if it is long enough to mean the text. */
const marker = (piece: ReplyPiece): ReadonlyArray<string> => {
  const [line = ""] = piece._tag === "Literal" ? piece.text.trim().split("\n", 1) : []
  return line.length < 4 ? [] : [line]
}

/** Chat templates know three roles, the system first, and most of them no two messages of one role in a row. */
const toChat = (messages: ReadonlyArray<Message>): ReadonlyArray<ChatMessage> => {
  const spoken = messages.flatMap(speak)
  const system = spoken.filter(({ role }) => role === "system")
  const chat: Array<ChatMessage> = []
  for (const message of [...system, ...spoken.filter(({ role }) => role !== "system")]) {
    const last = chat.at(-1)
    if (last?.role === message.role) chat[chat.length - 1] = join(last, message)
    else chat.push(message)
  }
  return chat
}

const join = (first: ChatMessage, second: ChatMessage): ChatMessage => ({
  role: first.role,
  content: `${first.content}\n\n${second.content}`
})

const speak = (message: Message): ReadonlyArray<ChatMessage> => {
  switch (message.role) {
    case "tool":
      return message.content.map(({ content, name }) => ({
        role: "user",
        content: `${name} answered: ${textOfParts(content)}`
      }))
    case "assistant": {
      const calls = toolCallsOf(message).map((call) => `${call.name}(${call.arguments})`)
      return [{ role: "assistant", content: [textOf(message), ...calls].filter((line) => line !== "").join("\n") }]
    }
    default:
      return [{ role: message.role, content: textOf(message) }]
  }
}
