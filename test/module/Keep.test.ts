/** How much of a session is said again: the rules, what is told of it, and what no rule does. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Schema, Stream } from "effect"
import { History, Keep, Observer, Predict, ReAct, type RunEvent, Session, Streaming, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { calledIn, resultsIn, rows } from "../support/said.ts"

const qa = Predict.make("question, history: History -> answer")
const said = (count: number) =>
  History.make(Array.from({ length: count }, (_, at) => ({ question: `q${at + 1}`, answer: `a${at + 1}` })))
const one = [ScriptedLM.chat({ answer: "new" })]

/** The questions that are sent, the dropped turns that are told, and the history after a call of a session. */
const called = <E>(options: Session.Options<E>) =>
  Effect.gen(function*() {
    const dropped: Array<ReadonlyArray<number>> = []
    const lm = yield* ScriptedLM.make(one)
    const chat = yield* Session.make(qa, options)
    yield* chat({ question: "new?" }).pipe(
      Observer.observe({
        interest: () => undefined,
        onEvents: (events: ReadonlyArray<RunEvent.RunEvent>) =>
          Effect.sync(() =>
            void dropped.push(...events.flatMap((event) => event._tag === "TurnsDropped" ? [event.turns] : []))
          )
      }),
      Effect.provide(lm.layer)
    )
    const asked = rows((yield* lm.requests)[0]!.messages)
      .flatMap(([role, text]) => role === "user" ? [/\n(\w+\??)\n/.exec(text)![1]!] : [])
    return { asked, dropped, kept: (yield* chat.history).messages.map(({ question }) => question) }
  })

describe("a rule", () => {
  it.effect("of turns: the newest, before each call; the others are told and gone", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* called({ history: said(5), keep: Keep.last(2) }), {
        asked: ["q4", "q5", "new?"],
        dropped: [[1, 2, 3]],
        kept: ["q4", "q5", "new?"]
      })
      assert.deepStrictEqual((yield* called({ history: said(2), keep: Keep.last(2) })).dropped, [])
      assert.deepStrictEqual((yield* called({ keep: Keep.last(1) })).dropped, [])
    }))

  it.effect("of tokens: the newest that fit, and the newest one in any case", () =>
    Effect.gen(function*() {
      const count = () => 10
      const asked = (keep: Keep.Keep) => Effect.map(called({ history: said(5), keep }), ({ asked }) => asked)
      assert.deepStrictEqual(yield* asked(Keep.tokens(29, { count })), ["q4", "q5", "new?"])
      assert.deepStrictEqual(yield* asked(Keep.tokens(1, { count })), ["q5", "new?"])
      // {"question":"q1","answer":"a1"} is 31 bytes.
      assert.deepStrictEqual(yield* asked(Keep.tokens(16)), ["q4", "q5", "new?"])
      assert.deepStrictEqual(yield* asked(Keep.tokens(15)), ["q5", "new?"])
    }))

  it("of tokens estimates by bytes, and does not count those of contents", () => {
    assert.deepStrictEqual(["", "a", "abcd", "é", "日本", "👍👍", "abcde"].map(Keep.estimate), [0, 1, 1, 1, 2, 2, 2])
  })

  it.effect("of tokens counts a picture as what it costs, whatever its bytes", () =>
    Effect.gen(function*() {
      const asked = (photo: string, most: number) => {
        const history = History.make([{ question: "q1", photo, answer: "a1" }, { question: "q2", answer: "a2" }])
        return Effect.map(called({ history, keep: Keep.tokens(most) }), ({ asked }) => asked.length)
      }
      const photo = `data:image/png;base64,${"A".repeat(100_000)}`
      assert.strictEqual(yield* asked(photo, Keep.contentTokens + 30), 3)
      assert.strictEqual(yield* asked(photo, Keep.contentTokens), 2)
      // A text is no picture because it begins like an address.
      assert.strictEqual(yield* asked(`data: ${"A".repeat(100_000)}`, Keep.contentTokens + 30), 2)
    }))

  it.effect("of a function, which may sum up what was said, with a model", () =>
    Effect.gen(function*() {
      const dropped: Array<ReadonlyArray<number>> = []
      const lm = yield* ScriptedLM.make([ScriptedLM.chat({ summary: "Ada asked" }), ...one])
      const summarize = Predict.make("text -> summary")
      const chat = yield* Session.make(qa, {
        history: said(4),
        keep: ({ messages }) =>
          Effect.map(
            summarize({ text: JSON.stringify(messages.slice(0, -1)) }),
            ({ summary }) => History.make([{ question: "So far?", answer: summary }, messages.at(-1)!])
          )
      })
      const events = yield* Streaming.streamify(chat)({ question: "new?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      for (const event of events) if (event._tag === "TurnsDropped") dropped.push(event.turns)
      assert.deepStrictEqual(dropped, [[1, 2, 3]])
      assert.deepStrictEqual((yield* chat.history).messages.map(({ question }) => question), ["So far?", "q4", "new?"])
      assert.isTrue(rows((yield* lm.requests)[1]!.messages).some(([, text]) => text.includes("Ada asked")))
    }))

  it.effect("that gives something else is a defect that says so", () =>
    Effect.gen(function*() {
      const errorOf = (keep: (history: History.History) => unknown) =>
        called({ history: said(2), keep: keep as never }).pipe(
          Effect.catchDefect((defect) => Effect.succeed(String(defect)))
        )
      assert.strictEqual(
        yield* errorOf(() => History.empty),
        "TypeError: `keep` gave a history without the newest turn at its end: it always stays, as it is"
      )
      assert.include(yield* errorOf(() => []), "what `keep` gave is no History, as History.make gives one")
      assert.include(yield* errorOf(async () => said(2)), "`keep` gave a promise")
      assert.include(
        yield* errorOf(({ messages }) => ({ messages: [{ ...messages[0], "~turns": 1 }, messages[1]] })),
        "what `keep` gave has something at `messages.0.~turns` that is no list"
      )
    }))

  it("is refused where it is none", () => {
    assert.throws(() => Session.make(qa, { keep: 3 as never }), /`keep` is a number: it is a rule, as Keep\.last\(10\)/)
    assert.throws(() => Session.make(qa, { keep: { _tag: "Last", most: 0 } }), /`keep` is an object: it is a rule/)
    assert.throws(() => Keep.last(0), /Keep\.last: `most`/)
    assert.throws(() => Keep.tokens(1, { coutn: 1 } as never), /no option 'coutn'/)
  })

  it.effect("a call that fails leaves the session as it was; a fork has the rule too", () =>
    Effect.gen(function*() {
      const chat = yield* Session.make(qa, { history: said(3), keep: Keep.last(1) })
      yield* Effect.flip(chat({ question: "?" }))
      assert.lengthOf((yield* chat.history).messages, 3)
      const fork = yield* chat.fork
      yield* fork({ question: "?" })
      assert.lengthOf((yield* fork.history).messages, 2)
    }).pipe(Effect.provide(ScriptedLM.layer([ScriptedLM.truncated(["[[ ## answer"]), ...one]))))
})

