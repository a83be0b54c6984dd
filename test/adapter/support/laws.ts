/** The laws of reading that hold for every adapter alike, from wherever it comes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { decode, decodeEverySplit, errorOf, inPieces, textsOf, valuesOf } from "./decode.ts"
import type { Row } from "./rows.ts"

const signature = Signature.make("question -> title, note: str | None, tags: list[str], score: float, answer")

/** What is hard to tell from the format, in pieces that values are made of. */
const Fragment = Schema.Literals([
  "a",
  "Hi there",
  " ",
  "   ",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "\u00a0",
  "[",
  "]",
  "[[",
  "]]",
  "[[ ##",
  " ## ]]",
  "[[ ## title ## ]]",
  "[[ ## answer ## ]]",
  "[[ ## other ## ]]",
  "[[ ## completed ## ]]",
  "[[completed]]",
  "*",
  "**",
  "#",
  "{",
  "}",
  "{\"answer\": \"no\"}",
  "\"",
  "\", \"answer\": \"",
  "'",
  "\\",
  "\\n",
  "\\u00e9",
  ",",
  ":",
  "<",
  ">",
  "</",
  "<answer>",
  "</answer>",
  "</title>",
  "<b>",
  "&",
  "&amp;",
  "&lt;",
  "&#x41;",
  ";",
  "<![CDATA[",
  "]]>",
  "```",
  "```json\n",
  "null",
  "None",
  "nul",
  "answer: ",
  "\nanswer: |\n  ",
  "title:",
  "日本",
  "👍🏽",
  "\ud83d",
  "\ude00"
])
export const Text = Schema.Array(Fragment)
export const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))).check(
  Schema.isMinLength(1)
)

