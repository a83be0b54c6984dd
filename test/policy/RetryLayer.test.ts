/** Retries around a model: whose count holds, what is told of them, and what they take back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer, Stream } from "effect"
import {
  LM,
  Middleware,
  Observer,
  OpenAI,
  Predict,
  Prediction,
  Retry,
  type RunEvent,
  Streaming,
  Timeouts
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { asked, busy, cut, hurried, hurriedLive, ways } from "./support/policies.ts"

describe("retries", () => {
  const counts = (script: ScriptedLM.Script, over: (layer: Layer.Layer<LM>) => Layer.Layer<LM>) =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(script)
      yield* hurried(Effect.exit(Effect.provide(Predict.make("question -> answer")({ question: "?" }), over(lm.layer))))
      return yield* asked(lm)
    })

  it.effect("never multiply, in whatever order policies stand: the outer one counts", () =>
    Effect.gen(function*() {
      const always = () => ScriptedLM.fail(busy)
      const cache = Middleware.make({ name: "plain", stream: (request, next) => next(request) })
      const two = Retry.layer({ times: 2 })
      const five = Retry.layer({ times: 5 })
      const plain = Middleware.layer(cache)
      const limited = Timeouts.layer({ reply: "1 hour" })
      for (
        const [over, expected] of [
          [(self) => self.pipe(two), 3],
          [(self) => self.pipe(two, five), 6],
          [(self) => self.pipe(five, two), 3],
          [(self) => self.pipe(two, plain, five), 6],
          [(self) => self.pipe(five, plain, two), 3],
          [(self) => self.pipe(plain, two, plain, five, plain), 6],
          [(self) => self.pipe(limited, two, limited, five), 6],
          [(self) => self.pipe(two, limited), 3],
          [(self) => self.pipe(five, Retry.layer(false)), 1]
        ] satisfies ReadonlyArray<readonly [(self: Layer.Layer<LM>) => Layer.Layer<LM>, number]>
      ) {
        assert.strictEqual(yield* counts(always, over), expected)
      }
    }))

  it.effect("a provider's layer has one, which a policy over it replaces", () =>
    Effect.gen(function*() {
      let requests = 0
      const model = OpenAI.layer({
        model: "m",
        baseUrl: "http://127.0.0.1/v1",
        fetch: () => {
          requests++
          return Promise.resolve(Response.json({ error: { message: "busy" } }, { status: 429 }))
        }
      })
      for (const [layer, expected] of [[model, 4], [model.pipe(Retry.layer({ times: 1 })), 2]] as const) {
        requests = 0
        yield* hurriedLive(Effect.exit(Effect.provide(Effect.flatMap(LM, ways.generate), layer)))
        assert.strictEqual(requests, expected)
      }
    }))

  it.effect("say what they do while they do it, streamed and not", () =>
    Effect.gen(function*() {
      for (const isStreamed of [true, false]) {
        const lm = yield* ScriptedLM.make([
          ScriptedLM.fail(busy),
          ScriptedLM.fail(cut),
          ScriptedLM.chat({ answer: "a" })
        ])
        const told: Array<RunEvent.LMNotice> = []
        const observed = Observer.observe({
          interest: () => isStreamed ? { text: () => true, partial: () => false, toolCalls: false } : undefined,
          onEvents: (events) =>
            Effect.sync(() => void told.push(...events.flatMap((event) => event._tag === "LMNotice" ? [event] : [])))
        })
        yield* hurried(
          Predict.make("question -> answer")({ question: "?" }).pipe(
            observed,
            Effect.provide(lm.layer.pipe(Retry.layer({ times: 2, delay: "1 second" })))
          )
        )
        assert.deepStrictEqual(
          told.map((
            { notice }
          ) => notice._tag === "Retrying" && [notice._tag, notice.attempt, notice.error.reason._tag]),
          [["Retrying", 2, "RateLimited"], ["Retrying", 3, "Transport"]]
        )
        assert.isTrue(
          told.every(({ call, notice }) =>
            call.name === "scripted/test" && notice._tag === "Retrying" && notice.delayMillis > 500
          )
        )
      }
    }))

  it.effect("an answer that was begun begins anew only where the policy says so; what was shown is retracted", () =>
    Effect.gen(function*() {
      const pieces = ["[[ ## answer ## ]]\n", "Lon"]
      const qa = Streaming.streamify(Predict.make("question -> answer"))
      for (const restart of [false, true]) {
        const lm = yield* ScriptedLM.make([
          ScriptedLM.fail(cut, pieces, { usage: { outputTokens: 3 } }),
          ScriptedLM.chat({ answer: "Paris" }, { usage: { outputTokens: 5 } })
        ])
        const events: Array<string> = []
        const exit = yield* hurried(
          qa({ question: "?" }).pipe(
            Stream.runForEach((event) =>
              Effect.sync(() => {
                events.push(
                  event._tag === "StreamResponse"
                    ? `${event.attempt} ${event.chunk}${event.isLastChunk ? "." : ""}`
                    : event._tag
                )
                if (event._tag === "Prediction") assert.strictEqual(Prediction.usage(event).outputTokens, 8)
              })
            ),
            Effect.exit,
            Effect.provide(lm.layer.pipe(Retry.layer({ restart })))
          )
        )
        assert.deepStrictEqual(
          [exit._tag, ...events],
          restart
            ? ["Success", "1 Lon", "1 .", "Retracted", "2 Paris.", "Prediction"]
            : ["Failure", "1 Lon", "1 ."]
        )
      }
    }))
})