// What holds for every conversation

const add = Tool.make("add", { parameters: { n: Schema.Finite } }, ({ n }) => n)
const agent = ReAct.make("question, history: History -> answer", { tools: [add] })

const Rules = Arbitrary.schema(Schema.Union([
  Schema.TaggedStruct("last", { most: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })) }),
  Schema.TaggedStruct("tokens", { most: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 400 })) }),
  Schema.TaggedStruct("every", { most: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 4 })) })
]))
/** How many tools each turn calls, in each of its iterations. */
const Turns = Arbitrary.array(
  Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 }))), { maxLength: 3 }),
  {
    minLength: 1,
    maxLength: 6
  }
)

describe("for every conversation and every rule", () => {
  it.effect.prop(
    "no call of a tool is without its result, the newest turn stays, and what is sent is what is kept",
    { rule: Rules, turns: Turns },
    ({ rule, turns }) =>
      Effect.gen(function*() {
        const keep = rule._tag === "every"
          ? ({ messages }: History.History) =>
            History.make(messages.filter((_, at) => at % rule.most === 0 || at === messages.length - 1))
          : Keep[rule._tag](rule.most)
        const lm = yield* ScriptedLM.make(turns.flatMap((iterations, turn) => [
          ...iterations.map((count) =>
            ScriptedLM.toolCalls(Array.from({ length: count }, (_, n) => ({ name: "add", arguments: { n } })))
          ),
          ScriptedLM.chat({ reasoning: "r", answer: `a${turn}` })
        ]))
        const chat = yield* Session.make(agent, { keep })
        let asked = 0
        for (const [turn, iterations] of turns.entries()) {
          const before = yield* chat.history
          yield* Effect.provide(chat({ question: `q${turn}` }), lm.layer)
          const { messages } = yield* chat.history
          const first = (yield* lm.requests)[asked]!
          asked += iterations.length + 1
          const ids = calledIn(first.messages).map(({ id }) => id)
          assert.deepStrictEqual(resultsIn(first.messages).map(([id]) => id), ids)
          assert.strictEqual(new Set(ids).size, ids.length)
          if (turn > 0) assert.deepStrictEqual(messages.at(-2), before.messages.at(-1))
          // The questions, the calls and the answers that were sent are those of the history, which has this turn too.
          const kept = messages.slice(0, -1)
          const inHistory = JSON.stringify(kept.map((message) => message["~turns"] ?? []))
          assert.strictEqual(inHistory.split("\"ToolCall\"").length - 1, ids.length)
          assert.deepStrictEqual(
            rows(first.messages).flatMap(([role, text]) => role === "user" ? [/q\d/.exec(text)![0]] : []),
            messages.map(({ question }) => question)
          )
        }
        yield* lm.assertComplete
      }),
    { arbitrary: { runs: 60, size: 6, seed: 1 }, timeout: 60_000 }
  )
})
