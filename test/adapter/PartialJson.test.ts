/** Partial values: what snapshots show, that they never change, and what they cost. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as PartialJson from "effect-lm/adapter/PartialJson"
import { inPieces, splits } from "./support/decode.ts"

const Json = Schema.Json

/** Every snapshot of a text in pieces, the last one included. */
const snapshots = (pieces: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const partial = PartialJson.make()
  const shown = pieces.map((piece) => partial.push(piece)).filter((snapshot) => snapshot !== undefined)
  const last = partial.end()
  return last === undefined ? shown : [...shown, last]
}

const last = (pieces: ReadonlyArray<string>): unknown => snapshots(pieces).at(-1)

/** Whether a value is what had come of another: strings are prefixes, arrays and objects have no more than it. */
const isPartOf = (part: unknown, whole: unknown): boolean => {
  if (typeof part === "string") return typeof whole === "string" && whole.startsWith(part)
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.length <= whole.length && part.every((item, i) => isPartOf(item, whole[i]))
  }
  if (typeof part === "object" && part !== null) {
    return typeof whole === "object" && whole !== null && !Array.isArray(whole) &&
      Object.entries(part).every(([key, value]) =>
        Object.hasOwn(whole, key) && isPartOf(value, (whole as Record<string, unknown>)[key])
      )
  }
  return Object.is(part, whole)
}

describe("what is shown", () => {
  it("strings grow, keys appear with their values, numbers when they are whole", () => {
    assert.deepStrictEqual(snapshots(inPieces(`{"a": "xy", "n": 12, "t": true, "l": [1, "z"]}`, [1])), [
      {},
      { a: "" },
      { a: "x" },
      { a: "xy" },
      { a: "xy", n: 12 },
      { a: "xy", n: 12, t: true },
      { a: "xy", n: 12, t: true, l: [] },
      { a: "xy", n: 12, t: true, l: [1] },
      { a: "xy", n: 12, t: true, l: [1, ""] },
      { a: "xy", n: 12, t: true, l: [1, "z"] },
      { a: "xy", n: 12, t: true, l: [1, "z"] }
    ])
  })

  it("escapes are decoded, also when they are cut", () => {
    assert.strictEqual(last(inPieces(String.raw`"a\n\u00e9\ud83d\udc4d\"b"`, [1])), "a\né👍\"b")
  })

  it("nothing where nothing has come", () => {
    const partial = PartialJson.make()
    assert.isUndefined(partial.push(""))
    assert.isUndefined(partial.push("  \n"))
    assert.isUndefined(partial.push("4"))
    assert.isUndefined(partial.push("2"))
    assert.strictEqual(partial.end(), 42)
    assert.isUndefined(PartialJson.make().end())
  })

  it("nothing twice", () => {
    const partial = PartialJson.make()
    assert.deepStrictEqual(partial.push(`{"a": `), {})
    assert.isUndefined(partial.push(" "))
    assert.deepStrictEqual(partial.push(`"`), { a: "" })
    assert.deepStrictEqual(partial.push(`x`), { a: "x" })
  })

  it("words at the top when they are whole", () => {
    for (
      const [text, value] of [["true", true], ["None", null], ["spam", "spam"], ["-1e3", -1000], [
        "\"x\"",
        "x"
      ]] as const
    ) {
      assert.strictEqual(last(inPieces(text, [1])), value)
    }
  })

  it("what came of a value that is cut off", () => {
    assert.deepStrictEqual(last([`{"a": [1, {"b": "x`]), { a: [1, { b: "x" }] })
    assert.deepStrictEqual(last([`{"a": 1, "b`]), { a: 1 })
    assert.deepStrictEqual(last([`[1, 2`]), [1])
  })

  it("JSON with something around it, and with small mistakes", () => {
    for (
      const text of [
        "```json\n{\"a\": [1, 2]}\n```",
        "Here: {\"a\": [1, 2]} done",
        "{'a': [1, 2,],}",
        "{a: [1, 2]}",
        "{\"a\": [1, 2]}}]"
      ]
    ) {
      for (const pieces of splits(text)) assert.deepStrictEqual(last(pieces), { a: [1, 2] }, text)
    }
  })
})

