/** Answers that are given again: what is kept, what is not, and what counts as the same. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import {
  Cache,
  CacheStore,
  Fallback,
  LM,
  LMError,
  type LMEvent,
  LMReason,
  LMRequest,
  LMResponse,
  type LMService,
  OpenAI,
  Predict,
  Prediction,
  Retry,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { asking } from "../support/requests.ts"
import { asked, cut, hurried, request, ways } from "./support/policies.ts"

const paid = { usage: { inputTokens: 10, outputTokens: 5 } }

/** A scripted model with a cache over it. */
const cached = Effect.fnUntraced(function*<E = never, R = never>(
  script: ScriptedLM.Script,
  options?: Cache.Options<E, R>
) {
  const lm = yield* ScriptedLM.make(script)
  const { apply } = yield* Cache.make(options)
  return { lm, service: apply(lm.service) }
})

/** The answer of the model is its number of the call, in pieces. */
const counting: ScriptedLM.Script = (_, call) => ScriptedLM.chunks(["answer ", String(call + 1)], paid)

const textOf = (service: LMService, asking: LMRequest.LMRequest = request) =>
  Effect.map(service.generate(asking), ({ completions }) => LMResponse.textOf(completions[0]!))

describe("an answer that is given again", () => {
  it.effect("is the same, streamed and whole, says so, and costs nothing", () =>
    Effect.gen(function*() {
      for (const first of ["stream", "generate"] as const) {
        const { lm, service } = yield* cached(counting)
        const fresh = yield* ways[first](service)
        assert.deepInclude(fresh.usage, { inputTokens: 10, calls: 1 })
        assert.strictEqual(fresh.givenAgain, undefined)
        for (const way of ["stream", "generate"] as const) {
          const again = yield* ways[way](service)
          assert.deepStrictEqual(again, { ...fresh, usage: Usage.empty, givenAgain: true })
        }
        assert.strictEqual(yield* asked(lm), 1)
      }
    }))

  it.effect("comes in one piece, or in the pieces of the first time", () =>
    Effect.gen(function*() {
      for (const chunks of [false, true]) {
        const { service } = yield* cached(counting, { chunks })
        const texts = Stream.runCollect(service.stream(request)).pipe(
          Effect.map((events) => events.flatMap((event) => event._tag === "TextDelta" ? [event.text] : []))
        )
        assert.deepStrictEqual(yield* texts, ["answer ", "1"])
        assert.deepStrictEqual(yield* texts, chunks ? ["answer ", "1"] : ["answer 1"])
      }
    }))

  it.effect("has its thoughts, its tool calls, its order, and no headers, which were of that time", () =>
    Effect.gen(function*() {
      const reads: ReadonlyArray<ReadonlyArray<LMEvent.LMEvent>> = [
        [{ _tag: "ResponseInfo", id: "1", model: "m", headers: { "x-ratelimit-remaining": "1" } }],
        [{ _tag: "ReasoningDelta", index: 0, text: "Hm", providerData: { signature: "s" } }],
        [{ _tag: "TextDelta", index: 0, text: "So" }],
        [{ _tag: "ToolCallDelta", index: 0, call: 0, id: "a", name: "f", argumentsDelta: "{}" }],
        [{ _tag: "Finish", index: 0, reason: "tool-calls" }]
      ]
      for (const chunks of [false, true]) {
        const { service } = yield* cached([ScriptedLM.events(reads)], { chunks })
        const { headers, ...first } = yield* ways.stream(service)
        assert.isDefined(headers)
        assert.deepStrictEqual(yield* ways.stream(service), { ...first, usage: Usage.empty, givenAgain: true })
      }
    }))

  it.effect("an answer that began anew is kept as it stood at the end", () =>
    Effect.gen(function*() {
      const restarted = ScriptedLM.events([
        [{ _tag: "TextDelta", index: 0, text: "Lon" }],
        [{ _tag: "Restart" }, { _tag: "TextDelta", index: 0, text: "Par" }],
        [{ _tag: "TextDelta", index: 0, text: "is" }, { _tag: "Finish", index: 0, reason: "stop" }]
      ])
      for (const chunks of [false, true]) {
        const { service } = yield* cached([restarted], { chunks })
        yield* ways.stream(service)
        const events = yield* Stream.runCollect(service.stream(request))
        assert.isFalse(events.some(({ _tag }) => _tag === "Restart"))
        assert.strictEqual(LMResponse.textOf(LMResponse.fold(events).completions[0]!), "Paris")
      }
    }))
})

