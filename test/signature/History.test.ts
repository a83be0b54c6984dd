/** A conversation as an input: how a field is known to be one, what it takes, where a signature may have it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, pipe, Result, Schema } from "effect"
import { History, InputError, Predict, Signature, SignatureError } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

const chat = Signature.make("question, history: History -> answer")
const said = History.make([{ question: "1 + 1?", answer: "2" }, { question: "And 1 more?" }])

const errorOf = (make: () => unknown): SignatureError => {
  const result = Result.try(make)
  const error = Result.isFailure(result) ? result.failure : undefined
  assert.instanceOf(error, SignatureError)
  return error as SignatureError
}

describe("a history", () => {
  it("grows at its end, as a new value", () => {
    const one = History.append(History.empty, { question: "1 + 1?", answer: "2" })
    assert.deepStrictEqual(pipe(one, History.append({ question: "And 1 more?" })), said)
    assert.deepStrictEqual(History.empty, { messages: [] })
    assert.strictEqual(one.messages.length, 1)
  })

  it("is its own JSON", () => {
    const read = Schema.decodeUnknownSync(Schema.fromJsonString(History.History))
    assert.deepStrictEqual(read(JSON.stringify(said)), said)
    assert.throws(() => read("{\"messages\":[1]}"))
    assert.throws(() => read("[]"))
  })
})

describe("a field that is a history", () => {
  const isHistory = (schema: typeof History.History) =>
    Signature.fromSchemas({ inputs: { history: schema }, outputs: { a: Schema.String } }).inputFields[0]!.isHistory

  it("is known by its schema, and by what is made of it", () => {
    assert.deepStrictEqual(chat.inputFields.map((field) => field.isHistory), [false, true])
    assert.isTrue(isHistory(History.History))
    assert.isTrue(isHistory(History.History.annotate({ description: "d" })))
    assert.isTrue(isHistory(History.History.annotateKey({ description: "d" })))
    assert.isTrue(isHistory(History.History.check(Schema.makeFilter(({ messages }) => messages.length < 9))))
    const described = Signature.withDescriptions(chat, { history: "d" })
    assert.deepStrictEqual(described.inputFields.map((field) => field.isHistory), [false, true])
  })

  it("is not known by its shape", () => {
    const alike = Schema.Struct({ messages: Schema.Array(Schema.JsonObject) })
    const signature = Signature.fromSchemas({ inputs: { history: alike }, outputs: { a: Schema.String } })
    assert.isFalse(signature.inputFields[0]!.isHistory)
  })

  it("says how one is written, where something else is given", () => {
    const messages = [{ role: "user", content: "1 + 1?" }]
    const said = (result: ReturnType<typeof Signature.decodeInputs>) =>
      Result.getOrThrow(Result.flip(result as Result.Result<unknown, ReadonlyArray<{ readonly message: string }>>))
        .map(({ message }) => message)
    assert.deepStrictEqual(said(Signature.decodeInputs(chat, { question: "?", history: messages })), [
      "is a list and no history: write History.make([{ \"question\": ..., \"answer\": ... }])"
    ])
    assert.deepStrictEqual(said(Signature.decodeJsonInputs(chat, { question: "?", history: messages })), [
      "is a list and no history: write { \"messages\": [{ \"question\": ..., \"answer\": ... }] }"
    ])
    assert.deepStrictEqual(said(Signature.decodeInputs(chat, { question: "?", history: "1 + 1?" })), [
      "is a string and no history: write History.make([{ \"question\": ..., \"answer\": ... }])"
    ])
    const turn = new Map([["question", "?"]])
    assert.deepStrictEqual(said(Signature.decodeInputs(chat, { question: "?", history: { messages: [turn] } })), [
      "is a Map and no object; write Object.fromEntries(...) to make one of it"
    ])
  })

  it("may be left out: then nothing was said before", () => {
    const inputs = { question: "?", history: History.empty }
    assert.deepStrictEqual(Signature.decodeInputs(chat, { question: "?" }), Result.succeed(inputs))
    assert.deepStrictEqual(Signature.decodeJsonInputs(chat, { question: "?" }), Result.succeed(inputs))
    const marked = Signature.make("question, history?: History -> answer")
    assert.deepStrictEqual(Signature.decodeInputs(marked, { question: "?" }), Result.succeed(inputs))
  })

  it("goes to JSON and back", () => {
    const inputs = { question: "?", history: said }
    assert.deepStrictEqual(Signature.encodeInputs(chat, inputs), inputs)
    assert.deepStrictEqual(Signature.decodeJsonInputs(chat, inputs), Result.succeed(inputs))
  })

  it.effect("takes nothing else", () =>
    Effect.gen(function*() {
      const bad = { messages: [{ question: () => "?" }] } as unknown as History.History
      const error = yield* Effect.flip(Predict.make(chat)({ question: "?", history: bad }))
      assert.instanceOf(error, InputError)
      assert.deepStrictEqual((error as InputError).issues.map(({ path }) => path), [
        ["history", "messages", 0, "question"]
      ])
    }).pipe(Effect.provide(ScriptedLM.layer([]))))

  it("law 10: no name in it reaches a prototype", () => {
    const json: unknown = JSON.parse("{\"messages\":[{\"__proto__\":{\"polluted\":1},\"constructor\":1}]}")
    const { history } = Result.getOrThrow(Signature.decodeJsonInputs(chat, { question: "?", history: json }))
    assert.strictEqual(Object.getPrototypeOf(history.messages[0]), Object.prototype)
    assert.deepStrictEqual(Object.keys(history.messages[0]!), ["__proto__", "constructor"])
  })

  it("is nothing that instructions speak of", () => {
    assert.strictEqual(chat.instructions, "Given `question`, produce `answer`.")
    assert.strictEqual(Signature.make("history: History -> answer").instructions, "Produce `answer`.")
    assert.strictEqual(
      Signature.appendInput(Signature.make("q -> a"), "h", History.History).instructions,
      "Given `q`, produce `a`."
    )
  })
})

describe("a signature", () => {
  it("has one history at most, among its inputs, however it is made", () => {
    const second = "a signature has one History: 'history' is one, 'more' cannot be another"
    const output = "'history' cannot be a History: only an input can"
    assert.strictEqual(errorOf(() => Signature.appendInput(chat, "more", History.History)).reason, second)
    assert.strictEqual(errorOf(() => Signature.from("history: History, more: History -> a")).reason, second)
    assert.strictEqual(errorOf(() => Signature.from("q -> history: History")).reason, output)
    assert.strictEqual(
      errorOf(() => Signature.withField(Signature.make("q -> history"), "history", History.History)).reason,
      output
    )
    assert.strictEqual(
      errorOf(() => Signature.fromSchemas({ inputs: {}, outputs: { history: History.History } })).reason,
      output
    )
  })

  it("shows where a string has one too many", () => {
    const { column, reason } = errorOf(() => Signature.from("q -> a: list[History]"))
    assert.deepStrictEqual([column, reason], [14, "History stands alone, as the type of an input"])
    assert.strictEqual(errorOf(() => Signature.from("a: History, b: History -> c")).column, 13)
    assert.strictEqual(errorOf(() => Signature.from("a -> b: History")).column, 6)
  })
})
