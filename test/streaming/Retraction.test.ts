/** Laws 2, 4 and 7 where a call fails or is interrupted inside a program: its text ends, and is taken back if the run goes on. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Latch, Stream } from "effect"
import { Module, Observer, Predict, Prediction, type StreamEvent, Streaming, StreamListener } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

type Text = StreamEvent.StreamResponse | StreamEvent.PartialResponse
type Event = Text | StreamEvent.Retracted | { readonly _tag: string }

const isText = (event: Event): event is Text => event._tag === "StreamResponse" || event._tag === "PartialResponse"
const isRetracted = (event: Event): event is StreamEvent.Retracted => event._tag === "Retracted"

/** A stream in short: text as it came with `|` at its end, what was taken back in brackets, the prediction's values. */
const story = (events: ReadonlyArray<Event>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let open = ""
  for (const event of events) {
    if (isText(event)) {
      const source = `${event.predictName}.${event.signatureFieldName}`
      const text = event._tag === "StreamResponse" ? event.chunk : JSON.stringify(event.value)
      const end = event.isLastChunk ? "|" : ""
      if (open === `${source}#${event.callId}`) lines[lines.length - 1] += `${text}${end}`
      else lines.push(`${source}: ${text}${end}`)
      open = `${source}#${event.callId}`
    } else if (isRetracted(event)) {
      lines.push(`[${event.predictName}: ${event.fields.join()}]`)
      open = ""
    } else if (Prediction.isPrediction(event)) lines.push(JSON.stringify(event))
  }
  return lines
}

/** Law 2 for whatever came: every field that was begun has one end, after which, and after a retraction, it says no more. */
const checkEnds = (events: ReadonlyArray<Event>): void => {
  const open = new Set<string>()
  const over = new Set<string>()
  for (const event of events) {
    if (isText(event)) {
      const key = `${event.callId}/${event.attempt}/${event.completion}/${event.signatureFieldName}`
      assert.isFalse(over.has(key), `${key} goes on after its end`)
      open.add(key)
      if (event.isLastChunk) over.add(key)
    } else if (isRetracted(event)) {
      for (const key of open) {
        if (key.startsWith(`${event.callId}/${event.attempt}/`)) assert.isTrue(over.has(key), `${key} has no end`)
      }
    }
  }
  assert.deepStrictEqual([...over].toSorted(), [...open].toSorted())
}

/** Runs a stream, time passing where it waits: what came, and how it ended. */
const told = <E, R>(stream: Stream.Stream<Event, E, R>) =>
  Effect.gen(function*() {
    const events: Array<Event> = []
    const fiber = yield* Effect.forkChild(
      Stream.runForEach(stream, (event) => Effect.sync(() => void events.push(event)))
    )
    yield* TestClock.adjust("1 minute")
    const exit = yield* Fiber.await(fiber)
    checkEnds(events)
    return { events, exit, story: story(events) }
  })

const main = Predict.make("question -> answer")
const backup = Predict.make("question -> answer")
type Input = { readonly question: string }

const slow = ScriptedLM.hang(["[[ ## answer ## ]]\nThe slow answ"])
const broken = ScriptedLM.fail(new LMErrors.Server({ description: "it broke" }), ["[[ ## answer ## ]]\nHalf an"])
const good = ScriptedLM.chat({ answer: "good" })

