/** What a model is asked in a call. */
import { Schema } from "effect"
import type { Adapter, LMRequest } from "effect-lm"
import * as Signature from "effect-lm/signature/Signature"

export const call = (
  signature: Signature.Any,
  inputs: Adapter.AdapterCall["inputs"],
  more: Partial<Adapter.AdapterCall> = {}
): Adapter.AdapterCall => ({ signature, inputs, demos: [], config: {}, ...more })

export const askedOf = (adapter: Adapter.Adapter) => (call: Adapter.AdapterCall): LMRequest.LMRequest["messages"] =>
  adapter.format(call).messages

/** A signature whose fields have all that is told of fields. */
export const rich = Signature.fromSchemas({
  inputs: { text: Schema.String.annotate({ description: "what to judge" }), hints: Schema.Array(Schema.String) },
  outputs: {
    reasoning: Schema.String,
    label: Schema.Literals(["good", "bad"]),
    points: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })),
    author: Schema.Struct({ name: Schema.String.annotate({ description: "in full" }) }),
    mood: Schema.optionalKey(Schema.NullOr(Schema.String))
  },
  instructions: "Judge the text.\nBe fair."
})
