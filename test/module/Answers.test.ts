/** What a composed module may answer: any record, as it is; and what is refused, by the compiler and at run time. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Option, Schema, Stream } from "effect"
import { Module, Predict, Prediction, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

const qa = Predict.make("question -> answer")
type Input = { readonly question: string }

/** A module that answers what types may not see through. */
const answering = (answer: unknown) =>
  Module.make("Odd", {}, () => (_input: object) => Effect.succeed(answer as { readonly any: "record" }))

describe("law 4: a program may answer any record", () => {
  class Report extends Schema.Class<Report>("Report")({ answer: Schema.String }) {
    get loud() {
      return this.answer.toUpperCase()
    }
  }

  it.effect("an instance of a class keeps its getters, and is a prediction", () =>
    Effect.gen(function*() {
      const program = Module.make("Reporter", { qa }, ({ qa }) => (input: Input) =>
        Effect.map(qa(input), ({ answer }) =>
          new Report({ answer })))
      const prediction = yield* program({ question: "?" })
      assert.strictEqual(prediction.loud, "YES")
      assert.isTrue(prediction instanceof Report)
      assert.isTrue(Prediction.isPrediction(prediction))
      assert.strictEqual(prediction._tag, "Prediction")
      assert.strictEqual(Prediction.usage(prediction).calls, 1)
      assert.deepStrictEqual({ ...prediction }, { answer: "Yes" })
      assert.strictEqual(JSON.stringify(prediction), "{\"answer\":\"Yes\"}")
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))))

  it.effect("so does a record without a prototype, and one whose values are anything", () =>
    Effect.gen(function*() {
      const bare = Object.assign(Object.create(null), { a: 1 })
      assert.deepStrictEqual({ ...yield* answering(bare)({}) }, { a: 1 } as never)
      const odd = { when: new Date(0), map: new Map(), nothing: undefined, f: () => 1, big: 1n, list: [1] }
      assert.deepStrictEqual({ ...yield* answering(odd)({}) }, odd as never)
    }))
})

describe("what is no record", () => {
  it("does not compile", () => {
    // @ts-expect-error an array
    Module.make("Bad", { qa }, ({ qa }) => (input: Input) => Effect.map(qa(input), ({ answer }) => [answer]))
    // @ts-expect-error a function
    Module.make("Bad", { qa }, ({ qa }) => (input: Input) => Effect.map(qa(input), ({ answer }) => () => answer))
    // @ts-expect-error a value that is tagged
    Module.make("Bad", { qa }, ({ qa }) => (input: Input) => Effect.map(qa(input), ({ answer }) => Option.some(answer)))
    // @ts-expect-error a string
    Module.make("Bad", { qa }, ({ qa }) => (input: Input) => Effect.map(qa(input), ({ answer }) => answer))
    Module.make(
      "Bad",
      { qa },
      // @ts-expect-error one case of several is tagged
      ({ qa }) => (input: Input) =>
        Effect.map(qa(input), ({ answer }) => answer === "" ? { _tag: "None" as const } : { answer })
    )
  })

  const odd = {
    "the _tag 'Approved'": { _tag: "Approved", by: "me" },
    "the _tag 'Some'": Option.some(1),
    "the kind Array": [1],
    "the kind Function": () => 1,
    "the kind Map": new Map(),
    "the kind Error": new Error("no answer"),
    "the kind String": "text",
    "the kind Null": null,
    "the kind Undefined": undefined
  }
  for (const [what, answer] of Object.entries(odd)) {
    it.effect(`is a defect that names the module: ${what}`, () =>
      Effect.gen(function*() {
        const outer = Module.make("Outer", { odd: answering(answer) }, ({ odd }) => (input: object) => odd(input))
        for (const run of [outer({}), Stream.runDrain(Streaming.streamify(outer)({}))]) {
          const exit = yield* Effect.exit(run)
          assert.isTrue(Exit.isFailure(exit))
          if (!Exit.isFailure(exit)) return
          const defect = Cause.squash(exit.cause)
          assert.isTrue(Cause.hasDies(exit.cause) && defect instanceof TypeError)
          assert.include(String(defect), `Odd (odd) answered a value`)
          assert.include(String(defect), what)
        }
      }))
  }
})
