/** What models are sent: the same bytes for the same call, the task, the form, examples, the inputs. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { AdapterCall } from "effect-lm/adapter/Adapter"
import { assistant, type ReplyPiece, system, textOf, user } from "effect-lm/lm/LMRequest"
import * as Signature from "effect-lm/signature/Signature"
import { textAt } from "../support/said.ts"
import { rich } from "./support/asked.ts"
import { adapters, decode, valuesOf } from "./support/decode.ts"

const qa = Signature.make("question -> answer")

const call = (
  signature: Signature.Any,
  inputs: AdapterCall["inputs"],
  demos: AdapterCall["demos"] = []
): AdapterCall => ({
  signature,
  inputs,
  demos,
  config: {}
})

describe("the messages", () => {
  it("Chat", () => {
    const { config, messages, responseFormat } = adapters.Chat.format({
      ...call(qa, { question: "Why?" }),
      config: { seed: 1 }
    })
    assert.deepStrictEqual(messages, [
      system(`You are given:
- question (string)

You produce:
- answer (string)

Reply in sections, in this order. Each begins with its marker on a line of its own; the reply ends with the last marker:

[[ ## answer ## ]]
{answer}

[[ ## completed ## ]]

The task:
Given \`question\`, produce \`answer\`.`),
      user("[[ ## question ## ]]\nWhy?\n\nReply with [[ ## answer ## ]], then [[ ## completed ## ]].")
    ])
    assert.deepStrictEqual(responseFormat, { _tag: "Text" })
    assert.deepStrictEqual(config, { seed: 1 })
  })

  it("JSON", () => {
    const { messages, responseFormat } = adapters.JSON.format(call(rich, { text: "T", hints: ["a"] }))
    assert.deepStrictEqual(messages, [
      system(`You are given:
- text (string): what to judge
- hints (Array<string>)

You produce:
- reasoning (string)
- label ("good" | "bad")
- points (integer)
  It has to be: between 0 and 10.
- author ({ name: string })
  JSON schema: {"type":"object","properties":{"name":{"type":"string","description":"in full"}},"required":["name"],"additionalProperties":false}
- mood (string | null, may be left out)

Reply with one JSON object and nothing else. Its keys, in this order, and the types of their values:

{
  "reasoning": string,
  "label": "good" | "bad",
  "points": integer,
  "author": { name: string },
  "mood": string | null
}

The task:
Judge the text.
Be fair.`),
      user(
        "[[ ## text ## ]]\nT\n\n[[ ## hints ## ]]\n[\"a\"]\n\nReply with a JSON object with the keys \"reasoning\", \"label\", \"points\", \"author\", \"mood\"."
      )
    ])
    assert.deepStrictEqual(responseFormat, {
      _tag: "JsonSchema",
      name: "reply",
      schema: {
        type: "object",
        properties: {
          reasoning: { type: "string" },
          label: { type: "string", enum: ["good", "bad"] },
          points: { type: "integer", minimum: 0, maximum: 10 },
          author: {
            type: "object",
            properties: { name: { type: "string", description: "in full" } },
            required: ["name"],
            additionalProperties: false
          },
          mood: { anyOf: [{ type: "string" }, { type: "null" }] }
        },
        required: ["reasoning", "label", "points", "author"],
        additionalProperties: false
      }
    })
    assert.deepStrictEqual(
      responseFormat._tag === "JsonSchema" && Object.keys(responseFormat.schema["properties"] as object),
      ["reasoning", "label", "points", "author", "mood"]
    )
  })

  it("XML", () => {
    const { messages, responseFormat } = adapters.XML.format(call(qa, { question: "Is 1 < 2?" }))
    assert.deepStrictEqual(messages, [
      system(`You are given:
- question (string)

You produce:
- answer (string)

Reply with these elements, in this order, and nothing else:

<answer>
{answer}
</answer>

Inside an element write \`&lt;\` for \`<\` and \`&amp;\` for \`&\`.

The task:
Given \`question\`, produce \`answer\`.`),
      user("<question>\nIs 1 < 2?\n</question>\n\nReply with <answer>.")
    ])
    assert.deepStrictEqual(responseFormat, { _tag: "Text", opening: "<answer>" })
  })

  it("without inputs, and with inputs left out", () => {
    const alone = adapters.Chat.format(call(Signature.make("-> poem"), {}))
    assert.notInclude(textAt(alone, 0), "given")
    assert.strictEqual(textAt(alone, 1), "Reply with [[ ## poem ## ]], then [[ ## completed ## ]].")
    const optional = Signature.make("a, b? -> c")
    assert.notInclude(textAt(adapters.Chat.format(call(optional, { a: "x" })), 1), "## b ##")
  })
})

describe("demos", () => {
  const demo = (question: string, answer?: string) => ({
    inputs: { question },
    outputs: answer === undefined ? {} : { answer }
  })

  it("are turns; those with gaps come first and say so", () => {
    const two = Signature.make("question, context -> reasoning, answer")
    const { messages } = adapters.Chat.format(call(two, { question: "q", context: "c" }, [
      { inputs: { question: "q1", context: "c1" }, outputs: { reasoning: "r1", answer: "a1" } },
      { inputs: { question: "q2" }, outputs: { answer: "a2" } },
      { inputs: { question: "q3", context: "c3" }, outputs: { reasoning: "r3", answer: "a3" } }
    ]))
    assert.deepStrictEqual(messages.map(({ role }) => role), [
      "system",
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
      "assistant",
      "user"
    ])
    assert.strictEqual(
      textOf(messages[1]!),
      "An example of the task in which something is left open:\n\n" +
        "[[ ## question ## ]]\nq2\n\n[[ ## context ## ]]\n(left open in this example)"
    )
    assert.strictEqual(
      textOf(messages[2]!),
      "[[ ## reasoning ## ]]\n(left open in this example)\n\n[[ ## answer ## ]]\na2\n\n[[ ## completed ## ]]"
    )
    assert.strictEqual(textOf(messages[3]!), "[[ ## question ## ]]\nq1\n\n[[ ## context ## ]]\nc1")
    assert.strictEqual(
      textOf(messages[4]!),
      "[[ ## reasoning ## ]]\nr1\n\n[[ ## answer ## ]]\na1\n\n[[ ## completed ## ]]"
    )
    assert.include(textOf(messages[5]!), "q3")
  })

  it("that show no input or no output are not sent", () => {
    const { messages } = adapters.Chat.format(call(qa, { question: "q" }, [
      demo("unanswered"),
      { inputs: {}, outputs: { answer: "unasked" } },
      { inputs: { other: "x" }, outputs: { other: "y" } }
    ]))
    assert.strictEqual(messages.length, 2)
    assert.strictEqual(
      adapters.Chat.format(call(Signature.make("-> poem"), {}, [{ inputs: {}, outputs: { poem: "p" } }])).messages
        .length,
      4
    )
  })

  it("may lack what may be left out", () => {
    const { messages } = adapters.JSON.format(
      call(Signature.make("q -> a, b?"), { q: "?" }, [{ inputs: { q: "1" }, outputs: { a: "x" } }])
    )
    assert.strictEqual(textOf(messages[1]!), "[[ ## q ## ]]\n1")
    assert.strictEqual(textOf(messages[2]!), "{\"a\":\"x\"}")
  })
})

describe("the shape of the reply", () => {
  /** The reply that a provider makes of the pieces. */
  const replyOf = (pieces: ReadonlyArray<ReplyPiece>, values: Readonly<Record<string, unknown>>): string =>
    pieces.map((piece) =>
      piece._tag === "Literal"
        ? piece.text
        : piece._tag === "Text"
        ? values[piece.field]
        : JSON.stringify(piece.field === "" ? values : values[piece.field])
    ).join("")

  for (const name of ["Chat", "JSON", "XML"] as const) {
    it(`${name}: the pieces make a reply that the decoder reads`, () => {
      const values = { reasoning: "Because\nof it", label: "bad", points: 3, author: { name: "A" }, mood: "fine" }
      const shape = adapters[name].shape(call(rich, { text: "T", hints: [] }))
      assert.deepStrictEqual(valuesOf(decode(adapters[name], rich, [replyOf(shape!.pieces, values)])), values)
    })

    it(`${name}: the plain prompt says nothing of the form`, () => {
      const demos = [{
        inputs: { text: "D", hints: [] },
        outputs: { reasoning: "r", label: "good", points: 1, author: { name: "n" } }
      }]
      const shape = adapters[name].shape(call(rich, { text: "T", hints: ["h"] }, demos))
      assert.deepStrictEqual(shape!.prompt, [
        system("Judge the text.\nBe fair.\nLabel (\"good\" | \"bad\")\nPoints (integer)\nAuthor ({ name: string })"),
        user("Text: D\nHints: []"),
        assistant("Reasoning: r\nLabel: good\nPoints: 1\nAuthor: {\"name\":\"n\"}"),
        user("Text: T\nHints: [\"h\"]")
      ])
      assert.deepStrictEqual(
        adapters[name].shape(call(qa, { question: "Why?" }, [{ inputs: { question: "?" }, outputs: { answer: "!" } }]))!
          .prompt.slice(1),
        [user("?"), assistant("!"), user("Why?")]
      )
    })
  }

  it("definitions of two fields stand at the root of the schema, told apart", () => {
    interface Tree {
      readonly children: ReadonlyArray<Tree>
    }
    interface Named {
      readonly name: string
      readonly children: ReadonlyArray<Named>
    }
    const tree: Schema.Codec<Tree> = Schema.Struct({ children: Schema.Array(Schema.suspend(() => tree)) })
      .annotate({ identifier: "Tree" })
    const named: Schema.Codec<Named> = Schema.Struct({
      name: Schema.String,
      children: Schema.Array(Schema.suspend(() => named))
    }).annotate({ identifier: "Tree" })
    const signature = Signature.fromSchemas({ inputs: {}, outputs: { one: tree, two: named, three: tree } })
    const { responseFormat } = adapters.JSON.format(call(signature, {}))
    const schema = (responseFormat as { readonly schema: Record<string, Record<string, unknown>> }).schema
    assert.deepStrictEqual(Object.keys(schema["$defs"]!), ["Tree", "two_Tree"])
    assert.notInclude(JSON.stringify(schema["properties"]), "$defs\":")
    assert.include(JSON.stringify(schema["properties"]!["one"]), "#/$defs/Tree")
    assert.include(JSON.stringify(schema["properties"]!["two"]), "#/$defs/two_Tree")
    assert.include(JSON.stringify(schema["properties"]!["three"]), "#/$defs/Tree")
    assert.include(JSON.stringify(schema["$defs"]!["two_Tree"]), "#/$defs/two_Tree")
    assert.include(JSON.stringify(schema["$defs"]!["two_Tree"]), "name")
    assert.notInclude(JSON.stringify(schema["$defs"]!["Tree"]), "name")
  })
})

describe("feedback", () => {
  it("says what was wrong with each field, and asks for the whole reply in the adapter's form", () => {
    const error = (name: keyof typeof adapters) => {
      const decoder = adapters[name].decoder(Signature.make("q -> a, n: int"))
      decoder.push(`[[ ## n ## ]]\nmany`)
      decoder.push(`{"n": "many"}`)
      decoder.push("<n>many</n>")
      const { result } = decoder.end()
      return result._tag === "Failure" ? adapters[name].feedback(result.failure) : ""
    }
    const issues =
      "Your reply could not be used:\n- a: is missing\n- n: expected number\n\nWrite the whole reply again, corrected, "
    assert.strictEqual(error("Chat"), `${issues}with every section under its marker.`)
    assert.strictEqual(error("JSON"), `${issues}as one JSON object.`)
    assert.strictEqual(error("XML"), `${issues}with every field in its element.`)
  })
})
