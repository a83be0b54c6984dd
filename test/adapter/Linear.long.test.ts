/**
 * Law 9: what a character costs does not grow with the reply.
 *
 * Each reply is hard in one way: in what is kept back, looked back at, or searched for again. They are so long that an
 * adapter that touches what it has seen for every new piece would not come to their end within the time of a test. A quarter
 * of a minute.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Document } from "effect-lm"
import type { Adapter, FieldPart } from "effect-lm/adapter/Adapter"
import * as Signature from "effect-lm/signature/Signature"
import { adapters, inPieces } from "./support/decode.ts"
import { int, mood, outputs, type Row, str, strings } from "./support/leniency.ts"

const length = 150_000
const qa = Signature.make("question -> answer, more: str | None")

/** The answer's text, from a reply in pieces of one size. */
const answerOf = (adapter: Adapter, reply: string, size: number): string => {
  const decoder = adapter.decoder(qa)
  let answer = ""
  const take = (parts: ReadonlyArray<FieldPart>) => {
    for (const part of parts) if (part.field === "answer") answer += part.text
  }
  for (let at = 0; at < reply.length; at += size) take(decoder.push(reply.slice(at, at + size)))
  take(decoder.end().parts)
  return answer
}

const everywhere = ["word ", " ", "\n", "\ud83d"]

const hard = {
  Chat: {
    begin: "[[ ## answer ## ]]\n",
    units: [
      ...everywhere,
      "[",
      "[[",
      "\n[",
      "\n[[ ##",
      "\n[[ ## answe",
      "\n[[ ## more #",
      " [[ ## completed ## ]]",
      "*",
      "\n***",
      "#",
      "\n- ",
      "\n> 1. \\[\\[ ## answer",
      "\n[[ ## other ## ]] x",
      "\n```\n[[ ## other ## ]]\n```\n```",
      "\n[[ ## answer ## ]]",
      "\n[ ## more ## ]]",
      "\n## more",
      "\u25c1/think",
      "[[ ## an",
      "</think>",
      "</thi"
    ]
  },
  JSON: {
    begin: "{\"answer\": \"",
    units: [...everywhere, "\\", "\\u00", "\\ud83d", "\"", "\" ", "\"\n ", "{", "{\"", "}"]
  },
  XML: {
    begin: "<answer>",
    units: [
      ...everywhere,
      "<",
      "</",
      "</answe",
      "</answer  ",
      "<![CDATA",
      "<![CDATA[",
      "<![CDATA[]]",
      "&",
      "&am",
      "&#1",
      "&amp;",
      "</think>",
      "</answer x",
      "<item>a</item>",
      "<answer x=\"",
      "<an swe"
    ]
  }
} as const

describe("law 9: linear", () => {
  for (const name of ["Chat", "JSON", "XML"] as const) {
    const { begin, units } = hard[name]
    for (const unit of units) {
      it(`${name}: ${JSON.stringify(unit)} over and over`, () => {
        const content = unit.repeat(length / unit.length)
        const single = answerOf(adapters[name], begin + content, 1)
        assert.isTrue(single === answerOf(adapters[name], begin + content, length * 2))
        assert.strictEqual(answerOf(adapters[name], content, 1), "")
      })
    }

    it(`${name}: long lists, and what is read of them`, () => {
      const items = Array.from({ length: 20_000 }, (_, i) => `item ${i}, "quoted" \\`)
      const list = JSON.stringify(items)
      const reply = { Chat: `[[ ## data ## ]]\n${list}`, JSON: `{"data": ${list}}`, XML: `<data>${list}</data>` }[name]
      const decoder = adapters[name].decoder(Signature.make("q -> data: list[str]"))
      for (const piece of inPieces(reply, [4])) decoder.push(piece)
      assert.strictEqual(decoder.end().result._tag, "Success")
    })
  }
})

/** A reply is read again when it takes something back: a few times for each field at most, however often it does. */
const anew = {
  Chat: [
    " x. [[ ## answer ## ]]\n",
    "a. [[ ## answer ## ]] b\n[[ ## answer ## ]] c",
    "[[ ## answer ## ]]\nx\n</think>\n",
    "[[ ## answer ## ]]\nx\n[[ ## completed ## ]]\n",
    "[[ ## answer ## ]]\nWait.\n",
    "```\n[[ ## answer ## ]]\n",
    "[[ ## answer ## ]]\n{answer}\n",
    "[[ ## more ## ]]\n[[ ## completed ## ]]\n[[ ## question ## ]]\n",
    "{\"answer\": 1, </think>"
  ],
  XML: [
    "<answer> ",
    "<answer><answer></answer>",
    "<answer>x</answer> no <answer>y</answer>",
    "a <answer> b. <more>x</more>\n<answer>",
    "a: <answer>x\n<answer>y</answer>",
    "<answer>x</answer> y </answer>\n<more>",
    "<answer>x\n</think>\n",
    "<x></answer></x>",
    "<question><answer/>"
  ]
} as const

