/**
 * What is derived from a predictor and the tools that it may call: made anew only when the tools change, which those of most
 * agents never do.
 */
import type { ToolSpec } from "../../lm/LMRequest.ts"
import type { Predict } from "../../module/Predict.ts"
import type * as Signature from "../../signature/Signature.ts"

type AnyPredict = Predict<Signature.Any>

export const perTools = <A, T extends { readonly specs: ReadonlyArray<ToolSpec>; readonly mustCall: boolean }>(
  f: (predict: AnyPredict, offer: T) => A
): (predict: AnyPredict, offer: T) => A => {
  const known = new WeakMap<AnyPredict, { readonly tools: string; readonly value: A }>()
  return (predict, offer) => {
    const tools = JSON.stringify([offer.mustCall, offer.specs])
    const last = known.get(predict)
    if (last?.tools === tools) return last.value
    const value = f(predict, offer)
    known.set(predict, { tools, value })
    return value
  }
}
