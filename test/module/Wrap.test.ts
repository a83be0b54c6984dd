/**
 * Modules around modules, written as a third party would: a best-of-n that streams, a retry of a whole program, a wrapper around
 * an agent.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import {
  ChainOfThought,
  Emission,
  InputError,
  type LM,
  Module,
  Predict,
  Prediction,
  ReAct,
  Session,
  type StreamEvent,
  Streaming,
  StreamListener
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

/** The best of several answers. */
const bestOf = <I extends object, O extends object, E, R, S extends Module.Signatures>(
  self: Module.Module<I, O, E, R, S>,
  { n, reward }: { readonly n: number; readonly reward: (input: I, output: O) => number }
) =>
  Module.wrap(self, "BestOf", (inner) =>
    Effect.fnUntraced(function*(input: I) {
      let best: { readonly attempt: Module.Attempt<Prediction.Prediction<O>>; readonly score: number } | undefined
      for (let rolloutId = 1; rolloutId <= n; rolloutId++) {
        const attempt = yield* Module.attempt(inner(input, { config: { temperature: 1, rolloutId } }))
        const score = reward(input, attempt.value)
        if (best !== undefined && best.score >= score) yield* attempt.discard(`its score is ${score}`)
        else {
          yield* best?.attempt.discard(`its score is ${best.score}`) ?? Effect.void
          best = { attempt, score }
        }
      }
      return best!.attempt.value
    }))

const answer = (answer: string) =>
  ScriptedLM.chat({ answer }, { tokens: true, usage: { inputTokens: 10, outputTokens: 1 } })

const qa = Predict.make("question -> answer", { temperature: 0 })
const shortest = bestOf(qa, { n: 3, reward: (_, { answer }) => -answer.length })

/** What stands of each call's field once all events are read. */
const standing = (
  events: ReadonlyArray<StreamEvent.StreamResponse | StreamEvent.Retracted | { readonly _tag: string }>
) => {
  const texts = new Map<string, string>()
  for (const event of events) {
    if (isResponse(event)) texts.set(event.callId, (texts.get(event.callId) ?? "") + event.chunk)
    else if (isRetracted(event)) texts.delete(event.callId)
  }
  return [...texts.values()]
}
const isResponse = (event: object): event is StreamEvent.StreamResponse =>
  "_tag" in event && event._tag === "StreamResponse"
const isRetracted = (event: object): event is StreamEvent.Retracted => "_tag" in event && event._tag === "Retracted"

