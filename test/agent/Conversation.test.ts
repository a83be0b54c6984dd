/** Conversations of agents: what tools have found is said again, in both protocols, and from JSON. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { History, InputError, type LMRequest, Module, Predict, Prediction, ReAct, Session, Signature } from "effect-lm"
import { assistant, toolResult, user } from "effect-lm/lm/LMRequest"
import { ScriptedLM } from "effect-lm/testing"
import { forms } from "../support/adapters.ts"
import { calledIn, resultsIn, rows, textAt } from "../support/said.ts"
import { add, text as inText, turn } from "./support/agents.ts"

const agent = ReAct.make("question, history: History -> answer: int", { tools: [add] })

const answer = (answer: number) => ScriptedLM.chat({ reasoning: "so", answer })
const calls = ScriptedLM.toolCalls([{ id: "x", name: "add", arguments: "{ \"a\":1,\"b\": 2}" }], { text: "Adding." })

const begins = (after: LMRequest.LMRequest | undefined, before: LMRequest.LMRequest | undefined) =>
  assert.deepStrictEqual(after!.messages.slice(0, before!.messages.length), before!.messages)

/** The history after these questions, each to another session that was begun from the JSON of the one before. */
const overJson = Effect.fnUntraced(function*(
  program: typeof agent,
  questions: ReadonlyArray<string>,
  lm: ScriptedLM.ScriptedLM
) {
  let saved = JSON.stringify(History.empty)
  for (const question of questions) {
    const chat = yield* Session.make(program, { history: JSON.parse(saved) })
    yield* Effect.provide(chat({ question }), lm.layer)
    saved = JSON.stringify(yield* chat.history)
  }
  return JSON.parse(saved) as History.History
})

describe("natively", () => {
  it.effect("calls and results are sent again as they were, and the answer behind them", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([calls, answer(3), answer(4)])
      const chat = yield* Session.make(agent)
      yield* Effect.gen(function*() {
        yield* chat({ question: "1 + 2?" })
        yield* chat({ question: "And one more?" })
      }).pipe(Effect.provide(lm.layer))
      const [, asked, again] = yield* lm.requests
      begins(again, asked)
      const [question, ...rest] = again!.messages.slice(1)
      assert.match(textAt({ messages: [question!] }, 0), /1 \+ 2\?/)
      assert.deepStrictEqual(rest, [
        assistant([
          { _tag: "Text", text: "Adding." },
          { _tag: "ToolCall", id: "x", name: "add", arguments: "{ \"a\":1,\"b\": 2}" }
        ]),
        toolResult({ toolCallId: "x", name: "add", content: "3" }),
        assistant("[[ ## answer ## ]]\n3\n\n[[ ## completed ## ]]"),
        user(textAt(again, -1))
      ])
    }))

  it.effect("from JSON too, with what the provider wants back", () =>
    Effect.gen(function*() {
      const thinking = ScriptedLM.events([[
        { _tag: "ReasoningDelta", index: 0, text: "hm", providerData: { messages: { signature: "s1" } } },
        {
          _tag: "ToolCallDelta",
          index: 0,
          call: 0,
          id: "x",
          name: "add",
          argumentsDelta: "{\"a\":1,\"b\":2}",
          providerData: { chat: { extraContent: { thought_signature: "s2" } } }
        },
        { _tag: "Finish", index: 0, reason: "tool-calls" }
      ]])
      const lm = yield* ScriptedLM.make([thinking, answer(3), calls, answer(4), answer(5)])
      const history = yield* overJson(agent, ["a?", "b?", "c?"], lm)
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(History.History)(history), history)
      assert.deepStrictEqual(history.messages.map((message) => Object.keys(message)), [
        ["question", "answer", "~turns"],
        ["question", "answer", "~turns"],
        ["question", "answer"]
      ])
      const [, second, third, fourth, fifth] = yield* lm.requests
      begins(third, second)
      begins(fourth, third)
      begins(fifth, fourth)
      assert.include(JSON.stringify(fifth), "\"signature\":\"s1\"")
      assert.include(JSON.stringify(fifth), "\"thought_signature\":\"s2\"")
      // The provider has begun to count anew: ids are told apart in all that is sent.
      assert.deepStrictEqual(calledIn(fifth!.messages).map(({ id }) => id), ["x", "x_2"])
      assert.deepStrictEqual(resultsIn(fifth!.messages), [["x", "3"], ["x_2", "3"]])
    }))

  it.effect("where the outputs are asked for by themselves, and what the agent was told between its turns", () =>
    Effect.gen(function*() {
      const told = ReAct.make("question, history: History -> answer: int", {
        tools: [add],
        extract: true,
        prepareStep: ({ iteration }) => ({ instructions: `It is turn ${iteration}.` })
      })
      const lm = yield* ScriptedLM.make([calls, "I know it.", answer(3), "I know it.", answer(4)])
      yield* overJson(told, ["a?", "b?"], lm)
      const [, second, , fourth] = yield* lm.requests
      begins(fourth, second)
      // The words without a call gave way to the answer.
      const [result, said, asked] = rows(fourth!.messages).slice(second!.messages.length - 1)
      assert.deepStrictEqual(result, ["tool", "3\n\nIt is turn 2."])
      assert.deepStrictEqual(said, ["assistant", "Answer: 3"])
      assert.match(asked![1], /b\?[^]*It is turn 1\.$/)
    }))
})

