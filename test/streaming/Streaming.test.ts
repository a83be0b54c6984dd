/** Streams of programs: the laws. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Schema, Stream } from "effect"
import {
  ChainOfThought,
  LMError,
  Module,
  Predict,
  Prediction,
  Signature,
  type StreamEvent,
  Streaming,
  StreamListener
} from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { forms } from "../support/adapters.ts"
import { textAt } from "../support/said.ts"
import { chunks, ends, type Event, text } from "./support/events.ts"

const qa = Predict.make("question -> answer")

describe("law 1: stream is value", () => {
  for (const { format, layer, name } of forms) {
    it.effect(`for every field of a whole program: ${name}`, () =>
      Effect.gen(function*() {
        const program = Predict.make("text -> title, points: list[str], score: float, label: 'good' | 'bad'")
        const values = {
          title: "On \"tides\": a < b && [[1, 2]] \\ {x} 🌊",
          points: ["one, \"two\"", "[[ ## title ## ]]"],
          score: 0.5,
          label: "good"
        } as const
        const events = yield* Streaming.streamify(program)({ text: "?" }).pipe(
          Stream.runCollect,
          Effect.provide([layer, ScriptedLM.layer([format(values)])])
        )
        const prediction = events.at(-1)
        assert.isTrue(Prediction.isPrediction(prediction))
        assert.strictEqual(JSON.stringify(prediction), JSON.stringify(values))
        assert.strictEqual(text(events, "title"), values.title)
        assert.deepStrictEqual(JSON.parse(text(events, "points")), values.points)
        assert.deepStrictEqual(JSON.parse(text(events, "score")), values.score)
        assert.strictEqual(text(events, "label"), values.label)
        assert.deepStrictEqual(
          ends(events).map((event) => event.signatureFieldName),
          ["title", "points", "score", "label"]
        )
      }))
  }
})

describe("law 2: one end", () => {
  const cases = {
    "the whole answer in one chunk": ScriptedLM.text("[[ ## answer ## ]]\nYes\n\n[[ ## completed ## ]]"),
    "a missing last marker": ScriptedLM.text("[[ ## answer ## ]]\nYes"),
    "one character at a time": ScriptedLM.chunks([..."[[ ## answer ## ]]\nYes\n\n[[ ## completed ## ]]"])
  }
  for (const [name, reply] of Object.entries(cases)) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const events = yield* Streaming.streamify(qa)({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(ScriptedLM.layer([reply]))
        )
        assert.strictEqual(text(events, "answer"), "Yes")
        assert.strictEqual(ends(events).length, 1)
        assert.isTrue(chunks(events).at(-1)!.isLastChunk)
      }))
  }

  it.effect("an answer that is cut off ends its field, then fails", () =>
    Effect.gen(function*() {
      const events: Array<Event> = []
      const error = yield* Streaming.streamify(qa)({ question: "?" }).pipe(
        Stream.runForEach((event) => Effect.sync(() => void events.push(event))),
        Effect.flip,
        Effect.provide(
          ScriptedLM.layer([ScriptedLM.chunks(["[[ ## answer ## ]]\nIt be", "gan"], { finish: "length" })])
        )
      )
      assert.strictEqual(text(events, "answer"), "It began")
      assert.strictEqual(ends(events).length, 1)
      assert.isTrue(error instanceof LMError && error.reason._tag === "OutputLimit")
      assert.deepStrictEqual((error as LMError).partial, { answer: "It began" })
      assert.strictEqual((error as LMError).predictor, "self")
    }))
})

describe("law 3: scope owns the work", () => {
  it.effect("leaving the stream interrupts the program and what runs beside", () =>
    Effect.gen(function*() {
      const stopped: Array<string> = []
      const reached = yield* Deferred.make<void>()
      const program = Module.make("Parallel", { qa }, ({ qa }) => (input: { readonly question: string }) =>
        Effect.all([
          qa(input),
          Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped.push("sibling")))
        ], { concurrency: "unbounded" }).pipe(
          Effect.map(([first]) => first),
          Effect.onInterrupt(() => Effect.sync(() => stopped.push("program")))
        ))
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chunks(["[[ ## answer ## ]]\nOne", " two", " three"], { delay: "1 second" })
      ])
      const fiber = yield* Streaming.streamify(program)({ question: "?" }).pipe(
        Stream.tap(() => Deferred.succeed(reached, undefined)),
        Stream.take(1),
        Stream.runDrain,
        Effect.provide(lm.layer),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      yield* Deferred.await(reached)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(stopped.toSorted(), ["program", "sibling"])
      assert.strictEqual(yield* lm.interrupted, 1)
    }))

  it.effect("a program that waits for a consumer that has gone is interrupted, not stuck", () =>
    Effect.gen(function*() {
      const many = ScriptedLM.chunks(["[[ ## answer ## ]]\n", ...Array.from({ length: 500 }, () => "x ")])
      const lm = yield* ScriptedLM.make([many])
      const first = yield* Streaming.streamify(qa, {
        bufferSize: 1,
        statusMessageProvider: { moduleEnd: () => "end" }
      })({
        question: "?"
      }).pipe(Stream.take(1), Stream.runCollect, Effect.provide(lm.layer))
      assert.strictEqual(first.length, 1)
      assert.strictEqual(yield* lm.interrupted, 1)
    }))
})

describe("law 4: failures are values", () => {
  it.effect("what was streamed stays delivered, then the original error, once", () =>
    Effect.gen(function*() {
      const reason = new LMErrors.Server({ description: "it broke" })
      const seen: Array<Event> = []
      const exit = yield* Streaming.streamify(qa)({ question: "?" }).pipe(
        Stream.runForEach((event) => Effect.sync(() => void seen.push(event))),
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(reason, ["[[ ## answer ## ]]\nA", "B", "C"])])),
        Effect.exit
      )
      assert.strictEqual(text(seen, "answer"), "ABC")
      assert.isTrue(Exit.isFailure(exit))
      const reasons = Exit.isFailure(exit) ? exit.cause.reasons : []
      assert.strictEqual(reasons.length, 1)
      assert.isTrue(Cause.isFailReason(reasons[0]!) && reasons[0].error instanceof LMError)
    }))

  it.effect("a defect ends the stream with the defect", () =>
    Effect.gen(function*() {
      const program = Module.make("Broken", {}, () => () => Effect.die(new Error("bug")) as Effect.Effect<{}>)
      const exit = yield* Effect.exit(Stream.runDrain(Streaming.streamify(program)({})))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    }))

  it.effect("a program may return any record, and the stream ends", () =>
    Effect.gen(function*() {
      const program = Module.make("Plain", {}, () => (input: { readonly n: number }) =>
        Effect.succeed({ twice: input.n * 2 }))
      const events = yield* Stream.runCollect(Streaming.streamify(program)({ n: 2 }))
      assert.strictEqual(JSON.stringify(events), "[{\"twice\":4}]")
    }))

  it.effect("without the final prediction a failure still arrives", () =>
    Effect.gen(function*() {
      const streaming = Streaming.streamify(qa, { includeFinalPredictionInOutputStream: false })
      const whole = yield* streaming({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))
      )
      assert.isTrue(whole.every((event) => event._tag !== "Prediction"))
      const exit = yield* streaming({ question: "?" }).pipe(
        Stream.runDrain,
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(new LMErrors.Server({ description: "x" }))])),
        Effect.exit
      )
      assert.isTrue(Exit.isFailure(exit))
    }))
})

describe("law 6: programs are values", () => {
  it.effect("one streaming program runs a thousand times at once, sharing nothing", () =>
    Effect.gen(function*() {
      const streaming = Streaming.streamify(ChainOfThought.make("question -> answer"), {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })
      const lm = ScriptedLM.layer((request) => {
        const n = /question(?:.|\n)*?(\d+)/.exec(textAt(request, -1))![1]!
        return ScriptedLM.chat({ reasoning: `about ${n}`, answer: `answer ${n} of ${n}` })
      })
      const runs = yield* Effect.forEach(
        Array.from({ length: 1000 }, (_, n) => n),
        (n) => Stream.runCollect(streaming({ question: String(n) })),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(lm))
      for (const [n, events] of runs.entries()) {
        assert.strictEqual(text(events, "answer"), `answer ${n} of ${n}`)
        assert.strictEqual(ends(events).length, 1)
        // The calls of a run are called the same in each: what they are called has nothing of the process.
        assert.deepStrictEqual([...new Set(chunks(events).map((event) => event.callId))], ["self"])
      }
    }))

  it.effect("a second call of the same program streams like the first", () =>
    Effect.gen(function*() {
      const streaming = Streaming.streamify(qa, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })
      const run = Effect.map(Stream.runCollect(streaming({ question: "?" })), (events) => text(events, "answer"))
      const both = yield* Effect.all([run, run]).pipe(
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "first" }), ScriptedLM.chat({ answer: "second" })]))
      )
      assert.deepStrictEqual(both, ["first", "second"])
    }))
})

describe("law 7: replaced text is retracted", () => {
  it.effect("a reply without the adapter's form is asked for once more as JSON", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(Predict.make("question -> reasoning, answer"))({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([
          ScriptedLM.text("[[ ## reasoning ## ]]\nWrong one"),
          ScriptedLM.json({ reasoning: "because", answer: "Right one" })
        ]))
      )
      const at = events.findIndex((event) => event._tag === "Retracted")
      const retracted = events[at] as StreamEvent.Retracted
      assert.deepStrictEqual([retracted.attempt, retracted.fields, retracted.predictName], [1, ["reasoning"], "self"])
      assert.strictEqual(text(events.slice(0, at), "reasoning"), "Wrong one")
      assert.strictEqual(text(events.slice(at), "answer"), "Right one")
      assert.isTrue(chunks(events.slice(at)).every((event) => event.attempt === 2))
      assert.strictEqual(ends(events).length, 3)
    }))

  it.effect("a value that breaks a constraint is fed back once", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.chat({ score: 7 }), ScriptedLM.chat({ score: 0.7 })])
      const signature = Signature.fromSchemas({
        inputs: { text: Schema.String },
        outputs: { score: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })) }
      })
      const events = yield* Streaming.streamify(Predict.make(signature))({ text: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      assert.deepStrictEqual(events.map((event) => event._tag).filter((tag) => tag !== "StreamResponse"), [
        "Retracted",
        "Prediction"
      ])
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(second!.messages.slice(0, first!.messages.length), first!.messages)
      assert.deepStrictEqual(second!.messages.slice(first!.messages.length).map((message) => message.role), [
        "assistant",
        "user"
      ])
      assert.include(textAt(second, -1), "score")
    }))
})

describe("law 8: bounded", () => {
  it.effect("a slow consumer slows the provider", () =>
    Effect.gen(function*() {
      let sent = 0
      const reply = ScriptedLM.chunks(["[[ ## answer ## ]]\n", ...Array.from({ length: 1000 }, () => "x ")], {
        onSend: () => sent++
      })
      const pulled = yield* Deferred.make<void>()
      const fiber = yield* Streaming.streamify(qa, { bufferSize: 4 })({ question: "?" }).pipe(
        Stream.runForEach(() => Effect.andThen(Deferred.succeed(pulled, undefined), Effect.never)),
        Effect.provide(ScriptedLM.layer([reply])),
        Effect.forkChild
      )
      yield* Deferred.await(pulled)
      yield* TestClock.adjust("1 minute")
      assert.isBelow(sent, 12)
      yield* Fiber.interrupt(fiber)
    }))
})
