/** Policies before a real server that misbehaves: storms of refusals, resets and stalls at points of a stream. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Layer, Stream } from "effect"
import { Breaker, Fallback, Hedge, Limits, type LM, OpenAI, Predict, Retry, Streaming, Timeouts } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import * as WireServer from "../support/wireServer.ts"
import type { Policy } from "./support/composed.ts"

const reply = "[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]"
const qa = Predict.make("question -> answer")
const ask = qa({ question: "?" })
const model = (server: WireServer.WireServer): Layer.Layer<LM, unknown> =>
  OpenAI.layer({ model: "m", baseUrl: server.baseUrl })

/** So many calls at once. */
const times = (count: number) => Effect.forEach(Array.from({ length: count }), () => ask, { concurrency: "unbounded" })

const refused = (message: string, headers: Readonly<Record<string, string>> = {}) =>
  WireServer.json(429, { error: { message, code: "rate_limit_exceeded" } }, headers)

describe("storms of 429", () => {
  // Each says to come back in a second or less.
  const delays: Readonly<Record<string, () => WireServer.Handler>> = {
    seconds: () => refused("slow down", { "retry-after": "1" }),
    "a date": () => refused("slow down", { "retry-after": new Date(Date.now() + 1500).toUTCString() }),
    milliseconds: () => refused("slow down", { "retry-after-ms": "700" }),
    "the body": () => refused("Rate limit reached for m. Please try again in 800ms.")
  }
  for (const [where, handler] of Object.entries(delays)) {
    it.live(`with a delay in ${where}: nobody asks before it has passed, and all are answered`, () =>
      Effect.gen(function*() {
        const arrived: Array<number> = []
        const refusedAt: Array<number> = []
        const server = yield* WireServer.make((exchange) =>
          Effect.suspend(() => {
            arrived.push(performance.now())
            if (arrived.length > 3) return WireServer.answer(reply)(exchange)
            refusedAt.push(performance.now())
            return handler()(exchange)
          })
        )
        const answers = yield* times(12).pipe(
          Effect.provide(model(server).pipe(Limits.layer({ concurrency: 3 })))
        )
        assert.strictEqual(answers.length, 12)
        assert.strictEqual(server.requests.length, 15)
        // Of the three that were under way together each was refused; the fourth came when the pause was over.
        const least = where === "a date" ? 450 : where === "seconds" ? 950 : where === "milliseconds" ? 650 : 750
        assert.isAtLeast(arrived[3]! - refusedAt[2]!, least)
      }).pipe(Effect.scoped))
  }

  it.live("a quota error is not tried again, and stops nobody", () =>
    Effect.gen(function*() {
      const quota = WireServer.json(429, {
        error: { message: "You exceeded your current quota", code: "insufficient_quota" }
      }, { "retry-after": "30" })
      const server = yield* WireServer.make([quota, WireServer.answer(reply)])
      const [first, second] = yield* Effect.all([Effect.flip(ask), ask]).pipe(
        Effect.provide(model(server).pipe(Limits.layer({ concurrency: 1 })))
      )
      assert.strictEqual("reason" in first && first.reason._tag, "QuotaExceeded")
      assert.strictEqual(second.answer, "yes")
      assert.strictEqual(server.requests.length, 2)
    }).pipe(Effect.scoped))

  it.live("headers of answers hold calls back before there is a refusal", () =>
    Effect.gen(function*() {
      const arrived: Array<number> = []
      const server = yield* WireServer.make((exchange) =>
        Effect.suspend(() => {
          arrived.push(performance.now())
          return WireServer.json(200, WireServer.completion({ content: reply }), {
            "x-ratelimit-remaining-requests": arrived.length === 1 ? "1" : "100",
            "x-ratelimit-reset-requests": "600ms"
          })(exchange)
        })
      )
      yield* Effect.andThen(ask, times(4)).pipe(Effect.provide(model(server).pipe(Limits.layer({}))))
      assert.isBelow(arrived[1]! - arrived[0]!, 550)
      assert.strictEqual(arrived.length, 5)
    }).pipe(Effect.scoped))
})

