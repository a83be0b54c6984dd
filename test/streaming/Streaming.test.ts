/** Streams of programs: the laws, and the cases in which streams of fields usually break. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Schema, Stream } from "effect"
import {
  ChainOfThought,
  LMError,
  Module,
  Predict,
  Prediction,
  Signature,
  Status,
  type StreamEvent,
  Streaming,
  StreamListener,
  Tool,
  Watched
} from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { CollectingSink, ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { forms } from "../support/adapters.ts"
import { textAt } from "../support/said.ts"

const qa = Predict.make("question -> answer")

type Event =
  | StreamEvent.StreamResponse
  | StreamEvent.PartialResponse
  | StreamEvent.Retracted
  | StreamEvent.ToolCallDelta
  | StreamEvent.ToolEvent
  | StreamEvent.Emitted
  | StreamEvent.StatusMessage
  | {
    readonly _tag: "Prediction"
  }

const chunks = (events: ReadonlyArray<Event>, field?: string) =>
  events.flatMap((event) =>
    event._tag === "StreamResponse" && (field === undefined || event.signatureFieldName === field) ? [event] : []
  )

const text = (events: ReadonlyArray<Event>, field: string) => chunks(events, field).map((event) => event.chunk).join("")

const ends = (events: ReadonlyArray<Event>) => chunks(events).filter((event) => event.isLastChunk)

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

describe("listeners", () => {
  const agent = Module.make(
    "Twice",
    { qa },
    ({ qa }) => (input: { readonly question: string }) =>
      Effect.flatMap(qa(input), ({ answer }) => qa({ question: answer }))
  )
  const replies = [ScriptedLM.chat({ answer: "one" }), ScriptedLM.chat({ answer: "two" })]

  it.effect("report the first call of a predictor, or every call with allowReuse", () =>
    Effect.gen(function*() {
      const heard = (allowReuse: boolean) =>
        Streaming.streamify(agent, {
          streamListeners: [StreamListener.make({ signatureFieldName: "answer", allowReuse })]
        })({
          question: "?"
        }).pipe(
          Stream.runCollect,
          Effect.map((events) => text(events, "answer")),
          Effect.provide(ScriptedLM.layer(replies))
        )
      assert.strictEqual(yield* heard(false), "one")
      assert.strictEqual(yield* heard(true), "onetwo")
    }))

  it.effect("hear copies of a program as they hear the program", () =>
    Effect.gen(function*() {
      const copy = Module.mapPredictors(agent, (predict) => Predict.withInstructions(predict, "Be brief."))
      const lm = yield* ScriptedLM.make(replies)
      const events = yield* Streaming.streamify(copy, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "qa" })]
      })({ question: "?" }).pipe(Stream.runCollect, Effect.provide(lm.layer))
      assert.strictEqual(text(events, "answer"), "one")
      assert.include(textAt((yield* lm.requests)[0], 0), "Be brief.")
    }))

  it.effect("with partial, report snapshots that grow to the value and never change", () =>
    Effect.gen(function*() {
      const program = Predict.make("text -> items: list[dict[str, int]]")
      const events = yield* Streaming.streamify(program, {
        streamListeners: [StreamListener.make({ signatureFieldName: "items", partial: true })]
      })({ text: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(
          ScriptedLM.layer([
            ScriptedLM.chunks([..."[[ ## items ## ]]\n[{\"a\": 1}, {\"b\": 22}]\n\n[[ ## completed ## ]]"])
          ])
        )
      )
      const partial = events.flatMap((event) => event._tag === "PartialResponse" ? [event] : [])
      const values = partial.map((event) => JSON.stringify(event.value))
      assert.include(values, "[{\"a\":1}]")
      assert.strictEqual(values.at(-1), "[{\"a\":1},{\"b\":22}]")
      assert.deepStrictEqual(partial.map((event) => event.isLastChunk).filter(Boolean), [true])
      assert.isTrue(partial.at(-1)!.isLastChunk)
    }))

  it.effect("of several completions the first one streams", () =>
    Effect.gen(function*() {
      const replies = [ScriptedLM.chat({ answer: "left side" }), ScriptedLM.chat({ answer: "right side" })]
      const lm = yield* ScriptedLM.make([ScriptedLM.completions(replies), ScriptedLM.completions(replies)])
      const listeners = [StreamListener.make({ signatureFieldName: "answer" })] as const
      for (const streaming of [Streaming.streamify(qa), Streaming.streamify(qa, { streamListeners: listeners })]) {
        const events = yield* streaming({ question: "?" }, { config: { n: 2 } }).pipe(
          Stream.runCollect,
          Effect.provide(lm.layer)
        )
        assert.strictEqual(text(events, "answer"), "left side")
        assert.strictEqual(ends(events).length, 1)
        assert.isTrue(Prediction.isPrediction(events.at(-1)))
      }
    }))

  it.effect("of several completions the first one alone is heard, whatever it shows, unless all are asked for", () =>
    Effect.gen(function*() {
      const listed = Predict.make("question -> items: list[int]")
      const search = { name: "search", parameters: { type: "object" } }
      const program = Module.make(
        "Program",
        { listed },
        ({ listed }) => (input: { readonly question: string }) => listed(input, { config: { n: 2 }, tools: [search] })
      )
      const call = { name: "search", arguments: {} }
      const reply = (text: string) => ScriptedLM.toolCalls([call], { text, finish: "stop" })
      const replies = [reply("[[ ## items ## ]]\n[1]"), reply("[[ ## items ## ]]\n[2]")]
      const partial = StreamListener.make({ signatureFieldName: "items", partial: true })
      const heard = (completions?: "all") =>
        Streaming.streamify(program, { streamListeners: [partial], completions })({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(ScriptedLM.layer([ScriptedLM.completions(replies)])),
          Effect.map((events) => ({
            values: events.flatMap((event) =>
              event._tag === "PartialResponse" && event.isLastChunk ? [event.value] : []
            ),
            calls: events.filter((event) => event._tag === "ToolCallDelta").length
          }))
        )
      assert.deepStrictEqual(yield* heard(), { values: [[1]], calls: 1 })
      assert.deepStrictEqual(yield* heard("all"), { values: [[1], [2]], calls: 2 })
    }))

  it.effect("all of several completions are told apart by their index", () =>
    Effect.gen(function*() {
      const streaming = Streaming.streamify(qa, { completions: "all" })
      const events = yield* streaming({ question: "?" }, { config: { n: 2 } }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.completions([
          ScriptedLM.chat({ answer: "left side" }),
          ScriptedLM.chat({ answer: "right side" })
        ])]))
      )
      const of = (index: number) =>
        chunks(events).filter((event) => event.completion === index).map((event) => event.chunk).join("")
      assert.deepStrictEqual([of(0), of(1)], ["left side", "right side"])
      const prediction = events.at(-1)
      assert.isTrue(Prediction.isPrediction(prediction))
      if (Prediction.isPrediction(prediction)) {
        assert.deepStrictEqual(Prediction.completions(prediction), [{ answer: "left side" }, { answer: "right side" }])
      }
    }))

  it.effect("native reasoning is the reasoning field", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(ChainOfThought.make("question -> answer"))({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(
          ScriptedLM.layer([ScriptedLM.chunks(["[[ ## answer ## ]]\nYes"], { reasoning: ["Let me", " think"] })])
        )
      )
      assert.strictEqual(text(events, "reasoning"), "Let me think")
      assert.deepStrictEqual(ends(events).map((event) => event.signatureFieldName), ["reasoning", "answer"])
      assert.strictEqual((events.at(-1) as { readonly reasoning?: string }).reasoning, "Let me think")
    }))
})

describe("status messages", () => {
  const provider: Status.StatusMessageProvider = {
    moduleStart: (module, inputs) => `start ${module.path} ${module.name} ${Object.keys(inputs).join()}`,
    moduleEnd: (module, outputs) => `end ${module.path} ${Object.keys(outputs).join()}`,
    lmStart: (lm, inputs) => `ask ${lm.path} ${Array.isArray(inputs["messages"])}`,
    lmEnd: (lm, outputs) => `told ${lm.path} ${Array.isArray(outputs["completions"])}`,
    toolStart: (tool, inputs) => `use ${tool.name} ${JSON.stringify(inputs)}`,
    toolEnd: (tool, outputs) => `used ${tool.name} ${JSON.stringify(outputs)}`
  }
  const program = Module.make("Research", { qa }, ({ qa }) => (input: { readonly question: string }) =>
    Effect.flatMap(
      Watched.tool("search", { query: "tides" }, Effect.succeed("found")),
      () => qa(input)
    ))
  const said = (events: ReadonlyArray<Event>) =>
    events.flatMap((event) => event._tag === "StatusMessage" ? [event.message] : [])

  it.effect("all six hooks get the instance and the inputs or outputs, in order", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(program, { statusMessageProvider: provider })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))
      )
      assert.deepStrictEqual(said(events), [
        "start self Research question",
        "use search {\"query\":\"tides\"}",
        "used search {\"result\":\"found\"}",
        "start qa Predict question",
        "ask qa true",
        "told qa true",
        "end qa answer",
        "end self answer"
      ])
    }))

  it.effect("a provider may be an instance of a class, whose hooks are called on it", () =>
    Effect.gen(function*() {
      class Provider {
        count = 0
        lmStart() {
          return `request ${++this.count}`
        }
      }
      class Loud extends Provider {
        override lmStart() {
          return super.lmStart().toUpperCase()
        }
        lmEnd() {
          return `answer ${this.count}`
        }
      }
      const provider = new Loud()
      const events = yield* Streaming.streamify(qa, { statusMessageProvider: provider })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))
      )
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "StatusMessage" ? [event.message] : []),
        ["REQUEST 1", "answer 1"]
      )
      const sink = yield* CollectingSink.make
      yield* Effect.provide(Status.report(provider)(qa({ question: "?" })), [
        ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]),
        sink.layer
      ])
      assert.deepStrictEqual((yield* sink.messages).map(({ message }) => message), ["REQUEST 2", "answer 2"])
    }))

  it.effect("without a provider tool calls are reported", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(program)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))
      )
      assert.deepStrictEqual(said(events), ["Calling search...", "search is done"])
    }))

  it.effect("a tool call that failed is said to have, whatever it gives when it does not", () =>
    Effect.gen(function*() {
      const search = Tool.make("search", { parameters: { query: Schema.String } }, ({ query }) => {
        if (query === "") throw new Error("nothing to look for")
        return { error: "no result" }
      })
      const twice = Module.make(
        "Twice",
        {},
        () => () => Effect.andThen(Effect.exit(search({ query: "" })), search({ query: "a" }))
      )
      const events = yield* Stream.runCollect(Streaming.streamify(twice)({}))
      assert.deepStrictEqual(said(events), [
        "Calling search...",
        "search has failed",
        "Calling search...",
        "search is done"
      ])
    }))

  it.effect("a hook or a sink that throws or dies does not touch the run", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(program, {
        statusMessageProvider: {
          ...provider,
          moduleStart: () => {
            throw new Error("hook")
          }
        }
      })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]), Status.layer(() => Effect.die("sink"))])
      )
      assert.strictEqual(said(events).length, 6)
      assert.strictEqual((events.at(-1) as { readonly answer?: string }).answer, "Yes")
    }))

  it.effect("a sink receives what the stream shows, and reports programs that are not streamed", () =>
    Effect.gen(function*() {
      const sink = yield* CollectingSink.make
      yield* Streaming.streamify(program, { statusMessageProvider: provider })({ question: "?" }).pipe(
        Stream.runDrain,
        Effect.provide([ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]), sink.layer])
      )
      const streamed = (yield* sink.messages).length
      yield* program({ question: "?" }).pipe(
        Status.report(provider),
        Effect.provide([ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]), sink.layer])
      )
      assert.strictEqual(streamed, 8)
      assert.strictEqual((yield* sink.messages).length, 16)
    }))

  it.effect("twenty predictors side by side with all hooks end, ordered within each call", () =>
    Effect.gen(function*() {
      const fan = Module.make("Fan", { qa }, ({ qa }) => () =>
        Effect.map(
          Effect.forEach(Array.from({ length: 20 }, (_, n) => n), (n) => qa({ question: String(n) }), {
            concurrency: "unbounded"
          }),
          (all) => ({ answers: all.map(({ answer }) => answer) })
        ))
      const events = yield* Streaming.streamify(fan, { statusMessageProvider: provider, bufferSize: 1 })({}).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer(() => ScriptedLM.chat({ answer: "Yes" })))
      )
      const byCall = new Map<string, Array<string>>()
      for (const event of events) {
        if (event._tag === "StatusMessage" && event.kind.startsWith("module") && event.path === "qa") {
          byCall.set(event.callId, [...(byCall.get(event.callId) ?? []), event.kind])
        }
      }
      assert.strictEqual(byCall.size, 20)
      for (const kinds of byCall.values()) assert.deepStrictEqual(kinds, ["moduleStart", "moduleEnd"])
      for (const kind of ["moduleStart", "moduleEnd", "lmStart", "lmEnd"]) {
        const count = events.filter((event) => event._tag === "StatusMessage" && event.kind === kind).length
        assert.strictEqual(count, kind.startsWith("lm") ? 20 : 21)
      }
    }))
})
