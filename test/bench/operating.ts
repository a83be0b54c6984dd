/**
 * What operating costs a call: an account, a budget and limits together, and telemetry that no exporter takes, beside the plain call.
 * CPU alone: the model answers at once.
 */
import { Effect, ManagedRuntime } from "effect"
import { Account, Budget, Limits, Predict, Telemetry } from "effect-lm"
import { interleave, print, round } from "./measure.ts"
import { layer } from "./support.ts"

const qa = Predict.make("question -> answer")
const ask = qa({ question: "What is the capital of France?" })
const count = 200

export const operating = async (baseUrl: string): Promise<void> => {
  const plain = ManagedRuntime.make(layer(baseUrl, "whole"))
  const limited = ManagedRuntime.make(
    layer(baseUrl, "whole").pipe(Limits.layer({ concurrency: 1_000, requestsPerMinute: 10_000_000 }))
  )
  const calls = <E>(call: Effect.Effect<unknown, E, Effect.Services<typeof ask>>) =>
    Effect.forEach(Array.from({ length: count }), () => call, { concurrency: 16, discard: true })
  const bounded = Budget.within({ calls: 1_000_000, tokens: 1_000_000_000 })
  const costs = await interleave({
    "a plain call": () => plain.runPromise(calls(ask)),
    "account, budget, limits": () => limited.runPromise(Account.of(bounded(calls(ask)))),
    "telemetry, no exporter": () => plain.runPromise(Telemetry.observe()(calls(ask)))
  }, 15)
  const { cpuMicros: base } = costs["a plain call"]
  print("operating", "CPU us/call", "of a plain call")
  for (const [name, { cpuMicros }] of Object.entries(costs)) {
    print(name, round(cpuMicros / count), `${round(100 * cpuMicros / base)} %`)
  }
  await Promise.all([plain.dispose(), limited.dispose()])
}