describe("in the text protocol", () => {
  for (const { format, layer, name } of forms) {
    it.effect(`${name}: turns are sent again in the adapter's form, as they were`, () =>
      Effect.gen(function*() {
        const step = (tool: string, args: unknown) =>
          format({ next_thought: "a < b", next_tool_name: tool, next_tool_args: args })
        const lm = yield* ScriptedLM.make([
          step("add", { a: 1, b: 2 }),
          "no form at all",
          ...(name === "Chat" || name === "XML" ? ["again none"] : []),
          step("finish", {}),
          format({ reasoning: "so", answer: 3 }),
          step("finish", {}),
          format({ reasoning: "so", answer: 4 })
        ], inText)
        yield* Effect.provide(overJson(agent, ["a?", "b?"], lm), layer)
        const requests = yield* lm.requests
        const react = requests.at(-2)!
        const before = requests.at(-4)!
        begins(react, before)
        const [finished, closed, said, asked] = rows(react.messages).slice(before.messages.length)
        assert.strictEqual(finished![0], "assistant")
        assert.include(finished![1], "finish")
        assert.include(closed![1], "No more tools are used.")
        assert.deepStrictEqual(said, ["assistant", "Answer: 3"])
        assert.include(asked![1], "b?")
        yield* lm.assertComplete
      }))
  }

  it.effect("a turn that called no tool is kept as before", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([turn("finish", {}), answer(3)], inText)
      const { messages } = yield* overJson(agent, ["a?"], lm)
      assert.deepStrictEqual(messages, [{ question: "a?", answer: 3 }])
    }))
})