describe("law 7: replaced text is retracted", () => {
  const withBackup = Module.make(
    "WithBackup",
    { main, backup },
    ({ backup, main }) => (input: Input) =>
      main(input).pipe(Effect.timeout("1 second"), Effect.catch(() => backup(input)))
  )

  it.effect("a call that ran out of time, before the fallback's text", () =>
    Effect.gen(function*() {
      const { events, story } = yield* told(Streaming.streamify(withBackup)({ question: "?" }))
      assert.deepStrictEqual(story, [
        "main.answer: The slow answ|",
        "[main: answer]",
        "backup.answer: good|",
        "{\"answer\":\"good\"}"
      ])
      assert.strictEqual(events.find(isRetracted)!.reason, "the call was interrupted")
    }).pipe(Effect.provide(ScriptedLM.layer([slow, good]))))

  it.effect("the loser of a race, at the latest before the prediction", () =>
    Effect.gen(function*() {
      const race = Module.make("Race", { main, backup }, ({ backup, main }) => (input: Input) =>
        Effect.raceFirst(main(input), Effect.delay(backup(input), "1 second")))
      const { story } = yield* told(
        Streaming.streamify(race, {
          streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "main" })]
        })({ question: "?" })
      )
      assert.deepStrictEqual(story, ["main.answer: The slow answ|", "[main: answer]", "{\"answer\":\"good\"}"])
    }).pipe(Effect.provide(ScriptedLM.layer([slow, good]))))

  for (const allowReuse of [false, true]) {
    it.effect(`a failed attempt, before the retry's text: a listener with allowReuse ${allowReuse} follows it`, () =>
      Effect.gen(function*() {
        const retrying = Module.make(
          "Retrying",
          { main },
          ({ main }) => (input: Input) => Effect.retry(main(input), { times: 1 })
        )
        const { events, story } = yield* told(
          Streaming.streamify(retrying, {
            streamListeners: [StreamListener.make({ signatureFieldName: "answer", allowReuse })]
          })({ question: "?" })
        )
        assert.deepStrictEqual(story, [
          "main.answer: Half an|",
          "[main: answer]",
          "main.answer: good|",
          "{\"answer\":\"good\"}"
        ])
        assert.include(events.find(isRetracted)!.reason, "it broke")
      }).pipe(Effect.provide(ScriptedLM.layer([broken, good]))))
  }

  it.effect("everything that a module has shown which failed and is called again", () =>
    Effect.gen(function*() {
      const chain = Module.make(
        "Chain",
        { draft: Predict.make("question -> draft"), main },
        ({ draft, main }) => (input: Input) => Effect.flatMap(draft(input), ({ draft }) => main({ question: draft }))
      )
      const again = Module.make("Again", { chain }, ({ chain }) => (input: Input) =>
        Effect.retry(chain(input), { times: 1 }))
      const { story } = yield* told(
        Streaming.streamify(again, {
          streamListeners: [
            StreamListener.make({ signatureFieldName: "draft" }),
            StreamListener.make({ signatureFieldName: "answer" })
          ]
        })({ question: "?" })
      )
      assert.deepStrictEqual(story, [
        "chain.draft.draft: one|",
        "chain.main.answer: Half an|",
        "[chain.main: answer]",
        "[chain.draft: draft]",
        "chain.draft.draft: two|",
        "chain.main.answer: good|",
        "{\"answer\":\"good\"}"
      ])
    }).pipe(
      Effect.provide(ScriptedLM.layer([
        ScriptedLM.chat({ draft: "one" }),
        broken,
        ScriptedLM.chat({ draft: "two" }),
        good
      ]))
    ))

  it.effect("a reply that could not be read, where the program goes on without it", () =>
    Effect.gen(function*() {
      const strict = Predict.make("question -> score: int", { maxRepairs: 0 })
      const program = Module.make("Program", { strict, main }, ({ main, strict }) => (input: Input) =>
        Effect.catchTag(strict(input), "AdapterParseError", () =>
          main(input)))
      const { events, story } = yield* told(Streaming.streamify(program)({ question: "?" }))
      assert.strictEqual(story[1], "[strict: score]")
      assert.strictEqual(story[2], "main.answer: good|")
      assert.match(events.find(isRetracted)!.reason, /^score: /)
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ score: "many" }), good]))))

  it.effect("before the prediction, where nothing is shown in its place", () =>
    Effect.gen(function*() {
      const patient = Module.make("Patient", { main }, ({ main }) => (input: Input) =>
        main(input).pipe(Effect.timeoutOrElse({
          duration: "1 second",
          orElse: () =>
            Effect.succeed({ answer: "none" })
        })))
      const streaming = { includeFinalPredictionInOutputStream: false }
      const whole = yield* told(Streaming.streamify(patient)({ question: "?" }))
      assert.deepStrictEqual(whole.story, ["main.answer: The slow answ|", "[main: answer]", "{\"answer\":\"none\"}"])
      const alone = yield* told(Streaming.streamify(patient, streaming)({ question: "?" }))
      assert.deepStrictEqual(alone.story, ["main.answer: The slow answ|", "[main: answer]"])
    }).pipe(Effect.provide(ScriptedLM.layer([slow, slow]))))

  it.effect("partial values", () =>
    Effect.gen(function*() {
      const list = Predict.make("question -> items: list[int]")
      const retrying = Module.make("Retrying", { list }, ({ list }) => (input: Input) =>
        Effect.retry(list(input), { times: 1 }))
      const { story } = yield* told(
        Streaming.streamify(retrying, {
          streamListeners: [StreamListener.make({ signatureFieldName: "items", partial: true })]
        })({ question: "?" })
      )
      assert.deepStrictEqual(story.slice(1), ["[list: items]", "list.items: [3]|", "{\"items\":[3]}"])
      // The comma behind it says that the second number is whole.
      assert.isTrue(story[0]!.endsWith("[1,2]|"), story[0])
    }).pipe(Effect.provide(ScriptedLM.layer([
      ScriptedLM.fail(new LMErrors.Server({ description: "it broke" }), ["[[ ## items ## ]]\n[1, ", "2, 3"]),
      ScriptedLM.text("[[ ## items ## ]]\n[3]\n\n[[ ## completed ## ]]")
    ]))))

  it.effect("one of several completions, which could not be read", () =>
    Effect.gen(function*() {
      const scored = Predict.make("question -> answer, score: int")
      for (
        const [bad, reply] of [
          [0, [ScriptedLM.chat({ answer: "no", score: "x" }), ScriptedLM.chat({ answer: "yes", score: 1 })]],
          [1, [ScriptedLM.chat({ answer: "yes", score: 1 }), ScriptedLM.chat({ answer: "no", score: "x" })]],
          [1, [
            ScriptedLM.chat({ answer: "yes", score: 1 }),
            ScriptedLM.chat({ answer: "no", score: 2 }, { finish: "length" })
          ]]
        ] as const
      ) {
        const { events } = yield* told(
          Streaming.streamify(scored, { completions: "all" })({ question: "?" }, { config: { n: 2 } }).pipe(
            Stream.provide(ScriptedLM.layer([ScriptedLM.completions(reply)]))
          )
        )
        const first = yield* told(
          Streaming.streamify(scored)({ question: "?" }, { config: { n: 2 } }).pipe(
            Stream.provide(ScriptedLM.layer([ScriptedLM.completions(reply)]))
          )
        )
        assert.deepStrictEqual(
          first.events.filter(isRetracted).map(({ completion, fields }) => [completion, fields]),
          bad === 0 ? [[0, ["answer", "score"]]] : []
        )
        const retractions = events.filter(isRetracted)
        assert.deepStrictEqual(retractions.map(({ completion, fields }) => [completion, fields]), [
          [bad, ["answer", "score"]]
        ])
        const prediction = events.at(-1)
        assert.isTrue(Prediction.isPrediction(prediction))
        if (!Prediction.isPrediction(prediction)) return
        const completions: Array<Readonly<Record<string, unknown>> | undefined> = [{ answer: "yes", score: 1 }, {
          answer: "yes",
          score: 1
        }]
        completions[bad] = undefined
        assert.deepStrictEqual(Prediction.completions(prediction), completions)
        assert.deepStrictEqual({ ...prediction }, { answer: "yes", score: 1 })
        assert.include(Prediction.details(prediction).reply, "yes")
      }
    }))
})

