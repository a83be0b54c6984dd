/** Law 1 for every type: what is streamed of a value is the value. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Struct } from "effect"
import * as Citations from "effect-lm/signature/Citations"
import * as Code from "effect-lm/signature/Code"
import * as Signature from "effect-lm/signature/Signature"
import { decode, decodeEverySplit, errorOf, inPieces, valuesOf } from "./decode.ts"
import type { Row } from "./rows.ts"

export const typeLaws = ({ adapter, name, spell, write }: Row): void => {
  describe("law 1: stream is value, whatever the type", () => {
    const Level = { Low: "low", High: "high" } as const
    const kinds = {
      label: Schema.Literals(["good", "Bad one"]),
      mood: Schema.NullOr(Schema.Literals(["up", "down"])),
      level: Schema.Enum(Level),
      stars: Schema.Literals([1, 2, 3]),
      mixed: Schema.Literals(["one", 1, true]),
      flag: Schema.Boolean,
      count: Schema.Int,
      rank: Schema.optionalKey(Schema.Int),
      maybe: Schema.NullOr(Schema.Finite),
      either: Schema.Union([Schema.String, Schema.Int]),
      when: Schema.DateFromString,
      trimmed: Schema.Trim,
      hinted: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("none"))),
      shape: Schema.Struct({ at: Schema.DateFromString, tags: Schema.Array(Schema.String) }),
      list: Schema.NullOr(Schema.Array(Schema.Struct({ n: Schema.Finite, s: Schema.NullOr(Schema.String) }))),
      either2: Schema.Union([Schema.Array(Schema.Int), Schema.String]),
      code: Code.of("python"),
      snippet: Schema.NullOr(Code.Code),
      snippets: Schema.Array(Code.Code),
      sources: Schema.NullOr(Citations.Citations),
      data: Schema.Json
    }
    type Kinds = Schema.Struct<typeof kinds>["Type"]

    /** What models write, field by field, and what it means. */
    const spellings: {
      readonly [K in keyof Kinds]-?: ReadonlyArray<
        { readonly json: string; readonly bare?: string; readonly value: Kinds[K] }
      >
    } = {
      label: [
        { json: `"good"`, bare: "good", value: "good" },
        { json: `"GOOD"`, bare: `"Good"`, value: "good" },
        { json: `'bad one'`, bare: "'bad one'", value: "Bad one" }
      ],
      mood: [
        { json: `"up"`, bare: "Up", value: "up" },
        { json: "null", bare: "None", value: null },
        { json: "None", bare: "null", value: null }
      ],
      level: [{ json: `"low"`, bare: "low", value: Level.Low }, { json: `"HIGH"`, bare: "'HIGH'", value: Level.High }],
      stars: [{ json: "2", value: 2 }, { json: `"3"`, value: 3 }],
      mixed: [
        { json: `"one"`, bare: "one", value: "one" },
        { json: "1", value: 1 },
        { json: "True", bare: "true", value: true }
      ],
      flag: [{ json: "true", value: true }, { json: "False", value: false }, { json: `"True"`, value: true }],
      count: [{ json: "42", value: 42 }, { json: "42.0", value: 42 }, { json: `"7"`, value: 7 }],
      rank: [{ json: "3", value: 3 }],
      maybe: [{ json: "0.50", value: 0.5 }, { json: "-0", value: -0 }, { json: "null", bare: "None", value: null }],
      either: [
        { json: `"he\\"llo"`, bare: "he\"llo", value: "he\"llo" },
        { json: `"[draft] x"`, bare: "[draft] x", value: "[draft] x" },
        { json: "7", value: 7 },
        { json: `"7"`, value: "7" }
      ],
      when: [{ json: `"2026-01-02"`, bare: "2026-01-02", value: new Date("2026-01-02") }],
      trimmed: [{ json: `"  in between \\n"`, bare: "  in between ", value: "in between" }],
      hinted: [{ json: `"a hint"`, bare: "a hint", value: "a hint" }],
      shape: [
        {
          json: `{"at": "2026-01-02", "tags": ["a", "[b]"]}`,
          value: { at: new Date("2026-01-02"), tags: ["a", "[b]"] }
        },
        { json: `{at: '2026-01-02', 'tags': ["it's",],}`, value: { at: new Date("2026-01-02"), tags: ["it's"] } }
      ],
      list: [
        {
          json: `[{"n": 1e3, "s": "\\u00e9\\ud83d\\ude00"}, {"n": -0.5, "s": null}]`,
          value: [{ n: 1000, s: "é😀" }, { n: -0.5, s: null }]
        },
        { json: "null", bare: "None", value: null },
        { json: `[ {'n': 1, 's': None} ,\n {"n": 2, "s": "x"} ]`, value: [{ n: 1, s: null }, { n: 2, s: "x" }] },
        { json: "[]", bare: "Here you are:\n```json\n[\n]\n```", value: [] }
      ],
      either2: [
        { json: "[1, 2]", value: [1, 2] },
        { json: `"[1, 2"`, bare: "[1, 2", value: "[1, 2" },
        { json: `"words"`, bare: "words", value: "words" }
      ],
      code: [
        { json: "\"```python\\n  x = 1\\n```\"", bare: "```python\n  x = 1\n```", value: "  x = 1" },
        { json: "\"if x < 1:\\n    y\"", bare: "if x < 1:\n    y", value: "if x < 1:\n    y" },
        {
          json: "\"Here is the code:\\n\\n~~~\\nz = '`'\\n~~~\\nIt is short.\"",
          bare: "Here is the code:\n\n~~~\nz = '`'\n~~~\nIt is short.",
          value: "z = '`'"
        }
      ],
      snippet: [
        { json: "\"```f()```\"", bare: "```f()```", value: "f()" },
        { json: "null", bare: "None", value: null }
      ],
      snippets: [{ json: `["a", "\`\`\`js\\nb\\n\`\`\`"]`, value: ["a", "b"] }],
      sources: [
        { json: `[{"text": "a", "document": 0}]`, value: [{ text: "a", document: 0, start: -1, end: -1 }] },
        // What the program sets is not the model's to say.
        { json: `[{start: [1], Text: 'b', document: "1"}]`, value: [{ text: "b", document: 1, start: -1, end: -1 }] },
        { json: "null", bare: "None", value: null }
      ],
      data: [
        {
          json: `{"a": [1, {"b": null}], "__proto__": {"x": 1}}`,
          value: JSON.parse(`{"a": [1, {"b": null}], "__proto__": {"x": 1}}`)
        },
        { json: "True", value: true },
        { json: `"text"`, bare: "text", value: "text" }
      ]
    }
    const names = Object.keys(spellings) as ReadonlyArray<keyof Kinds>
    /** Some fields at a time: a reply is read anew for each place where it may be split. */
    const groups = Array.from({ length: Math.ceil(names.length / 5) }, (_, at) => names.slice(at * 5, at * 5 + 5))
    it.each(groups.map((group) => [group.join(", "), group] as const))(
      `${name}: every spelling, in every split: %s`,
      (_, group) => {
        const signature = Signature.fromSchemas({ inputs: {}, outputs: Struct.pick(kinds, group) })
        for (let i = 0; i < Math.max(...group.map((field) => spellings[field].length)); i++) {
          const chosen = group.map((field) => [field, spellings[field][i % spellings[field].length]!] as const)
          const decoded = decodeEverySplit(adapter, signature, spell(chosen))
          assert.deepStrictEqual(
            valuesOf(decoded),
            Object.fromEntries(chosen.map(([field, { value }]) => [field, value]))
          )
          // What may be the beginning of something else is said at once, in its last part.
          for (const field of ["label", "mood", "flag", "count", "either", "trimmed"]) {
            assert.isAtMost(decoded.parts.filter((part) => part.field === field).length, 1)
          }
        }
      }
    )

    it(`${name}: objects and lists stream`, () => {
      const lists = Signature.make("-> items: list[dict[str, int | None]] | None")
      const items = Array.from({ length: 50 }, (_, i) => ({ a: i, b: null }))
      const decoded = decode(adapter, lists, inPieces(write({ items }), [5]))
      assert.isAbove(decoded.parts.length, 50)
      assert.deepStrictEqual(valuesOf(decoded), { items })
    })

    it(`${name}: what cannot be read is shown as it is, and ends once`, () => {
      const decoded = decodeEverySplit(
        adapter,
        Signature.make("-> flag: bool, items: list[int], answer"),
        write({ flag: "perhaps", items: "[1, 2", answer: "x" })
      )
      assert.deepStrictEqual(errorOf(decoded).issues.map(({ path }) => path[0]), ["flag", "items"])
      assert.include(decoded.texts["flag"]!, "perhaps")
    })
  })
}
