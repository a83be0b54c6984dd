/** The page for those who come from DSPy: what it says to use is there. */
import { assert, describe, it } from "@effect/vitest"
import * as EffectLM from "effect-lm"
import * as Optimize from "effect-lm/optimize"
import * as Testing from "effect-lm/testing"
import * as Pages from "./snippets.ts"

const rows = Pages.rowsOf(Pages.pageOf("docs/from-dspy.md")).filter(([first]) =>
  first !== "DSPy" && !/^-+$/.test(first!)
)
const names = new Map<string, unknown>([
  ...Object.entries(EffectLM),
  ...Object.entries(Testing),
  ...Object.entries(Optimize)
])

describe("from DSPy", () => {
  it("every row says what there is", () => {
    assert.isAbove(rows.length, 80)
    for (const row of rows) {
      assert.lengthOf(row, 2)
      assert.notStrictEqual(row[1], "", row[0])
    }
  })

  it("every member that is named exists", () => {
    const members = rows.flatMap(([, ours]) => Array.from(ours!.matchAll(/\b([A-Z]\w+)\.([a-z]\w*)/g)))
      .filter(([, name]) => names.has(name!))
    assert.isAbove(members.length, 50)
    for (const [whole, name, member] of members) assert.property(names.get(name!), member!, whole)
  })
})
