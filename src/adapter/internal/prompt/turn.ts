/**
 * What followed a question, as data with Schemas: a conversation keeps it, and sends it again.
 */
import * as Schema from "effect/Schema"
import * as Content from "../../../lm/LMContent.ts"

/** Fields by name, as JSON values (already encoded by the fields' schemas). */
export const JsonFields = Schema.Record(Schema.String, Schema.Unknown)
export type JsonFields = typeof JsonFields.Type

/** A reply in the adapter's form, and what came of it. */
export const ReplyTurn = Schema.TaggedStruct("Reply", {
  /** The reply as the model wrote it. */
  reply: Schema.String,
  /** The reply's fields, where it could be read: adapters write them in their own form. */
  outputs: Schema.optional(JsonFields),
  /** What the model is told: values by name, or a text; nothing if left out. */
  then: Schema.optional(Schema.Union([Schema.String, JsonFields])),
  /** Pictures, sounds and files that stand behind what the model is told; none if left out. */
  parts: Schema.optional(Schema.Array(Content.Media)),
  /** Whether nothing of the question's form is asked for any more, because another question follows; false if left out. */
  closing: Schema.optional(Schema.Boolean)
})
export interface ReplyTurn extends Schema.Schema.Type<typeof ReplyTurn> {}

/** A reply that called tools, and the results in the order of the calls. */
export const ToolTurn = Schema.TaggedStruct("Tools", {
  /** What the model said and thought, and the tools that it called: it goes back as it came. */
  content: Schema.Array(Content.Said),
  results: Schema.Array(Content.ToolResult)
})
export interface ToolTurn extends Schema.Schema.Type<typeof ToolTurn> {}

/** A remark that stands at the end of the message before it. */
export const NoteTurn = Schema.TaggedStruct("Note", { text: Schema.String })
export interface NoteTurn extends Schema.Schema.Type<typeof NoteTurn> {}

/** What followed a question: a reply, and what the model is told next. */
export const Turn: Schema.Codec<Turn> = Schema.Union([ReplyTurn, ToolTurn, NoteTurn])
export type Turn = ReplyTurn | ToolTurn | NoteTurn
