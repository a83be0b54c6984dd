/** A conversation in a prompt: its turns between the examples and the question, the same bytes as when they were sent. */
import { assert, describe, it } from "@effect/vitest"
import { Adapter, History } from "effect-lm"
import { assistant, user } from "effect-lm/lm/LMRequest"
import * as Signature from "effect-lm/signature/Signature"
import { rows, textAt } from "../support/said.ts"
import { adapters } from "./support/decode.ts"

const call = (
  signature: Signature.Any,
  inputs: Adapter.AdapterCall["inputs"],
  demos: Adapter.AdapterCall["demos"] = []
): Adapter.AdapterCall => ({ signature, inputs, demos, config: {} })

const names = ["Chat", "JSON", "XML"] as const
const chat = Signature.make("question, history: History -> answer")
const history = History.make([{ question: "1 + 1?", answer: "2" }, { question: "And 1 < 2?", answer: "yes < no" }])

/** What is said after the system message: who says it, and what. */
const said = (
  name: typeof names[number],
  signature: Signature.Any,
  inputs: Adapter.AdapterCall["inputs"],
  demos?: Adapter.AdapterCall["demos"]
) => rows(adapters[name].format(call(signature, inputs, demos)).messages.slice(1))

describe("the turns before", () => {
  it("Chat", () => {
    const end = "\n\nReply with [[ ## answer ## ]], then [[ ## completed ## ]]."
    assert.deepStrictEqual(said("Chat", chat, { question: "Why?", history }), [
      ["user", `[[ ## question ## ]]\n1 + 1?${end}`],
      ["assistant", "[[ ## answer ## ]]\n2\n\n[[ ## completed ## ]]"],
      ["user", `[[ ## question ## ]]\nAnd 1 < 2?${end}`],
      ["assistant", "[[ ## answer ## ]]\nyes < no\n\n[[ ## completed ## ]]"],
      ["user", `[[ ## question ## ]]\nWhy?${end}`]
    ])
  })

  it("JSON", () => {
    const end = "\n\nReply with a JSON object with the key \"answer\"."
    assert.deepStrictEqual(said("JSON", chat, { question: "Why?", history }), [
      ["user", `[[ ## question ## ]]\n1 + 1?${end}`],
      ["assistant", "{\"answer\":\"2\"}"],
      ["user", `[[ ## question ## ]]\nAnd 1 < 2?${end}`],
      ["assistant", "{\"answer\":\"yes < no\"}"],
      ["user", `[[ ## question ## ]]\nWhy?${end}`]
    ])
  })

  it("XML", () => {
    const end = "\n\nReply with <answer>."
    assert.deepStrictEqual(said("XML", chat, { question: "Why?", history }), [
      ["user", `<question>\n1 + 1?\n</question>${end}`],
      ["assistant", "<answer>\n2\n</answer>"],
      ["user", `<question>\nAnd 1 < 2?\n</question>${end}`],
      ["assistant", "<answer>\nyes &lt; no\n</answer>"],
      ["user", `<question>\nWhy?\n</question>${end}`]
    ])
  })

  for (const name of names) {
    it(`${name}: in plain words, where the form is enforced otherwise`, () => {
      const shape = adapters[name].shape(call(chat, { question: "Why?", history }))
      assert.deepStrictEqual(shape!.prompt.slice(1), [
        user("1 + 1?"),
        assistant("2"),
        user("And 1 < 2?"),
        assistant("yes < no"),
        user("Why?")
      ])
    })

    it(`${name}: follow the examples, and the history is no field, in examples neither`, () => {
      const demos = [{
        inputs: { question: "d", history: { messages: [{ question: "hidden" }] } },
        outputs: { answer: "D" }
      }]
      const alone = Signature.make("question -> answer")
      const demo = [{ inputs: { question: "d" }, outputs: { answer: "D" } }]
      // A conversation that has just begun is the same call without one.
      const expected = call(alone, { question: "Why?" }, demo)
      for (const inputs of [{ question: "Why?", history: History.empty }, { question: "Why?" }]) {
        const begun = call(chat, inputs, demos)
        assert.deepStrictEqual(adapters[name].format(begun), adapters[name].format(expected))
        assert.deepStrictEqual(adapters[name].shape(begun), adapters[name].shape(expected))
      }
      assert.deepStrictEqual(
        said(name, chat, { question: "Why?", history }, demos),
        [
          ...said(name, alone, { question: "Why?" }, demo).slice(0, 2),
          ...said(name, chat, { question: "Why?", history })
        ]
      )
    })

    it(`${name}: turns with gaps`, () => {
      const two = Signature.make("question, context, history: History -> reasoning, answer")
      const inputs = { question: "Why?", context: "c" }
      const roles = (messages: ReadonlyArray<History.Message>) =>
        said(name, two, { ...inputs, history: History.make(messages) }).map(([role]) => role)
      assert.deepStrictEqual(roles([{ question: "a" }]), ["user", "user"])
      assert.deepStrictEqual(roles([{ answer: "b" }]), ["assistant", "user"])
      assert.deepStrictEqual(roles([{}]), ["user"])
      const [[, question] = [], [, answer] = []] = said(name, two, {
        ...inputs,
        history: History.make([{ answer: "b", question: "a" }])
      })
      assert.notInclude(question!.split("Reply with")[0]!, "context")
      assert.notInclude(answer!, "reasoning")
    })

    it(`${name}: answers in other fields are told in words`, () => {
      const step = Signature.make("question, history: History -> query")
      const turn = { question: "?", answer: "A tide.", key_points: ["moon", 1] }
      assert.deepStrictEqual(
        said(name, step, { question: "Why?", history: History.make([turn]) })[1],
        ["assistant", "Answer: A tide.\nKey points: [\"moon\",1]"]
      )
      // Not where some of the answer is the signature's, nor where nothing says what the question was.
      assert.notInclude(JSON.stringify(said(name, chat, { question: "Why?", history: History.make([turn]) })), "moon")
      assert.strictEqual(said(name, step, { question: "?", history: History.make([{ other: 1 }]) }).length, 1)
    })

    it(`${name}: questions without inputs are asked again too`, () => {
      for (
        const signature of [
          Signature.make("history: History -> poem"),
          Signature.make("mood?, history: History -> poem")
        ]
      ) {
        const first = said(name, signature, {})
        const second = said(name, signature, { history: History.make([{ poem: "p" }]) })
        assert.deepStrictEqual(second.map(([role]) => role), ["user", "assistant", "user"])
        assert.deepStrictEqual(second.slice(0, 1), first)
      }
    })

    it(`${name}: law 10: names reach no prototype`, () => {
      const messages: ReadonlyArray<History.Message> = [
        JSON.parse("{\"question\":\"q\",\"__proto__\":{\"answer\":\"hidden\"}}")
      ]
      assert.strictEqual(
        said(name, chat, { question: "?", history: { messages: [Object.create(messages[0]!)] } }).length,
        1
      )
      const [, answer] = said(name, chat, { question: "?", history: { messages } })
      assert.deepStrictEqual(answer, ["assistant", "Proto: {\"answer\":\"hidden\"}"])
    })
  }
})

describe("an adapter from outside", () => {
  it("sees the history among the inputs", () => {
    const adapter = Adapter.make({
      name: "Raw",
      format: ({ config, inputs }) => ({
        messages: [user(JSON.stringify(inputs))],
        config,
        responseFormat: { _tag: "Text" }
      }),
      scanner: () => ({ push: () => {}, end: () => {} })
    })
    const asked = call(chat, { question: "Why?", history })
    assert.deepStrictEqual(JSON.parse(textAt(adapter.format(asked), 0)), { question: "Why?", history })
    assert.isUndefined(adapter.shape(asked))
  })
})
