/** What a request asks of a local model; and law 1: what it then writes, every adapter reads. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { assistant, type LMRequest, system, toolResult, user } from "effect-lm/lm/LMRequest"
import * as Signature from "effect-lm/signature/Signature"
import * as Plan from "../../src/local/internal/plan.ts"
import * as Service from "../../src/local/internal/service.ts"
import { adapters, decode, inPieces, valuesOf } from "../adapter/support/decode.ts"
import { asking } from "../support/requests.ts"
import { said } from "../support/said.ts"
import * as FakeEngine from "./support/fakeEngine.ts"
import * as Gbnf from "./support/gbnf.ts"

const request = (self: Partial<LMRequest>) => asking("Hi", self)

describe("the messages", () => {
  it("are what chat templates know: the system first, no role twice in a row, tools in words", () => {
    const { messages } = Plan.make(
      request({
        messages: [
          user("one"),
          system("rules"),
          user("two"),
          assistant([{ _tag: "ToolCall", id: "1", name: "add", arguments: "{}" }]),
          toolResult({ toolCallId: "1", name: "add", content: "3" }),
          user("so?"),
          system("more rules")
        ]
      }),
      undefined
    )
    assert.deepStrictEqual(messages, [
      { role: "system", content: "rules\n\nmore rules" },
      { role: "user", content: "one\n\ntwo" },
      { role: "assistant", content: "add({})" },
      { role: "user", content: "add answered: 3\n\nso?" }
    ])
  })

  it("are in plain words where the form of the reply is enforced", () => {
    const { messages } = Plan.make(
      request({ replyShape: { pieces: [], prompt: [user("Question: why?")] } }),
      undefined
    )
    assert.deepStrictEqual(messages, [{ role: "user", content: "Question: why?" }])
  })
})

describe("the pieces", () => {
  it("without a form: one free text, which may begin with thoughts", () => {
    assert.deepStrictEqual(Plan.make(request({ config: { stop: ["END"] } }), undefined).pieces, [
      { _tag: "Free", stops: ["END"], plain: true }
    ])
  })

  it("with a response format: JSON by a grammar", () => {
    const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] }
    for (const responseFormat of [{ _tag: "Json" }, { _tag: "JsonSchema", name: "reply", schema }] as const) {
      const [piece, ...rest] = Plan.make(request({ responseFormat }), undefined).pieces
      assert.deepStrictEqual(rest, [])
      assert.isObject(JSON.parse(grammarText(piece!, () => 0)))
    }
  })

  it("with a shape: a text ends at the stops and where the fixed texts come by themselves", () => {
    const { pieces } = Plan.make(
      request({
        config: { stop: ["END"] },
        replyShape: {
          prompt: [],
          pieces: [
            { _tag: "Literal", text: "[[ ## a ## ]]\n" },
            { _tag: "Text", field: "a" },
            { _tag: "Literal", text: "\n\n[[ ## b ## ]]\n" },
            { _tag: "Json", field: "b", schema: { type: "boolean" } },
            { _tag: "Literal", text: "}" }
          ]
        }
      }),
      undefined
    )
    assert.deepStrictEqual(pieces.map(({ _tag }) => _tag), ["Literal", "Free", "Literal", "Grammar", "Literal"])
    assert.deepStrictEqual(pieces[1], { _tag: "Free", stops: ["END", "[[ ## a ## ]]", "[[ ## b ## ]]"], plain: false })
  })
})

const grammarText = (piece: Plan.Piece, choose: Gbnf.Choose): string =>
  piece._tag === "Grammar" && typeof piece.grammar === "string"
    ? Gbnf.write(piece.grammar, choose)
    : assert.fail(piece._tag)

const types = [
  "",
  "str",
  "int",
  "float",
  "bool",
  "'a' | 'b'",
  "str | None",
  "int | None",
  "list[str]",
  "list[list[int]]",
  "dict[str, float]",
  "list[str] | None"
] as const

/** What a model may say where it is free: also what is somebody's syntax. */
const Said = Schema.Literals([
  "Paris.",
  "a < b & c",
  "</f0>",
  "\"x\": {",
  "[[ ## f1 ## ]]\nleaked",
  "[[ ## completed ## ]]",
  "{\"f0\": 1}",
  "two\n\nlines",
  "日本 👍🏽",
  "```",
  "a"
])

const Fields = Schema.Array(Schema.Literals(types)).check(Schema.isMinLength(1), Schema.isMaxLength(4))
const Numbers = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))).check(
  Schema.isMinLength(1)
)

describe("law 1: stream is value", () => {
  for (const [name, adapter] of Object.entries(adapters)) {
    it.effect.prop(
      `${name}: every signature, whatever the model says: the reply is read`,
      {
        fields: Fields,
        numbers: Numbers,
        words: Schema.Array(Said).check(Schema.isMinLength(1)),
        limited: Schema.Boolean
      },
      ({ fields, limited, numbers, words }) =>
        Effect.gen(function*() {
          const outputs = fields.map((type, i) => type === "" ? `f${i}` : `f${i}: ${type}`)
          const signature = Result.getOrThrow(Signature.parse(`question -> ${outputs.join(", ")}`))
          const { engine } = FakeEngine.make({
            limits: limited ? { items: 3, characters: 20, tokens: 30 } : undefined,
            say: ({ sampling: { grammar } }, index) =>
              grammar === undefined
                ? words[index % words.length]!
                : Gbnf.write(grammar, Gbnf.choices([...numbers.slice(index % numbers.length), ...numbers]))
          })
          const call = { signature, inputs: { question: "?" }, demos: [], config: {} }
          const asked = { ...adapter.format(call), replyShape: adapter.shape(call) }
          const response = yield* Service.make(engine).generate(asked)
          const { finish, text } = said(response.completions[0]!)
          assert.strictEqual(finish, "stop")
          for (const pieces of [[text], inPieces(text, [1]), inPieces(text, [3, 7])]) {
            const decoded = decode(adapter, signature, pieces)
            assert.isTrue(Result.isSuccess(decoded.result), text)
            assert.sameMembers(Object.keys(valuesOf(decoded)), fields.map((_, i) => `f${i}`))
          }
        }),
      { arbitrary: { runs: 150, seed: 1 } }
    )
  }
})
