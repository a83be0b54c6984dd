/** What a model is asked in a call. */
import type { Adapter, LMRequest } from "effect-lm"
import type * as Signature from "effect-lm/signature/Signature"

export const call = (
  signature: Signature.Any,
  inputs: Adapter.AdapterCall["inputs"],
  more: Partial<Adapter.AdapterCall> = {}
): Adapter.AdapterCall => ({ signature, inputs, demos: [], config: {}, ...more })

export const askedOf = (adapter: Adapter.Adapter) => (call: Adapter.AdapterCall): LMRequest.LMRequest["messages"] =>
  adapter.format(call).messages