export const laws = (row: Row): void => {
  const { adapter, name, spell, write } = row

  describe("law 1: stream is value", () => {
    it.prop(
      `${name}: every value, in every kind of pieces`,
      { title: Text, note: Text, tags: Schema.Array(Text), score: Schema.Finite, answer: Text, sizes: Sizes },
      ({ sizes, ...raw }) => {
        const say = (fragments: ReadonlyArray<string>) => row.sayable(fragments.join(""))
        const note = say(raw.note)
        const values = {
          title: say(raw.title),
          // The words for null cannot be said as text where null can be meant.
          note: !row.quotes && (note === "null" || note === "None") ? null : note,
          tags: raw.tags.map((tag) => tag.join("").toWellFormed()),
          score: raw.score,
          answer: say(raw.answer)
        }
        const reply = write(values)
        for (const pieces of [inPieces(reply, sizes), inPieces(reply, [1]), [reply]]) {
          const decoded = decode(adapter, signature, pieces)
          assert.deepStrictEqual(valuesOf(decoded), { ...values, score: JSON.parse(JSON.stringify(values.score)) })
          assert.deepStrictEqual(JSON.parse(decoded.texts["tags"]!), values.tags)
          assert.strictEqual(JSON.parse(decoded.texts["score"]!), JSON.parse(JSON.stringify(values.score)))
        }
      },
      { arbitrary: { runs: 300, size: 12, seed: 1 } }
    )

    it(`${name}: every split of one reply`, () => {
      const values = {
        title: "On \"tides\": a < b && [[1, 2]] \\ {x} 🌊 [[ ## answer ## ]]",
        note: "line\r\n\r\n  two &amp; [[Page]]\n\n\"three\"",
        tags: ["one, \"two\"", "[[ ## title ## ]]", "</tags>", "{}"],
        score: -1.5e-7,
        answer: "[ok] </b> 👍🏽\u00e9"
      }
      const decoded = decodeEverySplit(adapter, signature, write(values))
      assert.deepStrictEqual(valuesOf(decoded), values)
    })

    it(`${name}: null where a field may be null is no text`, () => {
      const values = { title: "t", note: null, tags: [], score: 0, answer: "null" }
      const decoded = decodeEverySplit(adapter, signature, write(values))
      assert.deepStrictEqual(valuesOf(decoded), values)
      assert.strictEqual(decoded.texts["note"], "")
    })

    it(`${name}: a surrogate pair that is cut in two arrives in one piece`, () => {
      const reply = write({ title: "😀", note: "😀😀", tags: ["😀"], score: 1, answer: "a😀" })
      const decoded = decode(adapter, signature, inPieces(reply, [1]))
      for (const part of decoded.parts) assert.isTrue(part.text.isWellFormed())
      assert.strictEqual(decoded.texts["note"], "😀😀")
    })
  })

  describe("law 1: stream is value, whatever the type", () => {
    const Level = { Low: "low", High: "high" } as const
    const kinds = Signature.fromSchemas({
      inputs: {},
      outputs: {
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
        data: Schema.Json
      }
    })
    type Kinds = typeof kinds.output.Type

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
    it(`${name}: every spelling of every type, in every split`, () => {
      for (let i = 0; i < Math.max(...names.map((field) => spellings[field].length)); i++) {
        const chosen = names.map((field) => [field, spellings[field][i % spellings[field].length]!] as const)
        const decoded = decodeEverySplit(adapter, kinds, spell(chosen))
        assert.deepStrictEqual(
          valuesOf(decoded),
          Object.fromEntries(chosen.map(([field, { value }]) => [field, value]))
        )
        // What may be the beginning of something else is said at once, in its last part.
        for (const field of ["label", "mood", "flag", "count", "either", "trimmed"]) {
          assert.isAtMost(decoded.parts.filter((part) => part.field === field).length, 1)
        }
      }
    })

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

  describe("law 2: one end", () => {
    // The checks of `decode` and `textsOf` are the law; these are the replies in which others miss it.
    const whole = { title: "t", note: "n", tags: ["x"], score: 1, answer: "Yes" }
    const reply = write(whole)

    it(`${name}: a reply that ends anywhere`, () => {
      for (let end = 0; end <= reply.length; end++) {
        decode(adapter, signature, [reply.slice(0, end)])
        decode(adapter, signature, inPieces(reply.slice(0, end), [1]))
      }
    })

    it(`${name}: a reply that is aborted anywhere, with the text so far`, () => {
      for (let end = 0; end <= reply.length; end++) {
        const decoder = adapter.decoder(signature)
        const parts = [...decoder.push(reply.slice(0, end))]
        const aborted = decoder.abort()
        parts.push(...aborted.parts)
        assert.deepStrictEqual(aborted.partial, textsOf(parts))
        for (const [field, text] of Object.entries(aborted.partial)) {
          const value = whole[field as keyof typeof whole]
          const expected = typeof value === "string" ? value : JSON.stringify(value)
          assert.isTrue(
            expected.replaceAll(/\s/g, "").startsWith(text.replaceAll(/\s/g, "")),
            `${text} of ${expected}`
          )
        }
      }
    })

    it(`${name}: the last part is the last text where they come together`, () => {
      const decoded = decode(adapter, signature, [reply])
      assert.deepStrictEqual(decoded.parts.map(({ field, isLast }) => [field, isLast]), [
        ["title", true],
        ["note", true],
        ["tags", true],
        ["score", true],
        // Without a mark of its own, the end of the last field is known where the reply ends.
        ...(row.hasEnd ? [["answer", true]] : [["answer", false], ["answer", true]])
      ])
    })

    it(`${name}: nothing at all`, () => {
      const decoded = decode(adapter, signature, [])
      assert.deepStrictEqual(decoded.parts, [])
      assert.deepStrictEqual(errorOf(decoded).missing, ["title", "tags", "score", "answer"])
    })
  })

  describe("the model's own thinking", () => {
    const reasoned = Signature.make("question -> reasoning, answer")
    it(`${name}: is the field of that name, and ends where the reply begins`, () => {
      const decoder = adapter.decoder(reasoned)
      const parts = [
        ...decoder.pushReasoning("\nLet me"),
        ...decoder.pushReasoning(" see. "),
        ...decoder.pushReasoning("\n")
      ]
      assert.deepStrictEqual(parts, [
        { field: "reasoning", text: "Let me", isLast: false },
        { field: "reasoning", text: " see.", isLast: false }
      ])
      parts.push(...decoder.push("\n"))
      parts.push(...decoder.pushReasoning("Yes."))
      const reply = decoder.push(write({ reasoning: "not this", answer: "Paris" }))
      assert.deepStrictEqual(reply[0], { field: "reasoning", text: "", isLast: true })
      parts.push(...reply, ...decoder.pushReasoning("too late"))
      const { parts: last, result } = decoder.end()
      assert.deepStrictEqual(Result.getOrThrow(result), { reasoning: "Let me see. \nYes.", answer: "Paris" })
      assert.deepStrictEqual(textsOf([...parts, ...last]), { reasoning: "Let me see. \nYes.", answer: "Paris" })
    })

    it(`${name}: need not be said again in the reply`, () => {
      const decoder = adapter.decoder(reasoned)
      const parts = [...decoder.pushReasoning("Because"), ...decoder.push(write({ answer: "Paris" }))]
      const { parts: last, result } = decoder.end()
      assert.deepStrictEqual(Result.getOrThrow(result), { reasoning: "Because", answer: "Paris" })
      textsOf([...parts, ...last])
    })

    it(`${name}: is ignored where the reply has begun the field, or the signature has none`, () => {
      const decoder = adapter.decoder(reasoned)
      const parts = [...decoder.push(write({ reasoning: "mine" })), ...decoder.pushReasoning("other")]
      assert.strictEqual(textsOf([...parts, ...decoder.end().parts])["reasoning"], "mine")
      assert.deepStrictEqual(adapter.decoder(signature).pushReasoning("hm"), [])
      const typed = Signature.fromSchemas({ inputs: {}, outputs: { reasoning: Schema.Finite } })
      assert.deepStrictEqual(adapter.decoder(typed).pushReasoning("hm"), [])
    })

    it(`${name}: alone ends once, at the end or where the reply is cut off`, () => {
      for (const finish of ["end", "abort"] as const) {
        const decoder = adapter.decoder(reasoned)
        const parts = [...decoder.pushReasoning("Hm")]
        parts.push(...decoder[finish]().parts)
        assert.deepStrictEqual(parts, [
          { field: "reasoning", text: "Hm", isLast: false },
          { field: "reasoning", text: "", isLast: true }
        ])
      }
    })
  })

  describe("law 10: untrusted names", () => {
    const hostile = [
      "__proto__",
      "constructor",
      "prototype",
      "toString",
      "hasOwnProperty",
      "../../etc/passwd",
      "answer\u0000",
      "ANSWER2",
      ""
    ]
    it(`${name}: names that are no outputs do nothing`, () => {
      const qa = Signature.make("question -> answer")
      const values = Object.fromEntries([...hostile.map((key) => [key, "evil"] as const), ["answer", "ok"]])
      const objects = spell([["__proto__", { json: `{"polluted": true}` }], ["answer", { json: `"ok"`, bare: "ok" }]])
      assert.deepStrictEqual(valuesOf(decodeEverySplit(adapter, qa, objects)), { answer: "ok" })
      const decoded = decodeEverySplit(adapter, qa, write(values))
      const read = valuesOf(decoded)
      assert.deepStrictEqual(read, { answer: "ok" })
      assert.deepStrictEqual(Object.keys(read), ["answer"])
      assert.strictEqual(Object.getPrototypeOf(read), Object.prototype)
      assert.isUndefined(({} as Record<string, unknown>)["polluted"])
    })

    it(`${name}: names inside values stay inside`, () => {
      const any = Signature.make("question -> data: dict[str, Any]")
      const decoded = decodeEverySplit(
        adapter,
        any,
        spell([["data", { json: `{"__proto__": {"polluted": 1}, "constructor": 2}` }]])
      )
      const read = valuesOf(decoded)["data"] as object
      assert.isUndefined((read as { readonly polluted?: unknown }).polluted)
      assert.isUndefined(({} as { readonly polluted?: unknown }).polluted)
    })
  })

  describe("law 5: complete or an error", () => {
    it(`${name}: an error tells the reply, what was understood, and each issue`, () => {
      const reply = write({ title: "A title", tags: "no list", answer: "Yes" })
      const error = errorOf(decodeEverySplit(adapter, signature, reply))
      assert.strictEqual(error.adapter, adapter.name)
      assert.strictEqual(error.reply, reply)
      assert.deepStrictEqual(error.missing, ["score"])
      assert.deepStrictEqual(error.parsed, { title: "A title", note: null, answer: "Yes" })
      assert.deepStrictEqual(error.issues.map(({ path }) => path), [["tags"], ["score"]])
      assert.include(error.message, "A title")
      assert.include(error.message, "tags: ")
      assert.include(error.message, "score: is missing")
      assert.include(error.message, reply)
      const feedback = adapter.feedback(error)
      assert.include(feedback, "- tags: expected")
      assert.include(feedback, "- score: is missing")
    })

    it(`${name}: what may be left out may be missing`, () => {
      const optional = Signature.fromSchemas({
        inputs: {},
        outputs: {
          answer: Schema.String,
          hint: Schema.optionalKey(Schema.String),
          rank: Schema.optionalKey(Schema.Finite),
          mood: Schema.NullOr(Schema.String)
        }
      })
      const values = valuesOf(decodeEverySplit(adapter, optional, write({ answer: "Yes" })))
      assert.deepStrictEqual(values, { answer: "Yes", mood: null })
    })

    it(`${name}: what is nested too deeply is an issue, not a crash`, () => {
      interface Tree {
        readonly in: ReadonlyArray<Tree>
      }
      const tree: Schema.Codec<Tree> = Schema.Struct({ in: Schema.Array(Schema.suspend(() => tree)) })
      const trees = Signature.fromSchemas({ inputs: {}, outputs: { tree, data: Schema.Json } })
      for (const [nodes, isRead] of [[100, true], [101, false], [50_000, false]] as const) {
        const text = "{\"in\":[".repeat(nodes) + "]}".repeat(nodes)
        const reply = spell([["tree", { json: text }], ["data", { json: text }]])
        const decoded = decode(adapter, trees, [reply])
        if (isRead) valuesOf(decoded)
        else {
          assert.deepStrictEqual(errorOf(decoded).issues, [
            { path: ["tree"], message: "is nested more than 200 levels deep" },
            { path: ["data"], message: "is nested more than 200 levels deep" }
          ])
        }
      }
    })

    it(`${name}: constraints are checked`, () => {
      const graded = Signature.fromSchemas({
        inputs: {},
        outputs: {
          points: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })),
          word: Schema.NonEmptyString
        }
      })
      const error = errorOf(decodeEverySplit(adapter, graded, write({ points: -5, word: "" })))
      assert.deepStrictEqual(error.missing, [])
      assert.deepStrictEqual(error.issues.map(({ path }) => path), [["points"], ["word"]])
    })
  })
}
