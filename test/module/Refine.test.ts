import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ChainOfThought, LMReason, LMRequest, Module, Predict, Prediction, Refine, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { standing } from "./support/standing.ts"

const qa = Predict.make("question -> answer")
const answer = (answer: string) => ScriptedLM.chat({ answer }, { tokens: true })
const advice = (advice: Readonly<Record<string, string>>) => ScriptedLM.chat({ discussion: "It is long.", advice })
const oneWord = {
  n: 3,
  reward: (_: unknown, { answer }: { readonly answer: string }) => answer.includes(" ") ? 0 : 1,
  threshold: 1,
  criterion: "The answer is one word."
}
const refined = Refine.make(qa, oneWord)
const textOf = (request: LMRequest.LMRequest, index: number) => LMRequest.textOf(request.messages.at(index)!)

describe("Refine", () => {
  it.effect("tries again with advice for its predictors, and stops at the threshold", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        answer("It is Paris."),
        advice({ self: "Leave out the verb.", nobody: "Be somebody." }),
        answer("Paris")
      ])
      const prediction = yield* Effect.provide(refined({ question: "Capital?" }), lm.layer)
      assert.strictEqual(prediction.answer, "Paris")
      assert.strictEqual(Prediction.usage(prediction).calls, 3)
      const [first, asked, second] = yield* lm.requests
      assert.notInclude(textOf(first!, 0), "Advice")
      assert.include(textOf(second!, 0), "Advice after an earlier attempt:\nLeave out the verb.")
      assert.notInclude(textOf(second!, 0), "Be somebody.")
      assert.deepStrictEqual([first!.config.rolloutId, second!.config.rolloutId], [1, 2])
      const told = textOf(asked!, -1)
      for (
        const part of [
          "question -> answer",
          `{"question":"Capital?"}`,
          `self: {"question":"Capital?"} -> {"answer":"It is Paris."}`,
          "The answer is one word."
        ]
      ) assert.include(told, part)
      yield* lm.assertComplete
    }))

  it.effect("advises each predictor of a composed module, and keeps their paths", () =>
    Effect.gen(function*() {
      const research = Module.make(
        "Research",
        {
          analyze: ChainOfThought.make("question -> key_points: list[str]"),
          synthesize: Predict.make("question, key_points: list[str] -> answer")
        },
        ({ analyze, synthesize }) => (input: { readonly question: string }) =>
          Effect.flatMap(analyze(input), ({ key_points }) => synthesize({ ...input, key_points }))
      )
      const points = ScriptedLM.chat({ reasoning: "r", key_points: ["k"] })
      const lm = yield* ScriptedLM.make([
        points,
        answer("a long one"),
        advice({ analyze: "N/A", synthesize: "Be brief." }),
        points,
        answer("short")
      ])
      const outer = Module.make(
        "Outer",
        { inside: Refine.make(research, oneWord) },
        ({ inside }) => (input: { readonly question: string }) => inside(input)
      )
      const events = yield* Stream.runCollect(Streaming.streamify(outer)({ question: "Why?" })).pipe(
        Effect.provide(lm.layer)
      )
      const requests = yield* lm.requests
      assert.include(textOf(requests[2]!, -1), `analyze: {"question":"Why?"} -> {"reasoning":"r","key_points":["k"]}\n`)
      assert.notInclude(textOf(requests[3]!, 0), "Advice")
      assert.include(textOf(requests[4]!, 0), "Be brief.")
      assert.deepStrictEqual(
        new Set(events.flatMap((event) => event._tag === "StreamResponse" ? [event.predictName] : [])),
        new Set(["inside.analyze", "inside.synthesize", "inside.advice"])
      )
      assert.deepStrictEqual(
        Object.entries(standing(events)).flatMap(([key, text]) => key.endsWith(" answer") ? [text] : []),
        ["short"]
      )
    }))

  it.effect("answers the best where none is good enough, and asks for no advice after the last", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([answer("one two"), advice({}), answer("three four")])
      const { answer: best } = yield* Effect.provide(
        Refine.make(qa, { ...oneWord, n: 2 })({ question: "?" }),
        lm.layer
      )
      assert.strictEqual(best, "one two")
      yield* lm.assertComplete
    }))

  it.effect("goes on without advice where that fails, unless that is one failure too many", () =>
    Effect.gen(function*() {
      const failure = ScriptedLM.fail(new LMReason.Authentication({ description: "busy" }))
      const script = [answer("one two"), failure, answer("three")]
      const { answer: best } = yield* Effect.provide(refined({ question: "?" }), ScriptedLM.layer(script))
      assert.strictEqual(best, "three")
      const strict = Refine.make(qa, { ...oneWord, maxFailures: 0 })
      const error = yield* Effect.flip(Effect.provide(strict({ question: "?" }), ScriptedLM.layer(script)))
      assert.strictEqual(error._tag, "LMError")
    }))

  it.effect("the advice is another program's, if it is given one", () =>
    Effect.gen(function*() {
      const asked: Array<Refine.Question> = []
      const mine = Module.make("Mine", {}, () => (question: Refine.Question) => {
        asked.push(question)
        return Effect.succeed({ advice: { self: "One word." } })
      })
      const lm = yield* ScriptedLM.make([answer("one two"), answer("three")])
      yield* Effect.provide(Refine.make(qa, { ...oneWord, advisor: mine })({ question: "?" }), lm.layer)
      assert.deepInclude(asked[0], { reward: 0, threshold: 1, predictors: ["self"] })
      assert.include(textOf((yield* lm.requests)[1]!, 0), "One word.")
    }))
})
