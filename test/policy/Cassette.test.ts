/** What a model said is written down, and said again: every piece, every wait, every failure; strictly, and without secrets. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Effect, Exit, Fiber, Layer, Schema, Stream } from "effect"
import {
  Cassette,
  CassetteError,
  LM,
  LMError,
  type LMEvent,
  LMReason,
  LMResponse,
  Predict,
  Prediction,
  Retry,
  Streaming,
  Usage
} from "effect-lm"
import { Cassette as ForTests, ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { asking } from "../support/requests.ts"
import { busy, hurried, request } from "./support/policies.ts"

/** A file in a folder that is removed at the end. */
const tape = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-cassette-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  ),
  (path) => join(path, "cassette.jsonl")
)

/** What a consumer sees of a call: each read with the time at which it came, and the end. */
const seen = (asked = request) =>
  Effect.gen(function*() {
    const lm = yield* LM
    const reads: Array<readonly [at: number, events: ReadonlyArray<LMEvent.LMEvent>]> = []
    const began = yield* Clock.currentTimeMillis
    const exit = yield* Effect.exit(
      Stream.runForEachArray(lm.stream(asked), (events) =>
        Effect.map(Clock.currentTimeMillis, (now) => reads.push([now - began, [...events]])))
    )
    return { reads, exit, took: (yield* Clock.currentTimeMillis) - began }
  })

const running = <A, E, R, E2>(self: Effect.Effect<A, E, R>, layer: Layer.Layer<LM, E2>) =>
  hurried(Effect.provide(self, layer))

describe("a cassette", () => {
  const failure = new LMError({
    model: "m",
    reason: new LMReason.RateLimited({ description: "busy" }),
    usage: { ...Usage.empty, inputTokens: 3, calls: 1 }
  })
  const replies: Readonly<Record<string, ScriptedLM.Reply>> = {
    "an answer in pieces": ScriptedLM.chunks(["So ", "it \u{1F30A}", " is."], {
      delay: 250,
      usage: { inputTokens: 3 }
    }),
    "thoughts and tools": ScriptedLM.toolCalls([{ name: "f", arguments: { a: 1 } }], {
      text: "Hm",
      tokens: true,
      delay: 7
    }),
    "a failure at once": ScriptedLM.fail(failure),
    "a failure in the middle": ScriptedLM.fail(failure, ["So ", "it"], { delay: 30 }),
    "an end without a word": ScriptedLM.events([])
  }
  for (const [name, reply] of Object.entries(replies)) {
    it.effect(`has ${name}, with the same pieces, waits and end`, () =>
      Effect.gen(function*() {
        const file = yield* tape
        const lm = yield* ScriptedLM.make([reply])
        const first = yield* running(seen(), lm.layer.pipe(Cassette.record(file)))
        const again = yield* running(seen(), Cassette.replay(file))
        assert.deepStrictEqual(again, first)
        const quick = yield* running(seen(), ForTests.replay(file, { delays: false }))
        assert.deepStrictEqual(quick.reads.map(([, events]) => events), first.reads.map(([, events]) => events))
        assert.strictEqual(quick.took, 0)
      }))
  }

  it.effect.prop(
    "has whatever was said, however it was cut",
    {
      reads: Schema.Array(Schema.NonEmptyArray(Schema.Union([
        Schema.TaggedStruct("TextDelta", { index: Schema.Literal(0), text: Schema.String }),
        Schema.TaggedStruct("ReasoningDelta", { index: Schema.Literal(0), text: Schema.String })
      ])))
    },
    ({ reads }) =>
      Effect.gen(function*() {
        const file = yield* tape
        const lm = yield* ScriptedLM.make([ScriptedLM.events(reads, { delay: 3 })])
        const first = yield* running(seen(), lm.layer.pipe(Cassette.record(file)))
        assert.deepStrictEqual(yield* running(seen(), Cassette.replay(file)), first)
      }),
    { arbitrary: { runs: 40, size: 5, seed: 1 }, timeout: 30_000 }
  )

  it.effect("a whole reply is one read, and one that streamed can be asked for whole", () =>
    Effect.gen(function*() {
      const file = yield* tape
      const lm = yield* ScriptedLM.make(() => ScriptedLM.chunks(["So ", "it is."], { delay: 100 }))
      const whole = Effect.flatMap(LM, (service) => service.generate(request))
      const both = Effect.all([whole, seen()])
      const [first] = yield* running(both, lm.layer.pipe(Cassette.record(file)))
      yield* Effect.gen(function*() {
        const { reads } = yield* seen()
        assert.strictEqual(reads.length, 1)
        assert.deepStrictEqual(LMResponse.fold(reads.flatMap(([, events]) => events)), first)
        assert.deepStrictEqual(yield* whole, first)
      }).pipe((self) => running(self, Cassette.replay(file)))
    }))

  it.effect("a call that was left has what was heard of it, and then nothing more", () =>
    Effect.gen(function*() {
      const file = yield* tape
      const lm = yield* ScriptedLM.make([ScriptedLM.chunks(["a", "b", "c"], { delay: 1000 })])
      const fiber = yield* Effect.forkChild(Effect.provide(seen(), lm.layer.pipe(Cassette.record(file))))
      yield* TestClock.adjust("2500 millis")
      yield* Fiber.interrupt(fiber)
      const { calls } = yield* Cassette.read(file)
      assert.deepStrictEqual(calls.map(({ end, reads }) => [end._tag, reads.length]), [["Left", 2]])
      const replayed = yield* Effect.forkChild(Effect.provide(seen(), Cassette.replay(file)))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(replayed.pollUnsafe(), undefined)
      yield* Fiber.interrupt(replayed)
    }))

  it.effect("a program streams from it as it did", () =>
    Effect.gen(function*() {
      const file = yield* tape
      const qa = Predict.make("question -> answer, score: float")
      const lm = yield* ScriptedLM.make([
        ScriptedLM.fail(busy),
        ScriptedLM.chat({ answer: "Paris", score: 1 }, { tokens: true, delay: 20, usage: { inputTokens: 5 } })
      ])
      const shown = Effect.map(Stream.runCollect(Streaming.streamify(qa)({ question: "?" })), (events) => {
        const last = events.at(-1)
        assert.isTrue(Prediction.isPrediction(last))
        return [
          events.flatMap((event) => event._tag === "StreamResponse" ? [[event.signatureFieldName, event.chunk]] : []),
          Prediction.usage(last as Prediction.Prediction<object>)
        ]
      })
      const first = yield* running(shown, lm.layer.pipe(Retry.layer({ times: 1 }), Cassette.record(file)))
      assert.deepStrictEqual(yield* running(shown, Cassette.replay(file)), first)
    }))
})