describe("another protocol than before", () => {
  it.effect("native calls are told in the form of the text protocol, one in a turn", () =>
    Effect.gen(function*() {
      const native = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([
          { name: "add", arguments: { a: 1, b: 2 } },
          { name: "add", arguments: { a: 3, b: 4 } }
        ], { text: "Both." }),
        answer(3)
      ])
      const history = yield* overJson(agent, ["a?"], native)
      const lm = yield* ScriptedLM.make([turn("finish", {}), answer(4)], inText)
      yield* Effect.provide(agent({ question: "b?", history }), lm.layer)
      const [request] = yield* lm.requests
      assert.isFalse(request!.messages.some(({ role }) => role === "tool"))
      assert.deepStrictEqual(
        rows(request!.messages).slice(2, 6).map((
          [role, text]
        ) => [role, text.split("\n").filter((line) => line !== "")]),
        [
          ["assistant", [
            "[[ ## next_thought ## ]]",
            "Both.",
            "[[ ## next_tool_name ## ]]",
            "add",
            "[[ ## next_tool_args ## ]]",
            "{\"a\":1,\"b\":2}",
            "[[ ## completed ## ]]"
          ]],
          ["user", rows(request!.messages)[3]![1].split("\n").filter((line) => line !== "")],
          ["assistant", [
            "[[ ## next_thought ## ]]",
            "[[ ## next_tool_name ## ]]",
            "add",
            "[[ ## next_tool_args ## ]]",
            "{\"a\":3,\"b\":4}",
            "[[ ## completed ## ]]"
          ]],
          ["user", rows(request!.messages)[5]![1].split("\n").filter((line) => line !== "")]
        ]
      )
      assert.match(textAt(request, 3), /\[\[ ## observation ## \]\]\n3/)
      assert.match(textAt(request, 5), /\[\[ ## observation ## \]\]\n7/)
    }))

  it.effect("turns of the text protocol are told as native calls, without the one that ended the work", () =>
    Effect.gen(function*() {
      const text = yield* ScriptedLM.make([turn("add", { a: 1, b: 2 }), turn("finish", {}), answer(3)], inText)
      const history = yield* overJson(agent, ["a?"], text)
      const lm = yield* ScriptedLM.make([answer(4)])
      yield* Effect.provide(agent({ question: "b?", history }), lm.layer)
      const [request] = yield* lm.requests
      assert.deepStrictEqual(request!.messages.slice(2, 4), [
        assistant([
          { _tag: "Text", text: "hm" },
          { _tag: "ToolCall", id: "earlier_1_1", name: "add", arguments: "{\"a\":1,\"b\":2}" }
        ]),
        toolResult({ toolCallId: "earlier_1_1", name: "add", content: "3" })
      ])
      assert.lengthOf(request!.messages, 6)
    }))
})

describe("a history that is kept by hand", () => {
  it.effect("has what a session would keep, by Session.messageOf", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([calls, answer(3), answer(4)])
      const prediction = yield* Effect.provide(agent({ question: "a?", history: History.empty }), lm.layer)
      const history = History.append(History.empty, Session.messageOf(agent, { question: "a?" }, prediction))
      assert.deepStrictEqual(history.messages[0]!["~turns"], Prediction.details(prediction).turns as never)
      yield* Effect.provide(agent({ question: "b?", history }), lm.layer)
      const [, second, third] = yield* lm.requests
      begins(third, second)
      // @ts-expect-error a question is a text
      assert.throws(() => Session.messageOf(agent, { question: 1 }, prediction))
    }))

  it.effect("of a predictor says nothing of tools: it has questions and answers", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([calls, answer(3), ScriptedLM.chat({ title: "Sums" })])
      const history = yield* overJson(agent, ["a?"], lm)
      const titled = Predict.make("question, history: History -> title")
      yield* Effect.provide(titled({ question: "?", history }), lm.layer)
      const request = (yield* lm.requests).at(-1)
      assert.deepStrictEqual(request!.messages.map(({ role }) => role), ["system", "user", "assistant", "user"])
      assert.strictEqual(textAt(request, 2), "Answer: 3")
    }))

  it.effect("of a program that answers with its agent's prediction", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([calls, answer(3), answer(4)])
      const program = Module.make(
        "Assistant",
        { agent },
        ({ agent }) => (input: { readonly question: string; readonly history?: History.History }) =>
          agent({ history: History.empty, ...input })
      ).pipe(Module.withSignature(Signature.make("question, history: History -> answer: int")))
      const chat = yield* Session.make(Module.wrap(program, "Once", (inner) => (input) => inner(input)))
      yield* Effect.provide(chat({ question: "a?" }), lm.layer)
      yield* Effect.provide(chat({ question: "b?" }), lm.layer)
      const [, second, third] = yield* lm.requests
      begins(third, second)
    }))

  const call = { _tag: "ToolCall", id: "x", name: "add", arguments: "{}" }
  const result = { _tag: "ToolResult", toolCallId: "x", name: "add", content: [] }
  const foreign: ReadonlyArray<readonly [turns: unknown, sentence: RegExp]> = [
    [5, /messages\.0\.~turns: is no list of what an agent did: Session\.messageOf gives it/],
    [[{ _tag: "Else" }], /messages\.0\.~turns\.0: is nothing that an agent did/],
    [[{ _tag: "Note", text: "a" }, { _tag: "Tools", content: "x", results: [] }], /~turns\.1: is nothing that/],
    [[{ _tag: "Tools", content: [call], results: [] }], /calls the tools \["x"\], and has the results of \(none\)/],
    [[{ _tag: "Tools", content: [], results: [result] }], /calls the tools \(none\), and has the results of \["x"\]/],
    [
      [{ _tag: "Tools", content: [call, { ...call, id: "y" }], results: [{ ...result, toolCallId: "y" }, result] }],
      /each call has its result, in the same order/
    ]
  ]
  for (const [turns, sentence] of foreign) {
    it.effect(`is refused before anything is sent: ${JSON.stringify(turns)}`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make([])
        const history = JSON.parse(JSON.stringify({ messages: [{ question: "a?", "~turns": turns }] }))
        const error = yield* Effect.flip(Effect.provide(agent({ question: "b?", history }), lm.layer))
        assert.instanceOf(error, InputError)
        assert.match(error.message, sentence)
        assert.lengthOf(yield* lm.requests, 0)
        assert.throws(() => Session.make(agent, { history }), /^`history` has something at `messages\.0\.~turns/)
      }))
  }
})
