/** A process that makes calls under limits which it shares over Redis: its arguments are the options, as JSON. */
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import { Console, Effect, Layer } from "effect"
import { Limits, OpenAI, Predict } from "effect-lm"

export interface Work {
  readonly name: string
  readonly calls: number
  readonly baseUrl: string
  readonly redis: number
  readonly limits: Limits.SharedOptions
}

const { baseUrl, calls, limits, name, redis }: Work = JSON.parse(process.argv[2]!)
const model = OpenAI.layer({ model: "m", baseUrl, retry: false }).pipe(
  Limits.layerRedis(limits),
  Layer.provide(NodeRedis.layer({ socket: { host: "127.0.0.1", port: redis } }))
)
const qa = Predict.make("question -> answer")
Effect.forEach(
  Array.from({ length: calls }, (_, call) => call),
  (call) => Effect.match(qa({ question: `${name} ${call}` }), { onSuccess: () => 1, onFailure: () => 0 }),
  { concurrency: "unbounded" }
).pipe(
  Effect.flatMap((done) => Console.log(JSON.stringify({ answered: done.reduce((sum, one) => sum + one, 0) }))),
  Effect.provide(model),
  Effect.runPromise
).then(() => process.exit(0))
