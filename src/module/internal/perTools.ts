/**
 * What is derived from a predictor and the tools that it may call: made anew only when the tools change, which those of most
 * agents never do.
 */
import type * as Signature from "../../signature/Signature.ts"
import type * as Toolbox from "../../tool/Toolbox.ts"
import type { Predict } from "../Predict.ts"

type AnyPredict = Predict<Signature.Any>

export const perTools = <A>(
  f: (predict: AnyPredict, toolbox: Toolbox.Toolbox) => A
): (predict: AnyPredict, toolbox: Toolbox.Toolbox) => A => {
  const known = new WeakMap<AnyPredict, { readonly tools: string; readonly value: A }>()
  return (predict, toolbox) => {
    const tools = JSON.stringify(toolbox.specs)
    const last = known.get(predict)
    if (last?.tools === tools) return last.value
    const value = f(predict, toolbox)
    known.set(predict, { tools, value })
    return value
  }
}
