/**
 * What was said before in a conversation, as an input of a signature.
 *
 * A signature may have one input that is a history, `"question, history: History -> answer"`. Adapters do not write it as a
 * field: each of its messages is a question and its answer again, between the examples and the new question. A caller may leave
 * it out; then nothing was said before. The history of an example (a demo) is not shown.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import { isRecord } from "../text/json/values.ts"
import * as Kinds from "../text/kinds.ts"
import { combinator, given } from "../text/options.ts"
import { historyKey } from "./internal/history.ts"

// Models

/**
 * An earlier turn: its inputs and its outputs by field name, as JSON values. A field that the signature does not have is not
 * shown to the model, and neither is one that is missing. Under {@link turnsKey} may be what an agent did in the turn.
 */
export type Message = Schema.JsonObject

/**
 * Under this key, which is no field's name, a message has what an agent did between the question and the answer: the tools that it
 * called, and what they found (`Adapter.Turn`, as JSON). `Session.messageOf` puts it there. Agents send it again; other
 * predictors do not see it.
 */
export const turnsKey = "~turns"

/** The turns so far, oldest first. It is JSON as it is, so it can be stored and sent. */
export interface History {
  readonly messages: ReadonlyArray<Message>
}

/** A schema of histories: unlike a struct's, its constructor asks for JSON values by their type. */
export interface HistorySchema
  extends Schema.Bottom<History, History, never, never, SchemaAST.Objects, HistorySchema>
{}

/** The schema of a history, by which a field is known as one; it reads what `JSON.stringify` made of a history. */
export const History: Schema.withConstructorDefault<HistorySchema> = Schema.make<HistorySchema>(
  Schema.Struct({ messages: Schema.Array(Schema.JsonObject) }).annotate({
    identifier: "History",
    description: "the turns so far",
    [historyKey]: true
  }).ast
).pipe(Schema.withConstructorDefault(Effect.sync(() => empty)))

// Constructors

/** Nothing was said before. */
export const empty: History = { messages: [] }

/**
 * A history of these turns, oldest first.
 *
 * @example
 * const chat = Predict.make("question, history: History -> answer")
 * const history = History.make([{ question: "Capital of France?", answer: "Paris" }])
 * const { answer } = yield* chat({ question: "And of Italy?", history })
 */
export const make = (messages: ReadonlyArray<Message>): History => {
  given("History.make", { messages: turns }, [messages])
  return { messages }
}

// What is inside of them is looked at with the inputs of a call.
const turn = Kinds.objectOf("a turn, as { question: \"Capital of France?\", answer: \"Paris\" } is one")
const turns = Kinds.listOf("turns", turn)

// Combinators

/** The history with one more turn at its end. */
export const append: {
  (message: Message): (self: History) => History
  (self: History, message: Message): History
} = combinator(
  "History.append",
  {
    self: Kinds.make(
      "a history, as History.make gives one",
      (value) => isRecord(value) && Array.isArray(value["messages"])
    ),
    message: turn
  },
  (self: History, message: Message): History => ({ messages: [...self.messages, message] })
)
