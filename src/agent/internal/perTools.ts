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
): (predict: AnyPredict, offer: T) => A => perOffer(f, ({ mustCall, specs }) => JSON.stringify([mustCall, specs]))

/** The same for whatever is offered; two offers with one key are the same. */
export const perOffer = <A, T>(
  f: (predict: AnyPredict, offer: T) => A,
  keyOf: (offer: T) => string
): (predict: AnyPredict, offer: T) => A => {
  const known = new WeakMap<AnyPredict, { readonly key: string; readonly value: A }>()
  return (predict, offer) => {
    const key = keyOf(offer)
    const last = known.get(predict)
    if (last?.key === key) return last.value
    const value = f(predict, offer)
    known.set(predict, { key, value })
    return value
  }
}
