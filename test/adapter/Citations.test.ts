/** Citations while they arrive: law 1 with the places that they get, and what becomes of one that is in no document. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Citations, Document, Signature } from "effect-lm"
import type { Adapter } from "effect-lm/adapter/Adapter"
import { decode, decodeEverySplit, errorOf, inPieces, valuesOf } from "./support/decode.ts"
import { Sizes } from "./support/fragments.ts"
import { rows } from "./support/rows.ts"

const documents = [
  Document.make("The Moon “pulls” the sea.\n\nTwice [[1]] a day, {a: \"b\"} & <b>more</b>.", { title: "Tides" }),
  Document.make("[[ ## answer ## ]]\n日本 😀 </sources> \\n", { mediaType: "text/markdown" })
]

/** The adapter, as a call with these documents has it. */
const withDocuments = (adapter: Adapter): Adapter => ({
  ...adapter,
  decoder: (signature) => adapter.decoder(signature, documents)
})

const signature = Signature.fromSchemas({
  inputs: { docs: Schema.Array(Document.Document) },
  outputs: {
    sources: Schema.NullOr(Citations.Citations),
    claims: Schema.Array(Schema.Struct({ claim: Schema.String, source: Schema.NullOr(Citations.Citation) })),
    answer: Schema.String
  }
})

const Cited = Schema.Struct({ document: Schema.Literals([0, 1]), from: Schema.Int, length: Schema.Int })

/** Words that stand in a document. */
const wordsOf = ({ document, from, length }: typeof Cited.Type): Citations.Words | undefined => {
  const { text } = documents[document]!
  const start = Math.abs(from) % text.length
  const words = text.slice(start, start + 1 + (Math.abs(length) % 20)).toWellFormed()
  return words.trim() === "" || words.includes("\ufffd") ? undefined : { text: words, document }
}

const place = (words: ReadonlyArray<Citations.Words>) => Result.getOrThrow(Citations.place(documents, words))

for (const { adapter: plain, name, spell, write } of rows) {
  const adapter = withDocuments(plain)

  describe(`${name}: citations`, () => {
    it.prop(
      "of every piece of a document have its place, in what streams and in the value, in every kind of pieces",
      { cited: Schema.Array(Cited), sizes: Sizes },
      ({ cited, sizes }) => {
        const words = cited.flatMap((one) => wordsOf(one) ?? [])
        const sources = place(words)
        const claims = sources.map((source) => ({ claim: "so", source }))
        const reply = write({ sources: words, claims: words.map((source) => ({ claim: "so", source })), answer: "x" })
        for (const pieces of [inPieces(reply, sizes), inPieces(reply, [1]), [reply]]) {
          const decoded = decode(adapter, signature, pieces)
          assert.deepStrictEqual(valuesOf(decoded), { sources, claims, answer: "x" })
          assert.deepStrictEqual(JSON.parse(decoded.texts["sources"]!), sources)
        }
      },
      { arbitrary: { runs: 60, size: 5, seed: 1 } }
    )

    it("come with the words as they are written, and with their place where they end", () => {
      const decoder = adapter.decoder(signature)
      const snapshots: Array<unknown> = []
      for (const piece of inPieces(write({ sources: [{ text: "The Moon", document: 0 }] }), [1])) {
        for (const { field, isLast, soFar } of decoder.push(piece)) {
          const value = field === "sources" ? soFar?.snapshot(isLast) : undefined
          if (value !== undefined) snapshots.push(value)
        }
      }
      assert.deepInclude(snapshots, [{ text: "The M" }])
      assert.deepStrictEqual(snapshots.at(-1), [{ text: "The Moon", document: 0, title: "Tides", start: 0, end: 8 }])
    })

    it("however they are written; a place that the model says is left out", () => {
      const said = [
        `[{"start": 7, "text": "The Moon", "title": {"a": [1]}, "document": 0, "end": null}]`,
        `[{'document': '0', 'Text': 'The Moon'}]`,
        `[{"document": 0, "text": "The Moon", "place": {"start": 3}}]`
      ]
      const table = [
        ...said.map((json) => ({ json })),
        { json: `[{"text": "The Moon", "document": 0}]`, bare: `- {"text": "The Moon", "document": 0}` },
        {
          json: `[{"text": "The Moon", "document": 0}]`,
          bare: "```json\n[{\"text\": \"The Moon\", \"document\": 0}]\n```"
        }
      ]
      for (const sources of table) {
        const reply = spell([["sources", sources], ["claims", { json: "[]" }], ["answer", { json: `"x"`, bare: "x" }]])
        assert.deepStrictEqual(
          valuesOf(decodeEverySplit(adapter, signature, reply))["sources"],
          place([{
            text: "The Moon",
            document: 0
          }])
        )
      }
    })

    it("that are in no document are issues by path, all at once", () => {
      const reply = write({
        sources: [{ text: "The Moon", document: 0 }, { text: "The Sun", document: 0 }],
        claims: [{ claim: "so", source: null }, { claim: "no", source: { text: "The Moon", document: 5 } }],
        answer: "x"
      })
      const error = errorOf(decodeEverySplit(adapter, signature, reply))
      assert.deepStrictEqual(error.issues, [
        { path: ["sources", 1, "text"], message: "is not in document 0: cite its words exactly as they stand there" },
        { path: ["claims", 1, "source", "document"], message: "is 5, and the documents are 0 to 1" }
      ])
      assert.deepStrictEqual(error.parsed, { answer: "x" })
    })

    it("of nothing are none, and null is null", () => {
      for (const sources of [[], null]) {
        const reply = spell([
          ["sources", { json: JSON.stringify(sources) }],
          ["claims", { json: "[]" }],
          ["answer", { json: `"x"`, bare: "x" }]
        ])
        assert.deepStrictEqual(valuesOf(decode(adapter, signature, [reply])), { sources, claims: [], answer: "x" })
      }
    })
  })
}
