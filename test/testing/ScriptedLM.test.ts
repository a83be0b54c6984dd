/** The scripted language model: what it answers, when, and what it remembers. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, Option, Result, Schema, Stream } from "effect"
import { Adapter, Adapters, Predict, Signature } from "effect-lm"
import { LM } from "effect-lm/lm/LM"
import { LMError, RateLimited, Server } from "effect-lm/lm/LMError"
import type { LMEvent } from "effect-lm/lm/LMEvent"
import { type LMRequest, system, user } from "effect-lm/lm/LMRequest"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { textAt, textOfFirst } from "../support/said.ts"

const ask = (content: string): LMRequest => ({
  messages: [system("Be brief."), user(content)],
  config: {},
  responseFormat: { _tag: "Text" }
})

const generate = (content: string) => LM.use((lm) => lm.generate(ask(content)))

const answer = (content: string) => Effect.map(generate(content), textOfFirst)

const reads = (content: string) =>
  Effect.gen(function*() {
    const all: Array<ReadonlyArray<LMEvent>> = []
    yield* Stream.runForEachArray(Stream.unwrap(LM.useSync((lm) => lm.stream(ask(content)))), (events) =>
      Effect.sync(() => all.push(events)))
    return all
  })

const textOf = (events: ReadonlyArray<LMEvent>) =>
  events.map((event) => event._tag === "TextDelta" ? event.text : "").join("")

const defect = (exit: Exit.Exit<unknown, unknown>): string => {
  const reason = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isDieReason) : undefined
  return reason?.defect instanceof Error ? reason.defect.message : ""
}

describe("the script", () => {
  it.effect("a list is answered in the order of the calls", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["one", ScriptedLM.text("two")])
      const both = yield* Effect.all([answer("a"), answer("b")]).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(both, ["one", "two"])
      const requests = yield* lm.requests
      assert.deepStrictEqual(requests, [ask("a"), ask("b")])
      yield* lm.assertComplete
    }))

  it.effect("a conditional reply waits for its request, others do not", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.when((request) => textAt(request, -1).includes("sea"), "wet"),
        "anything",
        { when: (request) => textAt(request, -1).includes("sky"), reply: "blue" }
      ])
      const all = yield* Effect.forEach(["other", "the sky", "the sea"], answer).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(all, ["anything", "blue", "wet"])
      yield* lm.assertComplete
    }))

  it.effect("a function gets the request and the number of calls before it", () =>
    Effect.gen(function*() {
      const layer = ScriptedLM.layer((request, call) => `${call}: ${textAt(request, -1)}`)
      const all = yield* Effect.forEach(["a", "b"], answer).pipe(Effect.provide(layer))
      assert.deepStrictEqual(all, ["0: a", "1: b"])
    }))

  it.effect("asking is running the stream, not making it", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["one", "two"])
      const stream = lm.service.stream(ask("a"))
      assert.strictEqual((yield* lm.requests).length, 0)
      const both = yield* Effect.all([Stream.runCollect(stream), Stream.runCollect(stream)])
      assert.deepStrictEqual(both.map(textOf), ["one", "two"])
    }))

  it.effect("an unexpected call dies and shows what was asked", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["one"])
      const exit = yield* Effect.exit(Effect.all([answer("a"), answer("what now?")])).pipe(Effect.provide(lm.layer))
      assert.include(defect(exit), "call 2 was not expected: the script has no reply left")
      assert.include(defect(exit), "the last message (user):\nwhat now?")
      assert.include(defect(yield* Effect.exit(lm.assertComplete)), "call 2 was not expected")
    }))

  it.effect("a text that no adapter can read is said to be one, and how fields are written", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question -> answer: int")
      const exit = yield* Effect.exit(Effect.provide(qa({ question: "?" }), ScriptedLM.layer(["Paris"])))
      assert.include(
        defect(exit),
        "The reply \"Paris\" was given as it is: ScriptedLM.chat({ answer: \"Paris\" }) writes fields as the Chat adapter reads them"
      )
    }))

  it.effect("a function that gives no reply dies of a sentence", () =>
    Effect.gen(function*() {
      const layer = ScriptedLM.layer((() => undefined) as never)
      assert.include(
        defect(yield* Effect.exit(Effect.provide(answer("a"), layer))),
        "`what the script gave` is undefined: it is a reply, as ScriptedLM.chat({ answer: \"Paris\" }) is one"
      )
    }))

  it.effect("a call that no conditional reply is for dies", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.when(() => false, "never said")])
      const exit = yield* Effect.exit(answer("a")).pipe(Effect.provide(lm.layer))
      assert.include(defect(exit), "none of the 1 replies left is for this request")
    }))

  it.effect("assertComplete names the replies that nobody asked for", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["one", "two", ScriptedLM.when(() => true, "three"), ScriptedLM.never])
      yield* Effect.provide(answer("a"), lm.layer)
      const message = defect(yield* Effect.exit(lm.assertComplete))
      assert.deepStrictEqual(message.split("\n"), [
        "ScriptedLM: nobody asked for \"two\"",
        "ScriptedLM: nobody asked for the conditional reply \"three\"",
        "ScriptedLM: nobody asked for a reply without text (Hang)"
      ])
    }))

  it.effect("layers of one script share nothing", () =>
    Effect.gen(function*() {
      const script = ["one"]
      const first = yield* Effect.provide(answer("a"), ScriptedLM.layer(script))
      const second = yield* Effect.provide(answer("a"), ScriptedLM.layer(script))
      assert.deepStrictEqual([first, second], ["one", "one"])
    }))
})

describe("replies", () => {
  it.effect("a text is one read, then the finish", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* reads("a"), [
        [{ _tag: "TextDelta", index: 0, text: "one" }],
        [{ _tag: "Finish", index: 0, reason: "stop" }]
      ])
    }).pipe(Effect.provide(ScriptedLM.layer(["one"]))))

  it.effect("chunks keep their pieces, and say why they ended and what they cost", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* reads("a"), [
        [{ _tag: "ReasoningDelta", index: 0, text: "hm" }],
        [{ _tag: "TextDelta", index: 0, text: "o" }],
        [{ _tag: "TextDelta", index: 0, text: "ne" }],
        [{ _tag: "Finish", index: 0, reason: "refusal", detail: "no" }, {
          _tag: "Usage",
          usage: {
            inputTokens: 3,
            outputTokens: 2,
            reasoningTokens: 0,
            cachedInputTokens: 0,
            cacheWriteTokens: 0,
            calls: 1
          }
        }]
      ])
    }).pipe(Effect.provide(ScriptedLM.layer([
      ScriptedLM.chunks(["o", "ne"], {
        reasoning: "hm",
        finish: "refusal",
        detail: "no",
        usage: { inputTokens: 3, outputTokens: 2 }
      })
    ]))))

  it.effect("generate is the fold of stream", () =>
    Effect.gen(function*() {
      const response = yield* generate("a")
      assert.deepStrictEqual(response.completions, [
        {
          index: 0,
          content: [{ _tag: "Reasoning", text: "let me think" }, { _tag: "Text", text: "one" }],
          finish: "length"
        }
      ])
      assert.strictEqual(response.usage?.outputTokens, 4)
    }).pipe(Effect.provide(ScriptedLM.layer([
      ScriptedLM.chunks(["o", "ne"], { reasoning: ["let me", " think"], finish: "length", usage: { outputTokens: 4 } })
    ]))))

  it.effect("events are handed over as they are", () =>
    Effect.gen(function*() {
      const script: ReadonlyArray<ReadonlyArray<LMEvent>> = [
        [{ _tag: "ResponseInfo", id: "r1" }, { _tag: "TextDelta", index: 0, text: "one" }],
        [{ _tag: "ToolCallDelta", index: 0, call: 0, id: "c", name: "search", argumentsDelta: "{}" }]
      ]
      assert.deepStrictEqual(yield* Effect.provide(reads("a"), ScriptedLM.layer([ScriptedLM.events(script)])), script)
    }))

  it.effect("delays pass on the clock, before each piece", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.chunks(["a", "b"], { delay: "1 second" })])
      const seen: Array<string> = []
      const fiber = yield* lm.service.stream(ask("?")).pipe(
        Stream.runForEach((event) =>
          Effect.sync(() => seen.push(event._tag === "TextDelta" ? event.text : event._tag))
        ),
        Effect.forkChild
      )
      yield* TestClock.adjust("999 millis")
      assert.deepStrictEqual(seen, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(seen, ["a"])
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(seen, ["a", "b", "Finish"])
    }))

  it.effect("a failure comes after its pieces, as the error or the reason that was given", () =>
    Effect.gen(function*() {
      const reason = new RateLimited({ description: "slow down", retryAfter: Duration.seconds(2) })
      const given = new LMError({ model: "other/model", reason: new Server({ description: "broken" }) })
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(reason, ["o", "ne"]), ScriptedLM.fail(given)], {
        model: "s/1"
      })
      const seen: Array<LMEvent> = []
      const first = yield* lm.service.stream(ask("?")).pipe(
        Stream.runForEach((event) => Effect.sync(() => seen.push(event))),
        Effect.flip
      )
      assert.strictEqual(textOf(seen), "one")
      assert.isTrue(seen.every((event) => event._tag === "TextDelta"))
      assert.strictEqual(first.model, "s/1")
      assert.strictEqual(first.reason, reason)
      const second = yield* Effect.flip(lm.service.generate(ask("?")))
      assert.strictEqual(second, given)
      assert.strictEqual(yield* lm.interrupted, 0)
    }))

  it.effect("a truncated reply fails as the service says it does", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(answer("a"))
      assert.strictEqual(error.reason._tag, "Truncated")
      assert.isTrue(error.isRetryable)
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.truncated(["on"])]))))

  it.effect("completions arrive side by side, in the order of their times, with one usage", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.completions([
        ScriptedLM.chunks(["a1", "a2"], { delay: "3 seconds", usage: { outputTokens: 2 } }),
        ScriptedLM.chunks(["b1", "b2"], { delay: "1 second", usage: { outputTokens: 5 } })
      ])])
      const fiber = yield* lm.service.stream(ask("?")).pipe(Stream.runCollect, Effect.forkChild)
      yield* TestClock.adjust("6 seconds")
      const events = yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "TextDelta" ? [`${event.index}${event.text}`] : []),
        ["1b1", "1b2", "0a1", "0a2"]
      )
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "Finish" ? [event.index] : []),
        [1, 0]
      )
      const usages = events.flatMap((event) => event._tag === "Usage" ? [event.usage] : [])
      assert.deepStrictEqual([usages.at(-1)?.outputTokens, usages.at(-1)?.calls], [7, 1])
    }))

  const written = (reply: ScriptedLM.Reply) => textOf(reply.reads.flatMap(({ events }) => events))

  it("formats are what the adapters have written", () => {
    const fields = { reasoning: "because", items: ["a", 1], score: 0.5 }
    assert.strictEqual(
      written(ScriptedLM.chat(fields)),
      "[[ ## reasoning ## ]]\nbecause\n\n[[ ## items ## ]]\n[\"a\",1]\n\n[[ ## score ## ]]\n0.5\n\n[[ ## completed ## ]]"
    )
    assert.deepStrictEqual(JSON.parse(written(ScriptedLM.json(fields))), fields)
    assert.strictEqual(
      written(ScriptedLM.xml(fields)),
      "<reasoning>\nbecause\n</reasoning>\n<items>\n[\"a\",1]\n</items>\n<score>\n0.5\n</score>"
    )
  })

  it("any adapter's form is written, each value by its type in the signature", () => {
    const signature = Signature.make("-> answer, x: str | int, mood: 'good' | 'bad', n: int")
    const fields = { answer: "a < b", x: "7", mood: "good", other: "o" }
    const of = (adapter: Adapter.Adapter) => written(ScriptedLM.written(adapter, signature, fields))
    assert.strictEqual(of(Adapters.builtIn.chat), written(ScriptedLM.chat({ ...fields, x: "\"7\"" })))
    for (const adapter of Object.values(Adapters.builtIn).slice(0, 3)) {
      const decoder = adapter.decoder(signature)
      decoder.push(of(adapter))
      const { missing, parsed } = Result.getOrThrow(Result.flip(decoder.end().result))
      assert.deepStrictEqual([parsed, missing], [{ answer: "a < b", x: "7", mood: "good" }, ["n"]])
    }
    const raw = Adapter.make({
      name: "Raw",
      format: Adapters.builtIn.chat.format,
      scanner: () => ({ push: () => {}, end: () => {} })
    })
    assert.throws(
      () => of(raw),
      /the Raw adapter was not made of a form \(Adapter.fromForm\): give its reply as a text/
    )
  })

  it.effect.prop(
    "tokens are the text in small whole pieces, always the same",
    { text: Schema.String },
    ({ text }) =>
      Effect.sync(() => {
        const pieces = ScriptedLM.tokens(text)
        assert.strictEqual(pieces.join(""), text)
        assert.deepStrictEqual(ScriptedLM.tokens(text), pieces)
        for (const piece of pieces) assert.isTrue([...piece].length >= 1 && [...piece].length <= 5)
        const sent = ScriptedLM.text(text, { tokens: true }).reads.flatMap(({ events }) => events)
        assert.deepStrictEqual(sent.flatMap((event) => event._tag === "TextDelta" ? [event.text] : []), pieces)
      })
  )
})

describe("who reads", () => {
  it.effect("a piece is sent when it is asked for", () =>
    Effect.gen(function*() {
      let sent = 0
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chunks(Array.from({ length: 100 }, () => "x"), { onSend: () => sent++ })
      ])
      yield* lm.service.stream(ask("?")).pipe(Stream.take(3), Stream.runDrain)
      assert.strictEqual(sent, 3)
      assert.strictEqual(yield* lm.interrupted, 1)
    }))

  it.effect("a reply that hangs can be interrupted, and is counted", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.never, ScriptedLM.hang(["some"])])
      const fibers = yield* Effect.all([
        Effect.forkChild(lm.service.generate(ask("?"))),
        Effect.forkChild(Stream.runHead(lm.service.stream(ask("?"))))
      ])
      assert.deepStrictEqual(
        yield* Fiber.join(fibers[1]),
        Option.some<LMEvent>({ _tag: "TextDelta", index: 0, text: "some" })
      )
      assert.strictEqual(yield* lm.interrupted, 1)
      yield* Fiber.interrupt(fibers[0])
      assert.strictEqual(yield* lm.interrupted, 2)
    }))

  it.effect("a response that was read to its end was not interrupted", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(["one", ScriptedLM.truncated(["t"])])
      yield* Effect.exit(lm.service.generate(ask("?")))
      yield* Effect.exit(lm.service.generate(ask("?")))
      assert.strictEqual(yield* lm.interrupted, 0)
    }))
})
