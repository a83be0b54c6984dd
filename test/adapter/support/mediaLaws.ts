/** The laws of writing pictures, sounds and files. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { History, Image, LMContent, type LMRequest, Predict } from "effect-lm"
import { textOf } from "effect-lm/lm/LMRequest"
import * as Signature from "effect-lm/signature/Signature"
import { ScriptedLM } from "effect-lm/testing"
import { formOf } from "../../support/adapters.ts"
import { rows as said, textAt } from "../../support/said.ts"
import { askedOf, call } from "./asked.ts"
import type { Row } from "./rows.ts"

export const mediaLaws = ({ adapter, isShaped, name }: Row): void => {
  const { format, layer } = formOf(adapter)
  const asked = askedOf(adapter)
  describe(`${name}: pictures, sounds and files`, () => {
    const image = (data: string): LMContent.Image => ({
      _tag: "Image",
      source: { _tag: "Base64", data, mediaType: "image/png" }
    })
    const pdf: LMContent.File = {
      _tag: "File",
      source: { _tag: "Url", url: "https://example.com/a.pdf" },
      name: "a.pdf"
    }
    const see = Signature.fromSchemas({
      inputs: {
        before: Schema.String,
        photo: Image.Image,
        pages: Schema.Array(LMContent.Given),
        marked: Schema.optionalKey(Schema.Struct({ picture: Image.Image, note: Schema.String })),
        question: Schema.String,
        history: History.History
      },
      outputs: { answer: Schema.String }
    })
    const inputs = (data: string) => ({
      before: "B",
      photo: image(data),
      pages: [pdf, image(data + data)],
      question: "Q"
    })
    /** What a message is made of: texts as they are, and the others. */
    const kinds = ({ content }: LMRequest.Message) => content.map((part) => part._tag)

    it("stand at their places in the question, in examples and in the turns before, under their labels", () => {
      const messages = asked(
        call(see, { ...inputs("bytes3"), history: History.make([{ ...inputs("bytes2"), answer: "A" }]) }, {
          demos: [{ inputs: inputs("bytes1"), outputs: { answer: "A" } }]
        })
      )
      assert.strictEqual(messages.length, 6)
      for (const [at, data] of [[1, "bytes1"], [3, "bytes2"], [5, "bytes3"]] as const) {
        const { content } = messages[at]!
        assert.deepStrictEqual(kinds(messages[at]!), ["Text", "Image", "Text", "File", "Image", "Text"])
        assert.deepStrictEqual([content[1], content[3], content[4]], [image(data), pdf, image(data + data)])
        const [before, , label, , , after] = content.map((part) => part._tag === "Text" ? part.text : "")
        const labelled = (name: string, text: string) => adapter.form!.input(name, text, text === "|" ? "json" : "text")
        const [first, second] = labelled("photo", "|").split("|")
        assert.strictEqual(before, `${labelled("before", "B")}\n\n${first}`)
        assert.strictEqual(label, `${second}\n\n${labelled("pages", "|").split("|")[0]}`)
        assert.include(after, labelled("question", "Q"))
      }
      assert.notInclude(said(messages).join(), "bytes")
      assert.include(textAt({ messages }, 0), "- photo (Image)\n- pages (Array<")
      assert.notInclude(textAt({ messages }, 0), "Base64")
    })

    it("at the end of an example, without a blank text behind it", () => {
      const last = Signature.fromSchemas({ inputs: { photo: LMContent.Image }, outputs: { answer: Schema.String } })
      const demos = [{ inputs: { photo: image("1") }, outputs: { answer: "A" } }]
      for (const { content } of asked(call(last, { photo: image("2") }, { demos }))) {
        for (const part of content) if (part._tag === "Text") assert.notStrictEqual(part.text.trim(), "")
      }
    })

    it("in an object, too", () => {
      const marked = { picture: image("bytes"), note: "\ufffe and \"so\"" }
      const { content } = asked(call(see, { marked, question: "Q" })).at(-1)!
      assert.deepStrictEqual(content[1], marked.picture)
      assert.strictEqual(content.length, 3)
      assert.include(LMContent.textOf(content), `{"picture":,"note":"\\ufffe and \\"so\\""}`)
    })

    it("where a model is held to the form, in the plain prompt", () => {
      const shape = adapter.shape(
        call(see, inputs("bytes"), { demos: [{ inputs: inputs("1"), outputs: { answer: "A" } }] })
      )
      assert.strictEqual(shape !== undefined, isShaped)
      if (shape === undefined) return
      for (const at of [1, 3]) {
        assert.deepStrictEqual(kinds(shape.prompt[at]!), ["Text", "Image", "Text", "File", "Image", "Text"])
      }
      assert.deepStrictEqual(said(shape.prompt.slice(-1)), [["user", "Before: B\nPhoto: \nPages: \nQuestion: Q"]])
    })

    it.effect("reach the model from a program", () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make([format({ answer: "a cat" })])
        const program = Predict.fromSignature(see)
        const { answer } = yield* program({ ...inputs("byte"), history: History.empty }).pipe(
          Effect.provide([layer, lm.layer])
        )
        assert.strictEqual(answer, "a cat")
        const [request] = yield* lm.requests
        assert.deepStrictEqual(kinds(request!.messages[1]!), ["Text", "Image", "Text", "File", "Image", "Text"])
      }))

    it("as an output, and in an answer of other fields, are words", () => {
      const draw = Signature.fromSchemas({
        inputs: { question: Schema.String, history: History.History },
        outputs: { picture: LMContent.Image }
      })
      const history = History.make([{ question: "?", picture: image("bytes") }, {
        question: "?",
        other: image("bytes")
      }])
      const messages = asked(call(draw, { question: "?", history }))
      assert.notInclude(JSON.stringify(messages), "bytes")
      assert.include(textOf(messages[2]!), "(an image)")
    })
  })
}
