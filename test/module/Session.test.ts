/** Conversations: what is said again, what leaves no trace, one after the other. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Schema } from "effect"
import { History, type LM, LMError, Predict, Session, Signature } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { forms } from "../support/adapters.ts"

const qa = Predict.make("question, history: History -> answer")

const answers = (...texts: ReadonlyArray<string>) => texts.map((answer) => ScriptedLM.chat({ answer }))

describe("a session", () => {
  it.effect("says again what was said", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(answers("Hello, Ada.", "Ada."))
      const chat = yield* Session.make(qa)
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* chat({ question: "I am Ada." })).answer, "Hello, Ada.")
        assert.strictEqual((yield* chat({ question: "Who am I?" })).answer, "Ada.")
      }).pipe(Effect.provide(lm.layer))
      const history = History.make([
        { question: "I am Ada.", answer: "Hello, Ada." },
        { question: "Who am I?", answer: "Ada." }
      ])
      assert.deepStrictEqual(yield* chat.history, history)
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(second!.messages.slice(0, 2), first!.messages)
      assert.deepStrictEqual(
        second!.messages,
        (yield* Predict.prepare(qa, { question: "Who am I?", history: History.make(history.messages.slice(0, 1)) }))
          .messages
      )
    }))

  const typed = Predict.make(Signature.fromSchemas({
    inputs: {
      when: Schema.DateFromString,
      limit: Schema.Int.pipe(Schema.withConstructorDefault(Effect.succeed(3))),
      note: Schema.optionalKey(Schema.String),
      history: History.History
    },
    outputs: { reasoning: Schema.String, due: Schema.DateFromString }
  }))
  const day = "2026-01-02T00:00:00.000Z"

  for (const { format, layer, name } of forms) {
    it.effect(`law 11: what is sent begins with what was sent before (${name})`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make(() => format({ reasoning: "a < b\n\nc", due: day }))
        const chat = yield* Session.make(typed)
        for (const note of ["a", undefined, "c\n"]) {
          yield* Effect.provide(
            chat({ when: new Date(day), ...(note === undefined ? {} : { note }) }),
            Layer.merge(lm.layer, layer)
          )
        }
        const requests = yield* lm.requests
        for (const [index, { messages }] of requests.entries()) {
          assert.strictEqual(messages.length, 2 * index + 2)
          if (index > 0) assert.deepStrictEqual(messages.slice(0, -2), requests[index - 1]!.messages)
        }
      }))
  }

  it.effect("is JSON: values as their schemas encode them, with the inputs' defaults; another session goes on from it", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chat({ reasoning: "r", due: day }),
        ScriptedLM.chat({ reasoning: "s", due: day })
      ])
      const chat = yield* Session.make(typed)
      const { due } = yield* Effect.provide(chat({ when: new Date(day) }), lm.layer)
      assert.instanceOf(due, Date)
      const saved = JSON.stringify(yield* chat.history)
      assert.strictEqual(
        saved,
        `{"messages":[{"when":"${day}","limit":3,"reasoning":"r","due":"${day}"}]}`
      )
      const history = yield* Schema.decodeEffect(Schema.fromJsonString(History.History))(saved)
      const again = yield* Session.make(typed, { history })
      yield* Effect.provide(again({ when: new Date(day), limit: 1 }), lm.layer)
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(second!.messages.slice(0, 2), first!.messages)
      assert.strictEqual((yield* again.history).messages.length, 2)
      assert.strictEqual((yield* chat.history).messages.length, 1)
    }))

  it.effect("starts anew when it is cleared", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(answers("a", "b"))
      const chat = yield* Session.make(qa)
      yield* Effect.provide(chat({ question: "?" }), lm.layer)
      yield* chat.clear
      assert.deepStrictEqual(yield* chat.history, History.empty)
      yield* Effect.provide(chat({ question: "?" }), lm.layer)
      const [first, second] = yield* lm.requests
      assert.deepStrictEqual(second, first)
    }))

  it.effect("forks into sessions that know the same and go their own ways", () =>
    Effect.gen(function*() {
      const chat = yield* Session.make(qa)
      yield* chat({ question: "1" })
      const fork = yield* chat.fork
      yield* chat({ question: "2" })
      yield* fork({ question: "3" })
      const asked = (history: History.History) => history.messages.map(({ question }) => question)
      assert.deepStrictEqual(asked(yield* chat.history), ["1", "2"])
      assert.deepStrictEqual(asked(yield* fork.history), ["1", "3"])
    }).pipe(Effect.provide(ScriptedLM.layer(answers("a", "b", "c")))))
})

describe("what leaves no trace", () => {
  const said = History.make([{ question: "before", answer: "said" }])

  it.effect("a call that fails", () =>
    Effect.gen(function*() {
      const chat = yield* Session.make(qa, { history: said })
      const error = yield* Effect.flip(chat({ question: "?" }))
      assert.isTrue(error instanceof LMError && error.predictor === "self")
      assert.deepStrictEqual(yield* chat.history, said)
      yield* chat({ question: "?" })
      assert.strictEqual((yield* chat.history).messages.length, 2)
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.truncated(["[[ ## answer"]), ...answers("a")]))))

  it.effect("a call that is interrupted, which lets the next one begin", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const lm = yield* ScriptedLM.make([
        ScriptedLM.hang(["[[ ## answer ## ]]\nso far"], { onSend: () => Deferred.doneUnsafe(begun, Exit.void) }),
        ...answers("a")
      ])
      const chat = yield* Session.make(qa, { history: said })
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(chat({ question: "?" }))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* chat.history, said)
        yield* chat({ question: "?" })
      }).pipe(Effect.provide(lm.layer))
      assert.strictEqual((yield* chat.history).messages.length, 2)
    }))

  it.effect("inputs that the program does not take, the history among them", () =>
    Effect.gen(function*() {
      const chat = yield* Session.make(qa)
      const call = chat as unknown as (input: unknown) => Effect.Effect<unknown, unknown, LM>
      const errorOf = (input: unknown) => Effect.map(Effect.flip(call(input)), (error) => String(error))
      assert.include(yield* errorOf({ question: 1 }), "question: expected string")
      assert.include(yield* errorOf({ question: "?", history: said }), "history: is not an input; there are: question")
      assert.include(yield* errorOf(undefined), "InputError")
      assert.deepStrictEqual(yield* chat.history, History.empty)
    }).pipe(Effect.provide(ScriptedLM.layer([]))))
})

describe("calls at the same time", () => {
  const slow = (_: unknown, call: number) => ScriptedLM.chat({ answer: String(call) }, { delay: "1 second" })

  it.effect("follow one another, and know what was said before", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(slow)
      const chat = yield* Session.make(qa)
      const fiber = yield* Effect.forEach(["a", "b", "c"], (question) => chat({ question }), {
        concurrency: "unbounded"
      }).pipe(Effect.provide(lm.layer), Effect.forkChild)
      const seen: Array<readonly [asked: number, said: number]> = []
      for (let second = 0; second <= 3; second++) {
        if (second > 0) yield* TestClock.adjust("1 second")
        else yield* Effect.yieldNow
        seen.push([(yield* lm.requests).length, (yield* chat.history).messages.length])
      }
      assert.deepStrictEqual(seen, [[1, 0], [2, 1], [3, 2], [3, 3]])
      assert.deepStrictEqual((yield* Fiber.join(fiber)).map(({ answer }) => answer), ["0", "1", "2"])
      assert.deepStrictEqual(yield* chat.history, {
        messages: [{ question: "a", answer: "0" }, { question: "b", answer: "1" }, { question: "c", answer: "2" }]
      })
    }))

  it.effect("that wait can be interrupted, and a fork does not wait", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(slow)
      yield* Effect.gen(function*() {
        const chat = yield* Session.make(qa)
        const running = yield* Effect.forkChild(chat({ question: "a" }), { startImmediately: true })
        const waiting = yield* Effect.forkChild(chat({ question: "b" }), { startImmediately: true })
        const fork = yield* chat.fork
        const other = yield* Effect.forkChild(fork({ question: "c" }), { startImmediately: true })
        assert.strictEqual((yield* lm.requests).length, 2)
        yield* Fiber.interrupt(waiting)
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(running)
        yield* Fiber.join(other)
        assert.deepStrictEqual((yield* chat.history).messages.map(({ question }) => question), ["a"])
        assert.deepStrictEqual((yield* fork.history).messages.map(({ question }) => question), ["c"])
      }).pipe(Effect.provide(lm.layer))
    }))

  it.effect("are over before the session is cleared", () =>
    Effect.gen(function*() {
      const chat = yield* Session.make(qa)
      const running = yield* Effect.forkChild(chat({ question: "a" }), { startImmediately: true })
      const cleared = yield* Effect.forkChild(chat.clear, { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(running)
      yield* Fiber.join(cleared)
      assert.deepStrictEqual(yield* chat.history, History.empty)
    }).pipe(Effect.provide(ScriptedLM.layer(slow))))
})
