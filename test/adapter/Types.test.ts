/** Law 1 for every type that a signature's text can have: what a reply says comes out, however it is cut. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import * as Random from "../support/random.ts"
import * as Specs from "../types/support/specs.ts"
import * as Spellings from "../types/support/spellings.ts"
import { decodeEverySplit, valuesOf } from "./support/decode.ts"
import { rows } from "./support/rows.ts"

describe("law 1: stream is value, for every type in texts of signatures", () => {
  for (const row of rows) {
    it(`${row.name}: random outputs, whole, missing, or left to their default, in every split`, () => {
      const random = Random.random(8)
      for (let i = 0; i < 12; i++) {
        const spec = Specs.randomSpec(random)
        const text = Spellings.printSpec({ inputs: [], outputs: spec.outputs }, Spellings.mixed(random))
        const { outputFields, ...signature } = Result.getOrThrow(Signature.parse(text))
        assert.isDefined(signature)
        const expected: Record<string, unknown> = {}
        const written = spec.outputs.flatMap((output, index) => {
          const field = outputFields[index]!
          const isLeft = field.optional && random.int(2) === 0
          const json = isLeft ? output.default : Specs.randomJson(output.type, random)
          if (json !== undefined) {
            const value = Result.getOrThrow(field.decode(json))
            // Running text that is empty says that there is none.
            const isNothing = json === "" && field.optional && !field.nullable && field.kind === "text" && !row.quotes
            if (!isNothing) expected[field.name] = value
            else if (output.default !== undefined) {
              expected[field.name] = Result.getOrThrow(field.decode(output.default))
            }
          }
          const bare = field.kind === "text" && typeof json === "string" ? { bare: json } : {}
          return isLeft ? [] : [[field.name, { json: JSON.stringify(json), ...bare }] as const]
        })
        const decoded = decodeEverySplit(row.adapter, Result.getOrThrow(Signature.parse(text)), row.spell(written))
        assert.deepStrictEqual(valuesOf(decoded), expected, `${text}\n${row.spell(written)}`)
      }
    })
  }
})