describe("the same", () => {
  const others: Readonly<Record<string, LMRequest.LMRequest>> = {
    text: asking("Why not?"),
    temperature: asking("Why?", { config: { temperature: 0 } }),
    rollout: asking("Why?", { config: { rolloutId: 1 } }),
    options: asking("Why?", { config: { providerOptions: { openai: { body: { a: 1 } } } } }),
    schema: asking("Why?", { responseFormat: { _tag: "JsonSchema", name: "a", schema: { type: "object" } } }),
    tools: asking("Why?", { tools: [{ name: "f", parameters: {} }] }),
    place: { ...request, messages: [LMRequest.system("Be brief."), ...request.messages] }
  }

  it.effect("whatever is different in a request is another answer; settings may be in any order", () =>
    Effect.gen(function*() {
      const { service } = yield* cached(counting)
      const all = [request, ...Object.values(others)]
      const first = yield* Effect.forEach(all, (one) => textOf(service, one))
      assert.strictEqual(new Set(first).size, all.length)
      assert.deepStrictEqual(yield* Effect.forEach(all, (one) => textOf(service, one)), first)
      const one = yield* textOf(service, asking("?", { config: { temperature: 0, seed: 1 } }))
      assert.strictEqual(yield* textOf(service, asking("?", { config: { seed: 1, temperature: 0 } })), one)
    }))

  it.effect("models of other names, at other places or with other settings share nothing; other keys do", () =>
    Effect.gen(function*() {
      const made = (more: Partial<OpenAI.Options>) =>
        OpenAI.make({ model: "m", baseUrl: "http://127.0.0.1:1/v1", apiKey: Redacted.make("sk-one"), ...more })
      const services = yield* Effect.all([
        made({}),
        made({ model: "other" }),
        made({ baseUrl: "http://127.0.0.1:2/v1" }),
        made({ headers: { "x-beta": "1" } }),
        made({ extraBody: { top_a: 1 } }),
        made({ config: { temperature: 0 } }),
        // These are the first one again.
        made({ apiKey: Redacted.make("sk-two") }),
        made({ headers: { "x-api-key": "sk-three" } }),
        made({ baseUrl: "http://127.0.0.1:1/v1?token=sk-four" })
      ])
      assert.notInclude(JSON.stringify(services), "sk-")
      const { apply } = yield* Cache.make()
      const lm = yield* ScriptedLM.make(counting)
      const texts = yield* Effect.forEach(
        services,
        ({ model, origin }) => textOf(apply({ ...lm.service, model, origin }))
      )
      assert.strictEqual(new Set(texts).size, 6)
      assert.deepStrictEqual(texts.slice(6), [texts[0], texts[0], texts[0]])
    }))

  it.effect("a request without JSON goes past the cache", () =>
    Effect.gen(function*() {
      const { service } = yield* cached(counting)
      const odd = asking("?", { config: { providerOptions: { a: { body: { b: 1n } } } } })
      assert.deepStrictEqual([yield* textOf(service, odd), yield* textOf(service, odd)], ["answer 1", "answer 2"])
    }))
})

describe("what is not kept", () => {
  const unwelcome: Readonly<Record<string, ScriptedLM.Reply>> = {
    "failed": ScriptedLM.fail(cut, ["half"]),
    "cut off": ScriptedLM.truncated(["half"]),
    "at the token limit": ScriptedLM.chunks(["half"], { finish: "length" }),
    "filtered": ScriptedLM.chunks(["half"], { finish: "content-filter" }),
    "refused": ScriptedLM.chunks(["no"], { finish: "refusal" }),
    "without an end": ScriptedLM.events([[{ _tag: "TextDelta", index: 0, text: "half" }]]),
    "of nothing": ScriptedLM.events([]),
    "of two, of which one is cut": ScriptedLM.completions([
      ScriptedLM.text("whole"),
      ScriptedLM.chunks(["half"], { finish: "length" })
    ])
  }
  for (const [name, reply] of Object.entries(unwelcome)) {
    it.effect(`an answer ${name}`, () =>
      Effect.gen(function*() {
        for (const way of ["stream", "generate"] as const) {
          const { lm, service } = yield* cached([reply, ScriptedLM.text("whole")])
          yield* Effect.exit(ways[way](service))
          assert.strictEqual(yield* textOf(service), "whole")
          yield* lm.assertComplete
        }
      }))
  }

  it.effect("an answer that was left", () =>
    Effect.gen(function*() {
      const { lm, service } = yield* cached(counting)
      yield* Stream.runDrain(Stream.take(service.stream(request), 1))
      assert.strictEqual(yield* lm.interrupted, 1)
      assert.strictEqual(yield* textOf(service), "answer 2")
    }))

  it.effect("a reply that could not be read, whether it is asked for once more or not", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question -> answer, score: float", { maxRepairs: 0 })
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chat({ answer: "Paris", score: "high" }),
        ScriptedLM.chat({ answer: "Paris", score: 1 })
      ])
      const layer = lm.layer.pipe(Cache.layer())
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(qa({ question: "?" })))._tag, "AdapterParseError")
        assert.strictEqual((yield* qa({ question: "?" })).score, 1)
        const again = yield* qa({ question: "?" })
        assert.isTrue(Prediction.details(again).givenAgain)
      }).pipe(Effect.provide(layer))
      yield* lm.assertComplete
    }))

  it.effect("nor does a repaired call go the long way again: the bad reply is gone, and the good one is asked for", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question -> score: float")
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chat({ score: "high" }),
        ScriptedLM.chat({ score: 1 }),
        ScriptedLM.chat({ score: 2 })
      ])
      const reserve = ScriptedLM.layer(() => ScriptedLM.chat({ score: 3 }))
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* qa({ question: "?" })).score, 1)
        assert.strictEqual((yield* qa({ question: "?" })).score, 2)
        assert.strictEqual((yield* qa({ question: "?" })).score, 2)
      }).pipe(Effect.provide(lm.layer.pipe(Cache.layer(), Fallback.to(reserve), Retry.layer(false))))
      yield* lm.assertComplete
    }))
})

