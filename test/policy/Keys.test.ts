/** Which key a request goes to, and which keys are put aside for how long. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Redacted } from "effect"
import { Keys, Limits, LM, LMError, LMReason, Middleware, OpenAI, Predict, Retry } from "effect-lm"
import { TestClock } from "effect/testing"
import * as WireServer from "../support/wireServer.ts"
import { ways } from "./support/policies.ts"
import * as Timed from "./support/timed.ts"

const of = (reason: LMReason.Reason) => new LMError({ model: "timed/test", reason })
const busy = (seconds?: number) =>
  of(
    new LMReason.RateLimited({
      description: "busy",
      ...(seconds !== undefined && { retryAfter: Duration.seconds(seconds) })
    })
  )
const spent = of(new LMReason.QuotaExceeded({ description: "nothing left" }))

/** So many servers; each answers, or fails as the test says at this moment. */
const servers = (count: number) => {
  const errors: Array<LMError | undefined> = []
  const all = Array.from(
    { length: count },
    (_, at) => Timed.make(() => errors[at] === undefined ? {} : { error: errors[at] })
  )
  const [first, ...others] = all.map(({ service }) => service)
  return { errors, keys: Keys.make([first!, ...others]), seen: () => all.map(({ seen }) => seen.length), all }
}

for (const way of ["stream", "generate"] as const) {
  describe(`Keys: ${way}`, () => {
    const ask = (lm: LM["Service"]) => Effect.result(ways.of(way)(lm, Timed.request("?")))
    const times = (count: number, lm: LM["Service"]) => Effect.forEach(Array.from({ length: count }), () => ask(lm))

    it.effect("each request goes to the next one", () =>
      Effect.gen(function*() {
        const { keys, seen } = servers(3)
        yield* times(4, keys)
        assert.deepStrictEqual(seen(), [2, 1, 1])
      }))

    it.effect("one that has asked too often is put aside for its time, and the request goes on with the next", () =>
      Effect.gen(function*() {
        const { errors, keys, seen } = servers(2)
        errors[0] = busy(20)
        assert.deepStrictEqual((yield* times(4, keys)).map(({ _tag }) => _tag), Array(4).fill("Success"))
        assert.deepStrictEqual(seen(), [1, 4])
        errors[0] = undefined
        yield* TestClock.adjust("19 seconds")
        yield* times(2, keys)
        assert.deepStrictEqual(seen(), [1, 6])
        yield* TestClock.adjust("1 second")
        yield* times(2, keys)
        assert.deepStrictEqual(seen(), [2, 7])
        // Without a time of the provider's for ten seconds.
        errors[1] = busy()
        yield* times(4, keys)
        assert.strictEqual(seen()[1], 8)
        yield* TestClock.adjust("10 seconds")
        yield* times(2, keys)
        assert.strictEqual(seen()[1], 9)
      }))

    it.effect("one that has nothing left or is not accepted is put aside for longer; other failures are not the key's", () =>
      Effect.gen(function*() {
        const { errors, keys, seen } = servers(3)
        errors[0] = spent
        errors[1] = of(new LMReason.Authentication({ description: "who?" }))
        yield* times(6, keys)
        assert.deepStrictEqual(seen(), [1, 1, 6])
        yield* TestClock.adjust("10 minutes")
        errors[0] = errors[1] = undefined
        errors[2] = of(new LMReason.Server({ description: "down" }))
        const results = yield* times(3, keys)
        assert.deepStrictEqual(seen(), [2, 2, 7])
        assert.strictEqual(results.filter(({ _tag }) => _tag === "Failure").length, 1)
      }))

    it.effect("where all are put aside nothing is sent, and the error says when one is back", () =>
      Effect.gen(function*() {
        const { errors, keys, seen } = servers(2)
        errors[0] = busy(20)
        errors[1] = spent
        const first = yield* Effect.flip(Effect.fromResult(yield* ask(keys)))
        assert.strictEqual(first.reason._tag, "QuotaExceeded")
        yield* TestClock.adjust("5 seconds")
        const second = yield* Effect.flip(Effect.fromResult(yield* ask(keys)))
        assert.deepStrictEqual(second.retryAfter && Duration.toSeconds(second.retryAfter), 15)
        assert.match(second.message, /nothing was sent: all keys are put aside. busy/)
        assert.deepStrictEqual(seen(), [1, 1])
      }))
  })
}