describe("what was not shown is not taken back", () => {
  const shy = Predict.make("question -> thought, answer")
  const of = (...fields: ReadonlyArray<"thought" | "answer">) =>
    Streaming.streamify(shy, {
      streamListeners: fields.map((signatureFieldName) => StreamListener.make({ signatureFieldName }))
    })

  it.effect("a reply without a readable word", () =>
    Effect.gen(function*() {
      const { story } = yield* told(Streaming.streamify(main)({ question: "?" }))
      assert.deepStrictEqual(story, ["self.answer: good|", "{\"answer\":\"good\"}"])
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.text(""), ScriptedLM.json({ answer: "good" })]))))

  it.effect("fields that nobody listens to, or that others listen to", () =>
    Effect.gen(function*() {
      const replies = [ScriptedLM.text("[[ ## thought ## ]]\nHm"), ScriptedLM.json({ thought: "Hm", answer: "good" })]
      const retracted = (program: ReturnType<typeof of>) =>
        Effect.map(
          told(Stream.provide(program({ question: "?" }), ScriptedLM.layer(replies))),
          ({ events }) => events.filter(isRetracted).map(({ fields }) => fields)
        )
      assert.deepStrictEqual(yield* retracted(of("thought", "answer")), [["thought"]])
      assert.deepStrictEqual(yield* retracted(of("thought")), [["thought"]])
      assert.deepStrictEqual(yield* retracted(of("answer")), [])
      // Another observer of the same run hears of it.
      const watched = Observer.observe({
        interest: () => ({ text: () => true, partial: () => false, toolCalls: false }),
        onEvents: () => Effect.void
      })
      const events: Array<Event> = []
      yield* of("answer")({ question: "?" }).pipe(
        Stream.runForEach((event) => Effect.sync(() => void events.push(event))),
        watched,
        Effect.provide(ScriptedLM.layer(replies))
      )
      assert.deepStrictEqual(events.filter(isRetracted), [])
    }))
})

