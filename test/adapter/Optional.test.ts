/** Outputs that may be left out: missing, empty and null are one thing in every adapter, and a default is shown as if it was written. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { decodeEverySplit, errorOf, valuesOf } from "./support/decode.ts"
import { rows, type Spelling } from "./support/rows.ts"

const signature = Signature.make(
  "-> title, note?: str, rank?: int, when?: date, tags?: list[str], style: str = 'plain', k: int = 3, o?: { a: str, b?: int }"
)
const defaults = { style: "plain", k: 3 }

type Written = ReadonlyArray<readonly [name: string, spelling: Spelling]>

const all = (spelling: Spelling): Written => [
  ["title", { json: `"t"`, bare: "t" }],
  ...["note", "rank", "when", "tags", "style", "k", "o"].map((name) => [name, spelling] as const)
]

for (const { adapter, name, quotes, spell } of rows) {
  describe(name, () => {
    it("what is missing, null or None is left out, or its default", () => {
      const missing = decodeEverySplit(adapter, signature, spell([["title", { json: `"t"`, bare: "t" }]]))
      assert.deepStrictEqual(valuesOf(missing), { title: "t", ...defaults })
      assert.deepStrictEqual(missing.texts, { title: "t" })
      for (const json of ["null", "None"]) {
        const decoded = decodeEverySplit(adapter, signature, spell(all({ json })))
        assert.deepStrictEqual(valuesOf(decoded), { title: "t", ...defaults })
        // Law 1: what was shown of a field is its value.
        assert.deepStrictEqual(decoded.texts, {
          title: "t",
          note: "",
          rank: "",
          when: "",
          tags: "",
          style: "plain",
          k: "3",
          o: ""
        })
      }
    })

    it("running text that is empty is left out, a quoted one is a text", () => {
      const decoded = decodeEverySplit(
        adapter,
        signature,
        spell([["title", { json: `"t"`, bare: "t" }], ["note", { json: `""`, bare: "" }], [
          "style",
          { json: `""`, bare: "" }
        ]])
      )
      assert.deepStrictEqual(
        valuesOf(decoded),
        quotes ? { title: "t", note: "", style: "", k: 3 } : { title: "t", ...defaults }
      )
    })

    it("what is there is read", () => {
      const decoded = decodeEverySplit(
        adapter,
        signature,
        spell([
          ["title", { json: `"t"`, bare: "t" }],
          ["note", { json: `"nul"`, bare: "nul" }],
          ["rank", { json: "1" }],
          ["when", { json: `"2 January 2026"`, bare: "2 January 2026" }],
          ["tags", { json: `["null"]` }],
          ["style", { json: `"new"`, bare: "new" }],
          ["k", { json: "4" }],
          ["o", { json: `{"b": null, "a": "x"}` }]
        ])
      )
      assert.deepStrictEqual(valuesOf(decoded), {
        title: "t",
        note: "nul",
        rank: 1,
        when: DateTime.makeUnsafe("2026-01-02"),
        tags: ["null"],
        style: "new",
        k: 4,
        o: { a: "x" }
      })
    })

    it("a property of an object that is null is missing, where it cannot be null", () => {
      const objects = Signature.make("-> x: { a?: str, b?: str | None, c: { d?: int }[], e?: int }[]")
      const decoded = decodeEverySplit(
        adapter,
        objects,
        spell([["x", { json: `[{"a": null, "b": null, "c": [{"d": null}, {"d": 1}]}, {"e": 2, "c": [], "a": "y"}]` }]])
      )
      assert.deepStrictEqual(valuesOf(decoded), {
        x: [{ b: null, c: [{}, { d: 1 }] }, { e: 2, c: [], a: "y" }]
      })
      const wrong = decodeEverySplit(adapter, objects, spell([["x", { json: `[{"c": null}]` }]]))
      assert.deepStrictEqual(errorOf(wrong).issues.map(({ path }) => path), [["x", 0, "c"]])
    })
  })
}
