/** What the types of predictors accept; `tsc` checks this file, the runtime checks what it can. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Module, Predict, Signature, type State, type StateError } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { type Equal, same } from "./support/equal.ts"

const qa = Predict.make("question -> answer: int", { config: { temperature: 0 } })
const xy = Signature.make("x -> y: int")

describe("types of predictors", () => {
  it.effect("another signature is another type, with the same settings", () =>
    Effect.gen(function*() {
      for (const other of [Predict.withSignature(qa, xy), qa.pipe(Predict.withSignature(xy))]) {
        same<Equal<typeof other, Predict.Predict<typeof xy>>>()
        assert.deepStrictEqual(other.settings, qa.settings)
        const { y } = yield* other({ x: "?" }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ y: 1 })])))
        same<Equal<typeof y, number>>()
        assert.strictEqual(y, 1)
      }
      // @ts-expect-error an input of the signature before
      void (() => Predict.withSignature(qa, xy)({ question: "?" }))
    }))

  it.effect("a program with a state has the type that it had", () =>
    Effect.gen(function*() {
      const save = Module.save(qa)
      same<Equal<typeof save, Effect.Effect<State.State, StateError>>>()
      const state = yield* save
      for (const load of [Module.load(qa, state), qa.pipe(Module.load(state))]) {
        same<Equal<typeof load, Effect.Effect<typeof qa, StateError>>>()
        assert.deepStrictEqual((yield* load).settings, qa.settings)
      }
    }))

  it("predictors of any signature have a type", () => {
    const all: ReadonlyArray<Predict.Any> = [qa, Predict.make("a, b: int -> c: list[str]")]
    assert.deepStrictEqual(all.map(({ signature }) => String(signature)), ["question -> answer", "a, b -> c"])
  })
})