describe("law 1: stream is value", () => {
  it.prop(
    "the last snapshot is the value; each is a part of the next, in every kind of pieces",
    { json: Json, indent: Schema.Literals([0, 2]), sizes: Schema.Array(Schema.Literals([1, 2, 3, 5, 8])) },
    ({ indent, json, sizes }) => {
      const text = JSON.stringify(json, undefined, indent)
      const shown = snapshots(inPieces(text, sizes.length === 0 ? [1] : sizes))
      assert.deepStrictEqual(shown.at(-1), JSON.parse(text))
      for (let i = 1; i < shown.length; i++) {
        assert.isTrue(
          isPartOf(shown[i - 1], shown[i]),
          `${JSON.stringify(shown[i - 1])} then ${JSON.stringify(shown[i])}`
        )
      }
    },
    { arbitrary: { runs: 300, size: 12, seed: 1 } }
  )

  it.prop(
    "a snapshot never changes afterwards",
    { json: Json },
    ({ json }) => {
      const partial = PartialJson.make()
      const kept: Array<readonly [unknown, string]> = []
      for (const piece of inPieces(JSON.stringify({ json, again: [json] }), [1])) {
        const snapshot = partial.push(piece)
        if (snapshot !== undefined) kept.push([snapshot, JSON.stringify(snapshot)])
      }
      for (const [snapshot, then] of kept) assert.strictEqual(JSON.stringify(snapshot), then)
    },
    { arbitrary: { runs: 200, size: 12, seed: 1 } }
  )

  it("what is finished is shared", () => {
    const partial = PartialJson.make()
    const first = partial.push(`{"a": {"x": [1, 2]}, "b": "`) as { readonly a: unknown }
    const second = partial.push(`more`) as { readonly a: unknown; readonly b: string }
    assert.notStrictEqual(first, second)
    assert.strictEqual(first.a, second.a)
  })
})

describe("law 9: linear", () => {
  /** How many slots all snapshots have copied: those of the containers that were new in each. */
  const copied = (pieces: ReadonlyArray<string>): number => {
    const seen = new Set<unknown>()
    const count = (value: unknown): number => {
      if (typeof value !== "object" || value === null || seen.has(value)) return 0
      seen.add(value)
      const inside: ReadonlyArray<unknown> = Object.values(value)
      return 1 + inside.length + inside.reduce<number>((sum, item) => sum + count(item), 0)
    }
    return snapshots(pieces).reduce<number>((sum, snapshot) => sum + count(snapshot), 0)
  }

  for (
    const [name, make] of Object.entries({
      "a flat list": (n: number) => JSON.stringify(Array.from({ length: n }, (_, i) => i)),
      "a list of objects": (n: number) =>
        JSON.stringify(Array.from({ length: n / 4 }, (_, i) => ({ id: i, name: "x" }))),
      "an object with many keys": (n: number) =>
        JSON.stringify(Object.fromEntries(Array.from({ length: n / 2 }, (_, i) => [`k${i}`, i]))),
      "deep nesting": (n: number) => "[".repeat(n)
    })
  ) {
    it(`${name}: what is copied does not outgrow the text`, () => {
      for (const n of [100, 4_000]) {
        const text = make(n)
        // Eight slots for a character, and the value itself once.
        assert.isTrue(copied(inPieces(text, [4])) <= 10 * text.length + 100, `${n}`)
      }
    })
  }

  it("a list shows itself all along", () => {
    const shown = snapshots(inPieces(JSON.stringify(Array.from({ length: 4_000 }, (_, i) => i)), [4]))
    assert.isTrue(shown.length > 50, `${shown.length}`)
    assert.isTrue(shown.length < 2_000, `${shown.length}`)
  })

  it("a long string, a million characters in single pieces", () => {
    const text = `{"a": "${"x\\n".repeat(333_333)}"}`
    assert.deepStrictEqual(last(inPieces(text, [1])), JSON.parse(text))
  })
})

describe("law 10: untrusted names", () => {
  it("keys are the object's own, as JSON.parse has them", () => {
    const text =
      `{"__proto__": {"polluted": true, "x": [{"__proto__": 1}]}, "constructor": {"prototype": 1}, "toString": 2}`
    for (const snapshot of snapshots(inPieces(text, [1]))) {
      assert.strictEqual(Object.getPrototypeOf(snapshot), Object.prototype)
      assert.isUndefined((snapshot as { readonly polluted?: unknown }).polluted)
    }
    const whole = last(inPieces(text, [1])) as object
    assert.deepStrictEqual(Object.entries(whole), Object.entries(JSON.parse(text)))
    assert.isTrue(Object.hasOwn(whole, "__proto__"))
    assert.isUndefined(({} as { readonly polluted?: unknown }).polluted)
  })
})