describe("how long and how much", () => {
  it.effect("an answer is kept as long as the cache says, or the call that asked for it", () =>
    Effect.gen(function*() {
      const { service } = yield* cached(counting, { timeToLive: "1 hour" })
      const brief = Cache.withUse(textOf(service, asking("brief")), { mode: "use", timeToLive: "1 minute" })
      assert.deepStrictEqual([yield* textOf(service), yield* brief], ["answer 1", "answer 2"])
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual([yield* textOf(service), yield* brief], ["answer 1", "answer 2"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([yield* textOf(service), yield* brief], ["answer 1", "answer 3"])
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* textOf(service), "answer 4")
    }))

  it.effect("memory has room for so many answers, and so many bytes; the least used goes first", () =>
    Effect.gen(function*() {
      const two = yield* cached(counting, { store: CacheStore.memory({ entries: 2 }) })
      const ask = (text: string) => textOf(two.service, asking(text))
      assert.deepStrictEqual(
        yield* Effect.forEach(["a", "b", "a", "c", "a", "b"], ask),
        ["answer 1", "answer 2", "answer 1", "answer 3", "answer 1", "answer 4"]
      )
      const script: ScriptedLM.Script = (_, call) => `${call + 1}`.padEnd(1000)
      const small = yield* cached(script, { store: CacheStore.memory({ bytes: 5000 }) })
      const texts = yield* Effect.forEach(["a", "b", "a", "c", "b"], (text) => textOf(small.service, asking(text)))
      assert.deepStrictEqual(texts.map((text) => text.trim()), ["1", "2", "1", "3", "4"])
      const tiny = yield* cached(script, { store: CacheStore.memory({ bytes: 500 }) })
      assert.deepStrictEqual([(yield* textOf(tiny.service)).trim(), (yield* textOf(tiny.service)).trim()], ["1", "2"])
    }))

  it.effect("a call may refresh what is kept, or go past it", () =>
    Effect.gen(function*() {
      const { service } = yield* cached(counting)
      const ask = (mode: Cache.Use["mode"]) => Cache.withUse(textOf(service), { mode })
      assert.deepStrictEqual(
        yield* Effect.forEach(["bypass", "use", "use", "bypass", "use", "refresh", "use"] as const, ask),
        ["answer 1", "answer 2", "answer 2", "answer 3", "answer 2", "answer 4", "answer 4"]
      )
      const streamed = service.stream(request).pipe(
        Stream.provideService(Cache.CurrentUse, { mode: "bypass" }),
        LMResponse.collect
      )
      assert.strictEqual((yield* streamed).givenAgain, undefined)
    }))
})

describe("with others", () => {
  it.effect("a cache over retries keeps what came of them; what is told on the way is told once", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(cut), ScriptedLM.text("yes", paid)])
      yield* hurried(
        Effect.gen(function*() {
          const service = yield* LM
          assert.deepStrictEqual(LM.describe(service), ["cache (memory)", "retry (1 times)", "scripted/test"])
          const told: Array<string> = []
          const tell: Parameters<LMService["generate"]>[1] = (events) =>
            Effect.sync(() => void told.push(...events.map(({ _tag }) => _tag)))
          yield* service.generate(request, tell)
          const again = yield* service.generate(request, tell)
          assert.deepStrictEqual(told, ["Retrying"])
          assert.isTrue(again.givenAgain)
        }).pipe(Effect.provide(lm.layer.pipe(Retry.layer({ times: 1 }), Cache.layer())))
      )
    }))

  it.effect("caches may be on two levels: what the inner one gives, the outer one keeps", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(counting)
      const inner = (yield* Cache.make()).apply(lm.service)
      yield* textOf(inner)
      const outer = (yield* Cache.make()).apply(inner)
      for (let i = 0; i < 2; i++) {
        const response = yield* ways.generate(outer)
        assert.isTrue(response.givenAgain)
        assert.deepStrictEqual(response.usage, Usage.empty)
      }
      assert.strictEqual(yield* asked(lm), 1)
    }))

  it.effect("a failure is the model's own", () =>
    Effect.gen(function*() {
      const error = new LMError({ model: "m", reason: new LMReason.Authentication({ description: "no" }) })
      const { service } = yield* cached([ScriptedLM.fail(error)])
      assert.strictEqual(yield* Effect.flip(ways.generate(service)), error)
    }))
})
