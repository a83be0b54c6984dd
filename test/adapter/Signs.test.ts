/** Text without what every reply of a form has is known to be none without being read, in which no form may be wrong. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Signature } from "effect-lm"
import { Adapter } from "effect-lm/adapter"
import type { Form, Scanner } from "effect-lm/adapter"
import { textAt } from "../support/said.ts"
import { adapters } from "./support/decode.ts"

const several = Signature.make("question -> answer, key_points: list[str]")
const texts = Signature.make("question -> answer: str, thought: str")
const only = Signature.make("question -> answer")

/** Words and punctuation, but none of the characters that markers, tags, objects, strings and fences begin with. */
const Piece = Schema.Literals([
  "answer",
  "Answer:",
  "key_points",
  "thought =",
  "completed",
  "final",
  "null",
  "true",
  "- ",
  "1. ",
  "12",
  "'",
  "}",
  ")",
  ",",
  "\\",
  " ",
  "\n",
  "\r\n",
  "::",
  "> ",
  "~~~",
  "|"
])

describe("signs of a reply", () => {
  it.prop("no form finds a field in text that has none", { said: Schema.Array(Piece) }, ({ said }) => {
    for (const [name, adapter] of Object.entries(adapters)) {
      for (const signature of [several, texts, only]) {
        const decoder = adapter.decoder(signature)
        const parts = decoder.push(said.join(""))
        const { parts: last, result } = decoder.end()
        assert.deepStrictEqual([...parts, ...last], [], `${name}: ${said.join("")}`)
        assert.isTrue(Result.isFailure(result))
      }
    }
  }, { arbitrary: { runs: 300, seed: 1 } })

  it("a scanner from outside that names its own reads nothing but text that has them", () => {
    const read: Array<string> = []
    const scanner: Scanner.Make = Object.assign(
      () => ({
        push: (text: string, sink: Scanner.Sink) => {
          read.push(text)
          if (text.includes("!answer")) sink.open("answer")
        },
        end: () => {}
      }),
      { signs: () => /!/ }
    )
    const form: Form.Form = {
      reply: () => "Reply with !answer",
      input: (name, text) => `${name}: ${text}`,
      output: (values) => values.map(({ name, text }) => `!${name} ${text}`).join("\n"),
      inert: () => (text) => text
    }
    const adapter = Adapter.fromForm({ name: "Bang", form, scanner })
    const told = (text: string) =>
      textAt(
        adapter.format({
          signature: only,
          inputs: { question: "?" },
          demos: [],
          config: {},
          turns: [{ _tag: "Note", text }]
        }),
        -1
      )
    assert.isTrue(told("sunny").endsWith("sunny"))
    assert.deepStrictEqual(read, [])
    assert.include(told("!answer 3"), "observation: !answer 3")
    assert.include(read, "!answer 3")
  })
})
