/** A language model over an engine: events, limits, interruption. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Result, Stream } from "effect"
import * as LMContent from "effect-lm/lm/LMContent"
import * as LMError from "effect-lm/lm/LMError"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import { type GenerationConfig, type LMRequest, type ReplyPiece, toolResult, user } from "effect-lm/lm/LMRequest"
import * as Service from "../../src/local/internal/service.ts"
import { asking } from "../support/requests.ts"
import { textOfFirst } from "../support/said.ts"
import * as FakeEngine from "./support/fakeEngine.ts"

const request = (config: GenerationConfig = {}, self: Partial<LMRequest> = {}) => asking("Hi", { config, ...self })

const shaped = (config: GenerationConfig, ...pieces: ReadonlyArray<ReplyPiece>): LMRequest =>
  request(config, { replyShape: { pieces, prompt: [user("Hi")] } })

const prompt = "<user>Hi\n<assistant>"

const events = (fake: FakeEngine.FakeEngine, self: LMRequest) =>
  Stream.runCollect(Service.make(fake.engine).stream(self))

const textsOf = (all: ReadonlyArray<LMEvent>, index = 0): ReadonlyArray<string> =>
  all.flatMap((event) => event._tag === "TextDelta" && event.index === index ? [event.text] : [])

const finishes = (all: ReadonlyArray<LMEvent>) =>
  all.flatMap((event) => event._tag === "Finish" ? [[event.index, event.reason]] : [])

/** Lets every other fiber do what it can. */
const settled = Effect.repeat(Effect.yieldNow, { times: 500 })

describe("events", () => {
  it.effect("who answers, the text token by token, why it ended, what it cost", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "Hi é!" })
      assert.deepStrictEqual(yield* events(fake, request()), [
        { _tag: "ResponseInfo", model: "local/fake" },
        ...["H", "i", " ", "é", "!"].map((text): LMEvent => ({ _tag: "TextDelta", index: 0, text })),
        { _tag: "Finish", index: 0, reason: "stop" },
        {
          _tag: "Usage",
          usage: {
            calls: 1,
            inputTokens: prompt.length,
            outputTokens: 6,
            reasoningTokens: 0,
            cachedInputTokens: 0,
            cacheWriteTokens: 0
          }
        }
      ])
      assert.deepStrictEqual(fake.counts, { generated: 6, generations: 0, sequences: 0 })
    }))

  it.effect("pictures, sounds and files are refused before anything is generated, in results of tools too", () =>
    Effect.gen(function*() {
      const source = { _tag: "Base64", data: "AAA=", mediaType: "image/png" } as const
      const parts = [{ _tag: "Image", source }, { _tag: "Audio", source }, { _tag: "File", source }] as const
      for (
        const message of parts.flatMap((part) => [
          user([LMContent.text("See:"), part]),
          toolResult({ toolCallId: "a", name: "f", content: [part] })
        ])
      ) {
        const fake = FakeEngine.make({ say: () => "a cat" })
        const shape = { pieces: [], prompt: [message] }
        for (const asked of [request({}, { messages: [message] }), request({}, { replyShape: shape })]) {
          const { reason } = yield* Effect.flip(Service.make(fake.engine).generate(asked))
          assert.strictEqual(reason._tag, "NotSupported")
          assert.match(reason.description, /^a local model reads text alone: [^.]*$/)
        }
        assert.deepStrictEqual(fake.messages, [])
        assert.deepStrictEqual(fake.counts, { generated: 0, generations: 0, sequences: 0 })
      }
    }))

  it.effect("thoughts that a model begins its text with are reasoning", () =>
    Effect.gen(function*() {
      const { completions } = yield* Service.make(FakeEngine.make({ say: () => "<think>hm</think>\nYes" }).engine)
        .generate(request())
      assert.deepStrictEqual(completions[0]!.content, [{ _tag: "Reasoning", text: "hm" }, {
        _tag: "Text",
        text: "Yes"
      }])
    }))

  it.effect("several completions, one after the other, that differ; what they share is paid once", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: (_, index) => `answer ${index}` })
      const all = yield* events(fake, request({ n: 3, seed: 7 }))
      for (const index of [0, 1, 2]) assert.strictEqual(textsOf(all, index).join(""), `answer ${index}`)
      assert.deepStrictEqual(finishes(all), [[0, "stop"], [1, "stop"], [2, "stop"]])
      assert.deepStrictEqual(fake.asked.map(({ sampling }) => [sampling.temperature, sampling.seed]), [
        [0.8, 7],
        [0.8, 8],
        [0.8, 9]
      ])
      assert.isTrue(fake.asked.every(({ context }) => context === prompt))
      const [usage] = all.flatMap((event) => event._tag === "Usage" ? [event.usage] : [])
      assert.include(usage, { calls: 1, inputTokens: prompt.length, outputTokens: 24, cachedInputTokens: 0 })
    }))

  it.effect("one completion is the likeliest, unless a temperature is asked for", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "a" })
      yield* events(fake, request())
      yield* events(fake, request({ temperature: 0.3, topP: 0.9, seed: 1 }))
      assert.deepStrictEqual(fake.asked.map(({ sampling }) => sampling), [
        { temperature: 0, topP: undefined, seed: undefined, grammar: undefined },
        { temperature: 0.3, topP: 0.9, seed: 1, grammar: undefined }
      ])
    }))
})

