/** The laws, for every adapter that there is. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Adapters from "effect-lm/adapter/Adapters"
import * as Signature from "effect-lm/signature/Signature"
import { decode, inPieces, valuesOf } from "./support/decode.ts"
import { formLaws } from "./support/formLaws.ts"
import { Sizes, Text } from "./support/fragments.ts"
import { laws } from "./support/laws.ts"
import { formless, rows } from "./support/rows.ts"

it("no adapter is forgotten", () => {
  assert.sameMembers([...rows.map(({ adapter }) => adapter), ...formless], Object.values(Adapters.builtIn))
})

for (const row of rows) {
  laws(row)
  formLaws(row)
}

describe("law 1: stream is value, whatever the type", () => {
  it.prop(
    "every adapter says the same of lists and objects, however they are cut",
    {
      value: Schema.Array(Schema.Record(Schema.String, Schema.Array(Text))),
      sizes: Sizes,
      indent: Schema.Literals([0, 2])
    },
    ({ indent, sizes, value: raw }) => {
      const value = raw.map((record) =>
        Object.fromEntries(
          Object.entries(record).map(([key, texts]) => [
            key.toWellFormed(),
            texts.map((text) => text.join("").toWellFormed())
          ])
        )
      )
      const deep = Signature.make("-> value: list[dict[str, list[str]]]")
      const json = JSON.stringify(value, undefined, indent)
      for (const { adapter, spell } of rows) {
        const decoded = decode(adapter, deep, inPieces(spell([["value", { json }]]), sizes))
        assert.deepStrictEqual(valuesOf(decoded), { value })
        assert.deepStrictEqual(JSON.parse(decoded.texts["value"]!), value)
      }
    },
    { arbitrary: { runs: 200, size: 8, seed: 2 } }
  )
})