describe("law 4: what was streamed stays, then the error", () => {
  it.effect("a program that fails of a call retracts nothing", () =>
    Effect.gen(function*() {
      const program = Module.make("Program", { main }, ({ main }) => (input: Input) =>
        main(input).pipe(Effect.onExit(() =>
          Effect.void
        )))
      const { exit, story } = yield* told(Streaming.streamify(program)({ question: "?" }))
      assert.deepStrictEqual(story, ["main.answer: Half an|"])
      assert.isTrue(Exit.isFailure(exit))
    }).pipe(Effect.provide(ScriptedLM.layer([broken]))))

  it.effect("nor do the siblings that the failure interrupts", () =>
    Effect.gen(function*() {
      const program = Module.make("Program", { main, backup }, ({ backup, main }) => (input: Input) =>
        Effect.map(
          Effect.all([main(input), Effect.delay(backup(input), "1 second")], { concurrency: "unbounded" }),
          ([first]) => first
        ))
      const { exit, story } = yield* told(Streaming.streamify(program)({ question: "?" }))
      assert.deepStrictEqual(story, ["main.answer: The slow answ", "backup.answer: Half an|", "main.answer: |"])
      assert.isTrue(Exit.isFailure(exit))
    }).pipe(Effect.provide(ScriptedLM.layer([slow, broken]))))
})

describe("law 2: one end", () => {
  it.effect("of a call that is interrupted while nobody takes what it says", () =>
    Effect.gen(function*() {
      const many = ScriptedLM.chunks(["[[ ## answer ## ]]\n", ...Array.from({ length: 100 }, () => "x ")])
      const full = yield* Latch.make()
      const stuck = yield* Deferred.make<void>()
      const program = Module.make("Program", { main, backup }, ({ backup, main }) => (input: Input) =>
        main(input).pipe(
          Effect.timeout("1 second"),
          Effect.catch(() => Effect.andThen(Deferred.succeed(stuck, undefined), backup(input)))
        ))
      const events: Array<Event> = []
      const fiber = yield* Streaming.streamify(program, { bufferSize: 2 })({ question: "?" }).pipe(
        Stream.runForEach((event) => Effect.andThen(full.await, Effect.sync(() => void events.push(event)))),
        Effect.provide(ScriptedLM.layer([many, good])),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      yield* Deferred.await(stuck)
      yield* full.open
      yield* Fiber.join(fiber)
      checkEnds(events)
      const lines = story(events)
      assert.match(lines[0]!, /^main.answer: (x ?)+\|$/)
      assert.deepStrictEqual(lines.slice(1), ["[main: answer]", "backup.answer: good|", "{\"answer\":\"good\"}"])
    }))

  it.effect("of a call whose language model dies", () =>
    Effect.gen(function*() {
      const { exit, story } = yield* told(
        Streaming.streamify(main)({ question: "?" }).pipe(
          Stream.provide(ScriptedLM.layer([ScriptedLM.chunks(["[[ ## answer ## ]]\nOne", " two"], {
            onSend: () => {
              if (++sent === 2) throw new Error("bug")
            }
          })]))
        )
      )
      assert.deepStrictEqual(story, ["self.answer: One|"])
      assert.isTrue(Exit.hasDies(exit))
    }))
  let sent = 0
})