describe("Keys", () => {
  it.effect("retries are done once above them, time limits and limits once for each", () =>
    Effect.gen(function*() {
      const layer = Keys.layer(
        ["a", "b"].map((key) => Redacted.make(key)) as [Redacted.Redacted, Redacted.Redacted],
        (apiKey) => OpenAI.layer({ model: "m", baseUrl: "http://127.0.0.1:1/v1", apiKey, retry: { times: 2 } })
      ).pipe(
        Limits.layer({ requestsPerMinute: 10 })
      )
      const lm = Context.get(yield* Layer.build(layer), LM)
      assert.deepStrictEqual(
        LM.describe(lm),
        [
          "retry (2 times)",
          "keys (2 in turn)",
          "1: limits (10 requests a minute)",
          "1: timeouts (first event 5m, silence 2m)",
          "1: openai/m",
          "2: limits (10 requests a minute)",
          "2: timeouts (first event 5m, silence 2m)",
          "2: openai/m"
        ].map((line) => line.replace("openai/m", lm.model))
      )
      const more = Middleware.apply(lm, Retry.middleware(Retry.make({ times: 7 })))
      assert.deepStrictEqual(LM.describe(more).slice(0, 2), ["retry (7 times)", "keys (2 in turn)"])
    }))

  it.effect("a limit whose queue is full sends a call on to the next key, which is not put aside", () =>
    Effect.gen(function*() {
      const { all, seen } = servers(2)
      const limited = all.map(({ service }) =>
        Middleware.apply(service, Limits.make({ requestsPerMinute: 2, queue: 0 }))
      )
      const keys = Keys.make([limited[0]!, limited[1]!])
      const tags = yield* Effect.forEach(
        Array.from({ length: 6 }),
        () =>
          Effect.match(keys.generate(Timed.request("?")), {
            onSuccess: () => "answer",
            onFailure: ({ reason }) => reason._tag
          })
      )
      assert.deepStrictEqual(tags, ["answer", "answer", "answer", "answer", "QueueFull", "QueueFull"])
      assert.deepStrictEqual(seen(), [2, 2])
    }))

  it.live("a server sees each key in its turn, and one that it refuses no more", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const server = yield* WireServer.make((exchange) => {
        const key = exchange.request.headers.authorization ?? ""
        asked.push(key)
        return key.endsWith("key-two")
          ? WireServer.json(429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } })(
            exchange
          )
          : WireServer.answer("[[ ## answer ## ]]\nyes\n\n[[ ## completed ## ]]")(exchange)
      })
      const layer = Keys.layer(
        [Redacted.make("key-one"), Redacted.make("key-two"), Redacted.make("key-three")],
        (apiKey) => OpenAI.layer({ model: "m", baseUrl: server.baseUrl, apiKey })
      )
      const qa = Predict.make("question -> answer")
      const answers = yield* Effect.forEach([1, 2, 3, 4, 5], () => qa({ question: "?" })).pipe(Effect.provide(layer))
      assert.deepStrictEqual(answers.map(({ answer }) => answer), Array(5).fill("yes"))
      assert.strictEqual(asked.filter((key) => key.endsWith("key-two")).length, 1)
      assert.strictEqual(asked.length, 6)
    }).pipe(Effect.scoped))

  it("refuses what is no key", () => {
    assert.throws(
      () => Keys.layer(["sk"] as never, () => OpenAI.layerConfig),
      /^Keys.layer: `keys\[0\]` is a string: it is a key, as Redacted.make/
    )
    assert.throws(
      () => Keys.layer([] as never, () => OpenAI.layerConfig),
      /^Keys.layer: `keys` is a list: it is a list of keys, with one at least/
    )
  })
})
