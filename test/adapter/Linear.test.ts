/**
 * Law 9: what a character costs does not grow with the reply.
 *
 * Each reply is hard in one way: in what is kept back, looked back at, or searched for again. They are so long that an
 * adapter that touches what it has seen for every new piece would not come to their end within the time of a test.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Adapter, FieldPart } from "effect-lm/adapter/Adapter"
import * as Signature from "effect-lm/signature/Signature"
import { adapters, inPieces } from "./support.ts"

const length = 300_000
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
      "#"
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
      "&amp;"
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
