/**
 * What the functions of a script take.
 */
import * as Predicate from "effect/Predicate"
import * as Adapter from "../../adapter/Adapter.ts"
import * as LMError from "../../lm/LMError.ts"
import { isRecord } from "../../text/json/values.ts"
import * as Kinds from "../../text/kinds.ts"

const asIn = "as ScriptedLM.chat({ answer: \"Paris\" }) is one"

const isReply = (value: unknown): boolean => isRecord(value) && Array.isArray(value["reads"]) && isRecord(value["end"])

export const aWholeReply = Kinds.make(`a reply, ${asIn}`, isReply)

export const aReply = Kinds.make(
  `a reply, ${asIn}, or its text as the model writes it`,
  (value) => typeof value === "string" || isReply(value)
)

const anEntry: Kinds.Kind = (what, value) => isRecord(value) && "when" in value ? undefined : aReply(what, value)

/** Replies, or a function. */
export const aScript: Kinds.Kind = (what, value) =>
  typeof value === "function"
    ? undefined
    : Kinds.listOf(`replies, ${asIn}, or a function of the request`, anEntry)(what, value)

export const anError = Kinds.make(
  "an LMError, or a reason of one, as new LMReason.Truncated({ description: \"cut off\" }) is one",
  (value) =>
    value instanceof LMError.LMError ||
    (Predicate.hasProperty(value, "_tag") && Predicate.hasProperty(value, "description"))
)

export const anAdapter = Kinds.make("an adapter, as JSONAdapter.make() is one", Adapter.isAdapter)
export const someFields = Kinds.objectOf("an object of fields, as { answer: \"Paris\" } is one")

export const aToolCall = Kinds.make(
  "a call, as { name: \"search\", arguments: { query: \"Paris\" } } is one",
  (value) => isRecord(value) && typeof value["name"] === "string" && value["arguments"] !== undefined
)
