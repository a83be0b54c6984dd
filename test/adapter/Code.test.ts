/** Code as an output: it streams without the fence that models put around it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { Code, JSONAdapter, LMRequest, Predict, Signature, Streaming } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { decode, decodeEverySplit, inPieces, valuesOf } from "./support/decode.ts"
import { Sizes } from "./support/fragments.ts"
import { rows } from "./support/rows.ts"

const signature = Signature.make("task -> code: Code['python'], note")

/** Lines of code, with all that looks like a fence and is none. */
const Line = Schema.Literals([
  "x = 1",
  "",
  "    return `y`",
  "s = '``'",
  "  '''docs'''",
  "if a < b && cc:",
  "    ```",
  "\t~",
  "日本 = \"😀\"",
  "`",
  "[[1]]"
])
const Lines = Schema.Array(Line)

/** What models put around code: before it and behind it. */
const wraps = [
  ["```python\n", "\n```"],
  ["```\n", "\n```\n"],
  ["~~~ py\n", "\n~~~"],
  ["````python\n", "\n````\n\nThis prints it."],
  ["Here is the code:\n\n```python\n", "\n```\nLet me know!"],
  ["Sure!\n```\n", "\n  ```  "]
] as const

/** Code as it is in a fence: without empty lines around it. */
const codeOf = (lines: ReadonlyArray<string>) => lines.join("\n").replace(/^(?:[ \t]*\n)+/, "").trimEnd()

describe("law 1: code is shown without its fence", () => {
  for (const { adapter, name, write } of rows) {
    it.prop(
      `${name}: every code, in every fence, in every kind of pieces`,
      { lines: Lines, wrap: Schema.Literals([0, 1, 2, 3, 4, 5]), sizes: Sizes },
      ({ lines, sizes, wrap }) => {
        const code = codeOf(lines)
        if (code.trim() === "" || code.startsWith("[[")) return
        const [before, behind] = wraps[wrap]
        const reply = write({ code: `${before}${code}${behind}`, note: "ok" })
        for (const pieces of [inPieces(reply, sizes), inPieces(reply, [1]), [reply]]) {
          const decoded = decode(adapter, signature, pieces)
          assert.strictEqual(decoded.texts["code"], code)
          assert.deepStrictEqual(valuesOf(decoded), { code, note: "ok" })
        }
      },
      { arbitrary: { runs: 200, size: 8, seed: 1 } }
    )

    it(`${name}: code without a fence is as it is, and so is one inside of it`, () => {
      for (const code of ["x = 1", "def f():\n    return 1", "Here = 1", "`a`", "a\n```\nb\n```\nc", "``"]) {
        const decoded = decodeEverySplit(adapter, signature, write({ code, note: "ok" }))
        assert.deepStrictEqual(valuesOf(decoded), { code, note: "ok" })
      }
    })
  }
})

const fenced = (text: string, type = "Code") => {
  const [row] = rows
  const decoded = decode(
    row!.adapter,
    Signature.parse(`-> code: ${type}`).pipe((parsed) => {
      if (parsed._tag === "Failure") throw parsed.failure
      return parsed.success
    }),
    [`[[ ## code ## ]]\n${text}\n\n[[ ## completed ## ]]`]
  )
  return valuesOf(decoded)["code"]
}

describe("what a fence is", () => {
  it("opens with a line and ends with one; others may be inside", () => {
    const table = [
      ["```md\n# T\n```js\nx\n```\nmore\n```", "# T\n```js\nx\n```\nmore"],
      ["````\n```\nx\n```\n````", "```\nx\n```"],
      ["```js\nx = 1", "x = 1"],
      ["```js\nx = 1```", "x = 1"],
      ["```js\nreturn `x`\n```", "return `x`"],
      ["``` x = 1 ```", "x = 1"],
      ["```\n```", ""],
      ["```js\nfirst\n```\n\n```js\nsecond\n```", "first"],
      ["```js\r\nx\r\ny\r\n```", "x\r\ny"],
      ["Here is it:\nx = 1", "Here is it:\nx = 1"]
    ] as const
    for (const [text, code] of table) assert.strictEqual(fenced(text), code, text)
  })

  it("words before one belong to Markdown", () => {
    const text = "Here is how:\n```js\nx\n```"
    assert.strictEqual(fenced(text), "x")
    assert.strictEqual(fenced(text, "Code['markdown']"), text)
  })
})

describe("Code", () => {
  it.effect("streams while it comes, and says its language to the model", () =>
    Effect.gen(function*() {
      const solve = Predict.make("task -> code: Code['python'], note")
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chunks(["[[ ## code ## ]]\n```py", "thon\nx = 1\n", "y = 2\n", "```\n\n[[ ## note ## ]]\nok\n"])
      ])
      const events = yield* Streaming.streamify(solve)({ task: "?" }).pipe(Stream.runCollect, Effect.provide(lm.layer))
      const chunks = events.flatMap((event) =>
        event._tag === "StreamResponse" && event.signatureFieldName === "code" ? [event.chunk] : []
      )
      assert.deepStrictEqual(chunks.slice(0, 2), ["x = 1", "\ny = 2"])
      assert.strictEqual(chunks.join(""), "x = 1\ny = 2")
      const [request] = yield* lm.requests
      assert.include(LMRequest.textOf(request!.messages[0]!), "python code alone, without a code fence around it")
    }))

  it.effect("is a text: as an input, in an example, in a type of its own with checks", () =>
    Effect.gen(function*() {
      const review = Predict.fromSignature(
        Signature.fromSchemas({
          inputs: { code: Code.Code },
          outputs: { better: Code.of("sql").check(Schema.isMaxLength(10)) }
        }),
        { demos: [{ code: "```a```", better: "b" }] }
      )
      const { messages } = yield* Predict.prepare(review, { code: "```\nas it is\n```" })
      const asked = messages.map(LMRequest.textOf).join("\n")
      assert.include(asked, "```\nas it is\n```")
      assert.include(asked, "```a```")
      const lm = ScriptedLM.layer([
        ScriptedLM.json({ better: "```sql\nselect 12345\n```" }),
        ScriptedLM.json({ better: "```sql\nselect 1\n```" })
      ])
      const { better } = yield* review({ code: "x" }).pipe(Effect.provide([lm, JSONAdapter.layer]))
      assert.strictEqual(better satisfies string, "select 1")
    }))

  it("takes one language", () => {
    const problem = "Code takes the name of one language, as in Code['python']"
    // @ts-expect-error -- two languages
    assert.throws(() => Signature.make("-> a: Code['js', 'ts']"), problem)
    // @ts-expect-error -- no language
    assert.throws(() => Signature.make("-> a: Code[1]"), problem)
  })
})