describe("Module.wrap", () => {
  const script = [answer("a long answer"), answer("short"), answer("in between")]

  it.effect("chooses among attempts, and counts what all have used", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(script)
      const prediction = yield* Effect.provide(shortest({ question: "?" }), lm.layer)
      assert.deepStrictEqual({ ...prediction }, { answer: "short" })
      assert.strictEqual(Prediction.usage(prediction).calls, 3)
      // What the wrapper says to the module inside wins over its own settings.
      assert.deepStrictEqual(
        (yield* lm.requests).map(({ config }) => config),
        [1, 2, 3].map((rolloutId) => ({ temperature: 1, rolloutId }))
      )
    }))

  for (
    const [how, options] of [
      ["every field", {}],
      ["a listener", { streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "self" })] }]
    ] as const
  ) {
    it.effect(`law 7: a stream of ${how} takes back all attempts but the chosen one`, () =>
      Effect.gen(function*() {
        const streamed = Streaming.streamify(shortest, options)
        const events = yield* Stream.runCollect(streamed({ question: "?" })).pipe(
          Effect.provide(ScriptedLM.layer(script))
        )
        assert.deepStrictEqual(standing(events), ["short"])
        assert.deepStrictEqual(
          events.flatMap((event) => isRetracted(event) ? [event] : []).map((
            { fields, predictName, reason }
          ) => [predictName, fields, reason]),
          [["self", ["answer"], "its score is -13"], ["self", ["answer"], "its score is -10"]]
        )
        const last = events.filter((event) => isResponse(event) && event.isLastChunk)
        assert.strictEqual(last.length, 3)
      }))
  }

  it.effect("attempts side by side stream too, and all but one are taken back", () =>
    Effect.gen(function*() {
      const race = Module.wrap(qa, "Race", (inner) => (input) =>
        Effect.gen(function*() {
          const [first, ...others] = yield* Effect.all(
            [1, 2, 3].map((rolloutId) => Module.attempt(inner(input, { config: { rolloutId } }))),
            { concurrency: "unbounded" }
          )
          yield* Effect.forEach(others, ({ discard }) => discard())
          return first!.value
        }))
      const events = yield* Stream.runCollect(
        Streaming.streamify(race, { streamListeners: [StreamListener.make({ signatureFieldName: "answer" })] })({
          question: "?"
        })
      ).pipe(Effect.provide(ScriptedLM.layer((request) => answer(`answer ${request.config.rolloutId}`))))
      assert.deepStrictEqual(standing(events), ["answer 1"])
    }))

  it.effect("keeps paths, signatures and predictors of what it is around, for composed modules and agents", () =>
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
      const wrapped = bestOf(research, { n: 1, reward: () => 0 })
      assert.deepStrictEqual(Object.keys(wrapped.signatures), ["analyze", "synthesize"])
      const paths: Array<string> = []
      const mapped = Module.mapPredictors(wrapped, (predict, path) => {
        paths.push(path)
        return Predict.withInstructions(predict, `You are ${path}.`)
      })
      assert.deepStrictEqual(paths, ["analyze", "synthesize"])
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chat({ reasoning: "r", key_points: ["k"] }),
        ScriptedLM.chat({ answer: "a" })
      ])
      const events = yield* Stream.runCollect(
        Streaming.streamify(mapped, {
          streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "synthesize" })]
        })({ question: "?" })
      ).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(standing(events), ["a"])
      const told = (yield* lm.requests).map(({ messages }) => JSON.stringify(messages[0]))
      assert.include(told[0], "You are analyze.")
      assert.include(told[1], "You are synthesize.")

      const agent = ReAct.make("question -> answer", { tools: [] })
      assert.deepStrictEqual(
        Object.keys(bestOf(agent, { n: 1, reward: () => 0 }).signatures),
        Object.keys(agent.signatures)
      )
    }))

  it.effect("is wrapped itself, and lives inside of others", () =>
    Effect.gen(function*() {
      const twice = bestOf(shortest, { n: 2, reward: (_, { answer }) => answer.length })
      const program = Module.make("Program", { best: twice }, ({ best }) => (input: { readonly question: string }) =>
        best(input))
      assert.deepStrictEqual(Object.keys(program.signatures), ["best"])
      const all = ["aaa", "bb", "cccc", "ddd", "eeeee", "ffffff"].map(answer)
      const events = yield* Stream.runCollect(Streaming.streamify(program)({ question: "?" })).pipe(
        Effect.provide(ScriptedLM.layer(all))
      )
      // The shortest of the first three is "bb", of the others "ddd", of which the longer one wins.
      assert.deepStrictEqual(standing(events), ["ddd"])
    }))

  it.effect("a session of a wrapped program remembers", () =>
    Effect.gen(function*() {
      const chat = bestOf(Predict.make("question, history: History -> answer"), { n: 1, reward: () => 0 })
      const lm = yield* ScriptedLM.make([answer("one"), answer("two")])
      yield* Effect.gen(function*() {
        const session = yield* Session.make(chat)
        yield* session({ question: "first?" })
        yield* session({ question: "second?" })
        assert.strictEqual((yield* session.history).messages.length, 2)
      }).pipe(Effect.provide(lm.layer))
      assert.strictEqual((yield* lm.requests)[1]!.messages.length, 4)
    }))

  it("its types are those of what it is around", () => {
    type Wrapped = typeof shortest
    const check: Wrapped extends
      Module.Module<{ readonly question: string }, { readonly answer: string }, Predict.PredictError, LM, {
        readonly self: typeof qa.signature
      }> ? true :
      false = true
    assert.isTrue(check)
    assert.throws(() => Module.wrap(3 as never, "W", () => () => Effect.succeed({})), /Module.wrap: `self` is a number/)
  })

  it.effect("inputs that the module inside does not take are its error", () =>
    Effect.gen(function*() {
      // @ts-expect-error the input `question` is missing
      const error = yield* Effect.flip(Effect.provide(shortest({}), ScriptedLM.layer([])))
      assert.instanceOf(error, InputError)
    }))

  it.effect("outside of a module an attempt is what it runs", () =>
    Effect.gen(function*() {
      const { discard, value } = yield* Module.attempt(Effect.succeed(1))
      yield* discard()
      assert.strictEqual(value, 1)
    }))
})

describe("Streaming.emit", () => {
  const Found = Emission.channel("found", Schema.Struct({ title: Schema.String, at: Schema.Date }))

  const program = Module.make(
    "Search",
    { qa },
    ({ qa }) => (input: { readonly question: string }) =>
      Effect.gen(function*() {
        yield* Streaming.emit(Found, { title: "a page", at: new Date(0) })
        return yield* qa(input)
      })
  )

  it.effect("a program's own values are in its stream, typed, at their place", () =>
    Effect.gen(function*() {
      const events = yield* Stream.runCollect(Streaming.streamify(program)({ question: "?" })).pipe(
        Effect.provide(ScriptedLM.layer([answer("Paris")]))
      )
      assert.strictEqual(events[0]!._tag, "Emitted")
      const found = events.filter(Found.is)
      assert.deepStrictEqual(found.map(({ path, value }) => [path, value.title, value.at.getTime()]), [[
        "self",
        "a page",
        0
      ]])
      assert.isFalse(Emission.channel("other", Schema.Finite).is(found[0]))
    }))

  it.effect("without a stream, and outside of a program, nothing happens", () =>
    Effect.gen(function*() {
      yield* Streaming.emit(Found, { title: "nobody listens", at: new Date(0) })
      const { answer: said } = yield* Effect.provide(program({ question: "?" }), ScriptedLM.layer([answer("Paris")]))
      assert.strictEqual(said, "Paris")
    }))
})