describe("the form of a reply", () => {
  it.effect("fixed pieces are written, and read by the model; a stop is unsaid", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: (_, index) => ["  one</s> never", "true"][index]! })
      const all = yield* events(
        fake,
        shaped(
          {},
          { _tag: "Literal", text: "A:\n" },
          { _tag: "Text", field: "a" },
          { _tag: "Literal", text: "\nB:\n" },
          { _tag: "Json", field: "b", schema: { type: "boolean" } },
          { _tag: "Literal", text: "\ndone" }
        )
      )
      assert.strictEqual(textsOf(all).join(""), "A:\none\nB:\ntrue\ndone")
      assert.deepStrictEqual(fake.asked.map(({ context }) => context), [`${prompt}A:\n`, `${prompt}A:\none\nB:\n`])
      assert.include(fake.asked[1]!.sampling.grammar!, "root ::= boolean")
      assert.deepStrictEqual(finishes(all), [[0, "stop"]])
    }))

  it.effect("a text that goes on and on is ended, and the rest of the form still follows", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({
        say: () => "la".repeat(1000),
        limits: { items: 2, characters: 5, tokens: 10 }
      })
      const all = yield* events(fake, shaped({}, { _tag: "Text", field: "a" }, { _tag: "Literal", text: "\nend" }))
      assert.strictEqual(textsOf(all).join(""), "lalalalala\nend")
      assert.deepStrictEqual(finishes(all), [[0, "stop"]])
    }))
})

describe("law 5: complete or an error", () => {
  it.effect("maxTokens: no token more, and the completion is not whole", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "abcdef" })
      const all = yield* events(fake, request({ maxTokens: 4 }))
      assert.strictEqual(textsOf(all).join(""), "abcd")
      assert.deepStrictEqual(finishes(all), [[0, "length"]])
      assert.strictEqual(fake.counts.generated, 4)
    }))

  it.effect("maxTokens counts the fixed pieces; one that has no room is not begun", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "abc" })
      const pieces: ReadonlyArray<ReplyPiece> = [
        { _tag: "Literal", text: "A: " },
        { _tag: "Text", field: "a" },
        { _tag: "Literal", text: "; end" }
      ]
      const all = yield* events(fake, shaped({ maxTokens: 8 }, ...pieces))
      assert.strictEqual(textsOf(all).join(""), "A: abc")
      assert.deepStrictEqual(finishes(all), [[0, "length"]])
      assert.deepStrictEqual(finishes(yield* events(fake, shaped({ maxTokens: 11 }, ...pieces))), [[0, "stop"]])
    }))

  it.effect("the end of the context ends the completion in the same way", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "abcdef", contextSize: prompt.length + 3 })
      const all = yield* events(fake, request())
      assert.strictEqual(textsOf(all).join(""), "abc")
      assert.deepStrictEqual(finishes(all), [[0, "length"]])
    }))

  it.effect("a request that leaves no room for any reply is an error before anything is generated", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "a", contextSize: prompt.length + 3 })
      const error = yield* Effect.flip(
        events(fake, shaped({}, { _tag: "Literal", text: "abc" }, { _tag: "Text", field: "a" }))
      )
      assert.strictEqual(error.reason._tag, "ContextWindowExceeded")
      assert.include(error.message, `${prompt.length + 4} tokens`)
      assert.include(error.message, "larger contextSize")
      assert.isEmpty(fake.asked)
    }))
})

