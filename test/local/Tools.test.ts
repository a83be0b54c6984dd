/** Agents on a model in this process: the arguments of a call are held to the schema of the tool that was named. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { CurrentAdapter, LM, ReAct, Tool } from "effect-lm"
import * as Service from "../../src/local/internal/service.ts"
import { adapters } from "../adapter/support/decode.ts"
import * as FakeEngine from "./support/fakeEngine.ts"
import * as Gbnf from "./support/gbnf.ts"

const tools = [
  Tool.make("add", { parameters: { a: Schema.Int, b: Schema.Int } }, ({ a, b }) => Effect.succeed(a + b)),
  Tool.make("tree", {
    parameters: { root: Schema.Struct({ name: Schema.String, leaf: Schema.optionalKey(Schema.Boolean) }) }
  }, ({ root }) => Effect.succeed(root.name)),
  Tool.make("pick", { parameters: { side: Schema.Literals(["left", "right"]) } }, ({ side }) => Effect.succeed(side)),
  Tool.make("now", {}, () => Effect.succeed(0))
]
const agent = ReAct.make("question -> answer", { tools, maxIterations: 4 })

describe("tool calls", () => {
  for (const [name, adapter] of Object.entries(adapters)) {
    it.effect.prop(
      `${name}: every call has arguments of its tool, whatever the model prefers`,
      {
        numbers: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))).check(
          Schema.isMinLength(1)
        )
      },
      ({ numbers }) =>
        Effect.gen(function*() {
          const { engine } = FakeEngine.make({
            limits: { items: 3, characters: 20, tokens: 30 },
            say: ({ sampling: { grammar } }, index) =>
              grammar === undefined
                ? "Hm."
                : Gbnf.write(grammar, Gbnf.choices([...numbers.slice(index % numbers.length), ...numbers]))
          })
          const { trajectory } = yield* agent({ question: "?" }).pipe(
            Effect.provide(Layer.succeed(LM, Service.make(engine))),
            Effect.provideService(CurrentAdapter, adapter)
          )
          for (const step of trajectory) {
            assert.isUndefined(step.problem)
            for (const call of step.calls) assert.isFalse(call.isFailure, JSON.stringify(call))
          }
        }),
      { arbitrary: { runs: 60, seed: 1 } }
    )
  }
})
