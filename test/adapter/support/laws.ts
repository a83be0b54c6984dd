/** The laws of reading that hold for every adapter alike, from wherever it comes. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { decode, decodeEverySplit, errorOf, inPieces, textsOf, valuesOf } from "./decode.ts"
import { signature, Sizes, Text } from "./fragments.ts"
import type { Row } from "./rows.ts"
import { typeLaws } from "./typeLaws.ts"

export const laws = (row: Row): void => {
  streamIsValue(row)
  typeLaws(row)
  oneEnd(row)
  thinking(row)
  untrustedNames(row)
  completeOrError(row)
}

const streamIsValue = (row: Row): void => {
  const { adapter, name, write } = row
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
}

const oneEnd = (row: Row): void => {
  const { adapter, name, write } = row
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
}

const thinking = ({ adapter, name, write }: Row): void => {
  describe("the model's own thinking", () => {
    const reasoned = Signature.make("question -> reasoning, answer")

    it(`${name}: is the field of the type Reasoning, before one of that name`, () => {
      for (const type of ["Reasoning", "Reasoning | None", "Reasoning = 'none'"] as const) {
        const typed = Signature.make(`question -> reasoning, thoughts: ${type}, answer` as "question -> answer")
        const decoder = adapter.decoder(typed)
        const parts = [...decoder.pushReasoning("Let me"), ...decoder.pushReasoning(" see.")]
        assert.deepStrictEqual(textsOf([...parts, { field: "thoughts", text: "", isLast: true }]), {
          thoughts: "Let me see."
        })
        parts.push(...decoder.push(write({ reasoning: "mine", thoughts: "not this", answer: "Paris" })))
        const { parts: last, result } = decoder.end()
        const expected = { reasoning: "mine", thoughts: "Let me see.", answer: "Paris" }
        assert.deepStrictEqual(Result.getOrThrow(result), expected)
        assert.deepStrictEqual(textsOf([...parts, ...last]), expected)
      }
    })

    it(`${name}: is asked for as a text of a model that does not think`, () => {
      const typed = Signature.make("question -> thoughts: Reasoning, answer")
      const decoded = decodeEverySplit(adapter, typed, write({ thoughts: "Hm. \nYes", answer: "Paris" }))
      assert.deepStrictEqual(valuesOf(decoded), { thoughts: "Hm. \nYes", answer: "Paris" })
    })

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
}

const untrustedNames = ({ adapter, name, spell, write }: Row): void => {
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
}

const completeOrError = ({ adapter, name, spell, write }: Row): void => {
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