describe("what it cannot do", () => {
  const tools = [{ name: "add", parameters: {} }]

  it.effect("tools are refused, unless none is to be called", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "a" })
      assert.isFalse(Service.make(fake.engine).capabilities.tools)
      const error = yield* Effect.flip(events(fake, request({}, { tools })))
      assert.strictEqual(error.reason._tag, "NotSupported")
      assert.include(error.message, "a local model cannot call tools")
      assert.isEmpty(fake.asked)
      const all = yield* events(fake, request({}, { tools, toolChoice: "none" }))
      assert.deepStrictEqual(finishes(all), [[0, "stop"]])
    }))
})

describe("law 3: scope owns the work", () => {
  it.effect("leaving after the first text closes the generation, and nothing more is generated", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({ say: () => "la".repeat(10_000), before: Effect.yieldNow })
      const shown = yield* Service.make(fake.engine).stream(request()).pipe(
        Stream.filter((event) => event._tag === "TextDelta"),
        Stream.take(1),
        Stream.runCollect
      )
      assert.strictEqual(shown.length, 1)
      assert.deepStrictEqual([fake.counts.generations, fake.counts.sequences], [0, 0])
      const { generated } = fake.counts
      yield* settled
      assert.strictEqual(fake.counts.generated, generated)
    }))

  it.effect("interruption while a token is awaited leaves at once", () =>
    Effect.gen(function*() {
      const waits = yield* Deferred.make<void>()
      const fake = FakeEngine.make({
        say: () => "a",
        before: Effect.andThen(Deferred.succeed(waits, undefined), Effect.never)
      })
      const fiber = yield* Effect.forkChild(Service.make(fake.engine).generate(request()))
      yield* Deferred.await(waits)
      assert.deepStrictEqual([fake.counts.generations, fake.counts.sequences], [1, 1])
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual([fake.counts.generations, fake.counts.sequences], [0, 0])
    }))
})

describe("law 4: failures are values", () => {
  it.effect("what was streamed stays delivered, then the engine's error, and nothing stays open", () =>
    Effect.gen(function*() {
      const failure = new LMError.LMError({
        model: "local/fake",
        reason: new LMError.UnsupportedModel({ description: "broken" })
      })
      let tokens = 0
      const fake = FakeEngine.make({
        say: () => "abcdef",
        before: Effect.suspend(() => tokens++ < 3 ? Effect.void : Effect.fail(failure))
      })
      const seen: Array<LMEvent> = []
      const result = yield* Service.make(fake.engine).stream(request()).pipe(
        Stream.runForEach((event) => Effect.sync(() => void seen.push(event))),
        Effect.result
      )
      assert.strictEqual(textsOf(seen).join(""), "abc")
      assert.isTrue(Result.isFailure(result) && result.failure === failure)
      assert.deepStrictEqual([fake.counts.generations, fake.counts.sequences], [0, 0])
    }))
})

describe("law 8: bounded", () => {
  it.effect("while nobody takes what is there, nothing is generated", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const arrived = yield* Deferred.make<void>()
      const fake = FakeEngine.make({ say: () => "x".repeat(5000) })
      const fiber = yield* Service.make(fake.engine).stream(request()).pipe(
        Stream.runForEach(() => Effect.andThen(Deferred.succeed(arrived, undefined), Deferred.await(gate))),
        Effect.forkChild
      )
      yield* Deferred.await(arrived)
      yield* settled
      assert.isBelow(fake.counts.generated, 50)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(fiber)
      assert.strictEqual(fake.counts.generated, 5000)
    }))
})

describe("law 6: programs are values", () => {
  it.effect("many requests at once do not mix", () =>
    Effect.gen(function*() {
      const fake = FakeEngine.make({
        say: ({ context }) => `echo ${/<user>(.*)\n/.exec(context)![1]}`,
        before: Effect.yieldNow
      })
      const service = Service.make(fake.engine)
      const texts = yield* Effect.forEach(Array.from({ length: 50 }, (_, i) => `${i}`), (content) =>
        Effect.map(
          service.generate(request({}, { messages: [user(content)] })),
          textOfFirst
        ), { concurrency: "unbounded" })
      assert.deepStrictEqual(texts, Array.from({ length: 50 }, (_, i) => `echo ${i}`))
    }))
})
