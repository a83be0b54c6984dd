/** Texts that end generated text, however it is cut into tokens. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Stops from "../../src/local/internal/stops.ts"
import { inPieces } from "../adapter/support/decode.ts"

/** Everything that is shown of these pieces, and whether a stop was found. */
const read = (stops: ReadonlyArray<string>, pieces: ReadonlyArray<string>) => {
  const scanner = Stops.make(stops)
  let text = ""
  for (const piece of pieces) {
    const pushed = scanner.push(piece)
    text += pushed.text
    if (pushed.found) return { text, found: true }
  }
  return { text: text + scanner.end(), found: false }
}

const Letters = Schema.Array(Schema.Literals(["a", "b", "ab", "\n", "é"]))
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))).check(Schema.isMinLength(1))

describe("stops", () => {
  it.prop(
    "every text, every set of stops, in every kind of pieces: the text up to the first stop",
    { letters: Letters, stops: Schema.Array(Letters), sizes: Sizes },
    ({ letters, sizes, stops }) => {
      const text = letters.join("")
      const wanted = stops.map((stop) => stop.join("")).filter((stop) => stop !== "")
      const places = wanted.map((stop) => text.indexOf(stop)).filter((at) => at !== -1)
      const expected = { text: text.slice(0, Math.min(...places, text.length)), found: places.length > 0 }
      assert.deepStrictEqual(read([...wanted, ""], [text]), expected)
      const byOne = read(wanted, inPieces(text, [1]))
      const bySizes = read(wanted, inPieces(text, sizes))
      // The stop that is complete first is the one that is found.
      for (const { found, text: shown } of [byOne, bySizes]) {
        assert.strictEqual(found, expected.found)
        if (found) assert.isTrue(wanted.some((stop) => text.startsWith(stop, shown.length)))
        else assert.strictEqual(shown, text)
        assert.isTrue(text.startsWith(shown))
      }
    },
    { arbitrary: { runs: 300, seed: 1 } }
  )

  it("shows at once what can be no stop any more, and nothing of a stop", () => {
    const scanner = Stops.make(["[[ ## answer ## ]]"])
    assert.deepStrictEqual(scanner.push("a b"), { text: "a b", found: false })
    assert.deepStrictEqual(scanner.push(" [["), { text: " ", found: false })
    assert.deepStrictEqual(scanner.push(" x"), { text: "[[ x", found: false })
    assert.deepStrictEqual(scanner.push("[[ ## ans"), { text: "", found: false })
    assert.deepStrictEqual(scanner.push("wer ## ]] more"), { text: "", found: true })
    assert.strictEqual(Stops.make(["</s>"]).end(), "")
  })
})