describe("strictly", () => {
  const recorded = Effect.gen(function*() {
    const file = yield* tape
    const lm = yield* ScriptedLM.make((_, call) => `answer ${call + 1}`)
    const asked = Effect.forEach(["a", "a", "b"], (text) => seen(asking(text, { config: { temperature: 0, seed: 1 } })))
    yield* running(asked, lm.layer.pipe(Cassette.record(file)))
    return file
  })
  const ask = (text: string) =>
    Effect.map(seen(asking(text, { config: { seed: 1, temperature: 0 } })), ({ exit, reads }) =>
      Exit.isFailure(exit)
        ? exit
        : LMResponse.textOf(LMResponse.fold(reads.flatMap(([, events]) => events)).completions[0]!))

  it.effect("equal requests are answered in their order, others in any", () =>
    Effect.gen(function*() {
      const file = yield* recorded
      const texts = yield* running(Effect.forEach(["b", "a", "a"], ask), Cassette.replay(file))
      assert.deepStrictEqual(texts, ["answer 3", "answer 1", "answer 2"])
    }))

  it.effect("a request that is not on it dies, and shows itself", () =>
    Effect.gen(function*() {
      const file = yield* recorded
      const exit = yield* running(ask("c"), Cassette.replay(file, { allowUnused: true }))
      assert.isTrue(Exit.isExit(exit) && Exit.hasDies(exit))
      assert.include(
        Cause.pretty((exit as Exit.Failure<never, never>).cause),
        "record it anew. Its last message (user): c"
      )
    }))

  it.effect("what nobody asked for is said at the end, unless the program failed already, or it may be", () =>
    Effect.gen(function*() {
      const file = yield* recorded
      const exit = yield* Effect.exit(running(ask("a"), Cassette.replay(file)))
      assert.isTrue(Exit.hasDies(exit))
      assert.include(
        Cause.pretty((exit as Exit.Failure<never, never>).cause),
        "nobody asked for 2 of its 3 calls. The first: Its last message (user): a"
      )
      yield* running(ask("a"), Cassette.replay(file, { allowUnused: true }))
      const failed = yield* Effect.flip(running(Effect.fail("no"), Cassette.replay(file)))
      assert.strictEqual(failed, "no")
    }))

  it.effect("a file that is missing, of another version, or spoilt is a failure that names the line", () =>
    Effect.gen(function*() {
      const file = yield* recorded
      const text = readFileSync(file, "utf8")
      const spoilt: ReadonlyArray<readonly [string, RegExp]> = [
        ["", /line 1 is not the head/],
        [text.replace("\"cassette\":1", "\"cassette\":2"), /line 1 is not the head of a cassette of version 1/],
        [text.replace("TextDelta", "Text"), /line 2 is no call/],
        [text.slice(0, -20), /line 4 is no call/]
      ]
      for (const [content, words] of spoilt) {
        writeFileSync(file, content)
        const error = yield* Effect.flip(Cassette.read(file))
        assert.instanceOf(error, CassetteError)
        assert.match(error.message, words)
      }
      assert.match((yield* Effect.flip(Cassette.read(`${file}.no`))).message, /cannot be read/)
      const nowhere = ScriptedLM.layer([]).pipe(Cassette.record(join(file, "below")))
      assert.match((yield* Effect.flip(Effect.scoped(Layer.build(nowhere)))).message, /cannot be written/)
    }))
})

it.effect("lines of JSON, that only their owner reads, without keys; a request with another key is the same", () =>
  Effect.gen(function*() {
    const file = yield* tape
    const secret = "sk-0123456789abcdef"
    const asked = (key: string) =>
      asking("Why?", {
        config: {
          providerOptions: { acme: { headers: { "x-api-key": key, "x-a": "b" }, body: { token: key, max_tokens: 1 } } }
        }
      })
    const lm = yield* ScriptedLM.make(["So it is."])
    yield* running(seen(asked(secret)), lm.layer.pipe(Cassette.record(file)))
    const lines = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as unknown)
    assert.deepInclude(lines[0], { cassette: 1, model: "scripted/test" })
    assert.deepInclude(lines[1], { mode: "stream", end: { _tag: "Close", after: 0 } })
    assert.notInclude(JSON.stringify(lines), secret)
    assert.include(JSON.stringify(lines), "\"max_tokens\":1")
    assert.strictEqual(statSync(file).mode & 0o077, 0)
    yield* running(seen(asked("sk-another")), Cassette.replay(file))
  }))