describe("law 9: linear, where code is looked at for its fence", () => {
  const code = Signature.make("q -> code: Code")
  for (const begin of ["", "```\n", "Here is"]) {
    for (const unit of ["`", "~", " ", "\n", "\n```", "\n```js", "x`", " \n ", "a "]) {
      it(`${JSON.stringify(begin)}, then ${JSON.stringify(unit)} over and over`, () => {
        const reply = `{"code": ${JSON.stringify(`${begin}${unit.repeat(length / unit.length)} x`)}}`
        const values = [1, length * 2].map((size) => {
          const decoder = adapters.JSON.decoder(code)
          for (const piece of inPieces(reply, [size])) decoder.push(piece)
          return decoder.end().result
        })
        assert.deepStrictEqual(values[0], values[1])
      })
    }
  }
})

describe("law 9: linear, where citations are looked for in a document", () => {
  const document = Document.make(`${"The Moon \u201cpulls\u201d. ".repeat(20_000)}\u201clast\u201d`)
  const asked = Signature.make("doc: Document -> sources: Citations")
  for (const text of ["\"last\"", "nowhere", "\u201clast\u201d", "T"]) {
    it(`of ${JSON.stringify(text)} over and over`, () => {
      const decoder = adapters.JSON.decoder(asked, [document])
      const sources = Array.from({ length: 1_000 }, () => ({ text, document: 0 }))
      for (const piece of inPieces(JSON.stringify({ sources }), [20])) decoder.push(piece)
      assert.strictEqual(Result.isFailure(decoder.end().result), text === "nowhere")
    })
  }
})

describe("law 9: linear, where replies begin anew", () => {
  for (const name of ["Chat", "XML"] as const) {
    for (const unit of anew[name]) {
      it(`${name}: ${JSON.stringify(unit)} over and over`, () => {
        const reply = unit.repeat(length / unit.length)
        const values = [1, length * 2].map((size) => {
          const decoder = adapters[name].decoder(qa)
          for (const piece of inPieces(reply, [size])) decoder.push(piece)
          const { result } = decoder.end()
          return result._tag === "Success" ? result.success : result.failure.parsed
        })
        assert.isTrue(values[0]!["answer"] === values[1]!["answer"])
      })
    }
  }
})

describe("law 9: linear, behind what may have been an element's end", () => {
  for (const unit of ["</", "<q></q>", "</answe", "<draft>", "<draft></draft>", "<!--", "</think>", "</answer>"]) {
    it(`XML: ${JSON.stringify(unit)} over and over`, () => {
      const reply = `<answer>x</answer>${unit.repeat(length / unit.length)}`
      assert.isTrue(answerOf(adapters.XML, reply, 1) === answerOf(adapters.XML, reply, length * 2))
    })
  }
})

/** What is hard, over and over, in the places where it may stand. */
describe("law 9: in no text does a character cost more than in another", () => {
  const types: Row["outputs"] = { a: strings, b: Schema.Record(str, str), c: mood, d: int, e: Schema.Json, f: str }
  const units = [
    "\"",
    "\" ",
    "\", \"a",
    "\" // ",
    "\" /* ",
    "\"\n\"",
    ", \"",
    "\\b",
    "{",
    "{\"",
    "{\"a\": ",
    "[",
    "(",
    "'",
    "/*",
    "# ",
    "1,",
    "yes ",
    "- a\n",
    "* [x]\n",
    "\"a\", ",
    "</think>\n",
    "\"\"\"",
    "is ",
    "{\\\""
  ]
  const begin: ReadonlyArray<readonly [Adapter, (name: string) => string]> = [
    [adapters.JSON, (name) => `{"${name}": `],
    [adapters.JSON, (name) => `{"${name}": "`],
    [adapters.JSON, () => ""],
    [adapters.Chat, (name) => `[[ ## ${name} ## ]]\n`],
    [adapters.Chat, (name) => `[[ ## ${name} ## ]]\n{"k": "`],
    [adapters.XML, (name) => `<${name}>["`]
  ]
  for (const unit of units) {
    it(JSON.stringify(unit), () => {
      const text = unit.repeat(30_000 / unit.length)
      for (const [name, type] of Object.entries(types)) {
        const signature = outputs({ [name]: type })
        for (const [adapter, start] of begin) {
          const whole = adapter.decoder(signature)
          whole.push(start(name) + text)
          const single = adapter.decoder(signature)
          for (const char of start(name) + text.slice(0, 5_000)) single.push(char)
          whole.end()
          single.end()
        }
      }
    })
  }
})