describe("1,000 calls", () => {
  it.live("a server sees as many at once as the limit allows, in the order in which they came", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const server = yield* WireServer.make((exchange) =>
        Effect.suspend(() => {
          seen.push(/question (\d+)/.exec(exchange.request.text)?.[1] ?? "")
          return WireServer.answer(reply)(exchange)
        })
      )
      const layer = model(server).pipe(Limits.layer({ concurrency: 1, requestsPerMinute: 300 }))
      const calls = yield* Effect.forkChild(
        Effect.forEach(Array.from({ length: 1000 }), (_, call) => qa({ question: `question ${call}` }), {
          concurrency: "unbounded"
        }).pipe(Effect.provide(layer))
      )
      while (seen.length < 300) yield* Effect.sleep(20)
      yield* Effect.sleep(300)
      yield* Fiber.interrupt(calls)
      assert.deepStrictEqual(seen.map(Number), Array.from({ length: 300 }, (_, call) => call))
    }).pipe(Effect.scoped))
})

describe("a stream that breaks off", () => {
  const pieces = ["[[ ## ans", "wer ## ]]\nye", "s\n\n[[ ## compl", "eted ## ]]"]
  /** Sends so many pieces, and then does this. */
  const after =
    (count: number, then: (exchange: WireServer.Exchange) => Effect.Effect<void>): WireServer.Handler => (exchange) =>
      Effect.gen(function*() {
        yield* exchange.head(200, WireServer.eventStream)
        for (const content of pieces.slice(0, count)) yield* exchange.write(WireServer.chunk({ content }))
        yield* then(exchange)
      })
  const reserve = ScriptedLM.layer(() => ScriptedLM.chat({ answer: "yes" }, { tokens: true }))
  const stacks: Readonly<Record<string, Policy>> = {
    retry: Retry.layer({ times: 1, delay: 1, restart: true }),
    fallback: (layer) => layer.pipe(Retry.layer(false), Breaker.layer(), Hedge.after("5 seconds"), Fallback.to(reserve))
  }
  for (const [name, policies] of Object.entries(stacks)) {
    it.live(
      `by a reset or a stall at each of its points is taken back, and given by ${name}`,
      () =>
        Effect.gen(function*() {
          for (let count = 0; count <= pieces.length; count++) {
            for (const how of ["reset", "stall", "cut"] as const) {
              const server = yield* WireServer.make([
                after(
                  count,
                  (exchange) => how === "reset" ? exchange.reset : how === "cut" ? exchange.cut : exchange.closed
                ),
                WireServer.answer(reply)
              ])
              const layer = model(server).pipe(
                Timeouts.layer({ firstEvent: "250 millis", idle: "250 millis" }),
                Limits.layer({ concurrency: 1 }),
                policies
              )
              let text = ""
              yield* Streaming.streamify(qa)({ question: "?" }).pipe(
                Stream.runForEach((event) =>
                  Effect.sync(() => {
                    if (event._tag === "Retracted") text = ""
                    else if (event._tag === "StreamResponse") text += event.chunk
                  })
                ),
                Effect.provide(layer)
              )
              assert.strictEqual(text, "yes", `${how} after ${count}`)
            }
          }
        }).pipe(Effect.scoped),
      60_000
    )
  }

  it.live("the slower of two requests is left, and its socket closed", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make([WireServer.silence, WireServer.answer(reply)])
      const { answer } = yield* ask.pipe(Effect.provide(model(server).pipe(Hedge.after("100 millis"))))
      assert.strictEqual(answer, "yes")
      yield* server.nextAbandoned
      assert.strictEqual(server.requests.length, 2)
    }).pipe(Effect.scoped))

  it.live("a circuit opens on resets, and not on refusals of what was asked", () =>
    Effect.gen(function*() {
      const tag = Effect.match(ask, {
        onSuccess: () => "answer",
        onFailure: (error) => "reason" in error ? error.reason._tag : ""
      })
      for (
        const [handler, expected] of [
          [(exchange: WireServer.Exchange) => exchange.reset, ["Transport", "Transport", "CircuitOpen"]],
          [WireServer.json(400, { error: { message: "no" } }), ["InvalidRequest", "InvalidRequest", "InvalidRequest"]]
        ] as const
      ) {
        const server = yield* WireServer.make(handler)
        const tags = yield* Effect.forEach([1, 2, 3], () => tag).pipe(
          Effect.provide(model(server).pipe(Retry.layer(false), Breaker.layer({ failures: 2 })))
        )
        assert.deepStrictEqual(tags, [...expected])
      }
    }).pipe(Effect.scoped))
})
