/** Pictures, sounds and files that tools give: how the model is told of them, and what merely looks like one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Audio, File, Image, type LMContent, Module, ModuleTool, Signature, Step, Tool, Toolbox } from "effect-lm"

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
const cat = Image.fromBase64(png)
const paper = File.fromUrl("https://example.com/a.pdf", { name: "a.pdf" })
const wav = Audio.fromDataUri("data:audio/wav;base64,UklGRgAAAABXQVZF")

/** What a model is told of a result. */
const told = (one: Tool.Any | Tool.PlainFunction, options: Toolbox.Options = {}) =>
  Effect.gen(function*() {
    const box = yield* Toolbox.resolve([one], options)
    const observation = yield* box.call({ name: box.names[0]!, arguments: { _tag: "Json", value: {} } })
    assert.strictEqual(observation._tag, "Success", observation.text)
    const { parts, text, value } = observation as Toolbox.Success
    return { parts, text, value }
  })

describe("content that a tool has made", () => {
  const rows: ReadonlyArray<
    readonly [name: string, value: unknown, text: string, parts: ReadonlyArray<LMContent.Media>]
  > = [
    ["alone", cat, "[image 1]", [cat]],
    ["each kind, with a file's name", [cat, wav, paper], "[image 1]\n[recording 2]\n[file 3: a.pdf]", [
      cat,
      wav,
      paper
    ]],
    ["among texts", ["Before:", cat, "After."], "Before:\n[image 1]\nAfter.", [cat]],
    ["in an object", { of: "it", all: [cat, cat] }, "{\"of\":\"it\",\"all\":[\"[image 1]\",\"[image 2]\"]}", [cat, cat]]
  ]
  for (const [name, value, text, parts] of rows) {
    it.effect(`is told as a note in the text, and as itself behind it: ${name}`, () =>
      Effect.gen(function*() {
        for (const made of [() => value, () => Promise.resolve(value), () => Effect.succeed(value)]) {
          assert.deepStrictEqual(yield* told(Tool.make("shot", {}, made)), { parts, text, value })
        }
      }))
  }

  it.effect("of a plain function, too; the text is bounded as any is", () =>
    Effect.gen(function*() {
      const shot = () => ["x".repeat(100), cat]
      const { parts, text } = yield* told(shot, { maxTextLength: 10 })
      assert.strictEqual(text, `${"x".repeat(10)}\n[100 more characters were left out]`)
      assert.deepStrictEqual(parts, [cat])
    }))

  it.effect("is what a success schema says that it is, at any place", () =>
    Effect.gen(function*() {
      const copy = JSON.parse(JSON.stringify({ of: "it", photo: cat }))
      const schemas = Schema.Struct({ of: Schema.String, photo: Image.Image })
      assert.deepStrictEqual(yield* told(Tool.make("shot", { success: schemas }, () => copy)), {
        parts: [cat],
        text: "{\"of\":\"it\",\"photo\":\"[image 1]\"}",
        value: copy
      })
    }))

  it.effect("is an output of a module that is a tool", () =>
    Effect.gen(function*() {
      const draw = Module.make("Draw", {}, () => () => Effect.succeed({ picture: cat })).pipe(
        Module.withSignature(Signature.fromSchemas({ inputs: {}, outputs: { picture: Image.Image } }))
      )
      const { parts, text } = yield* told(ModuleTool.make(draw, { name: "draw" }))
      assert.deepStrictEqual([text, parts], ["{\"picture\":\"[image 1]\"}", [cat]])
    }))

  it.effect("is stored with its step, and given again", () =>
    Effect.gen(function*() {
      let stored: unknown
      let runs = 0
      const shot = Tool.make("shot", {}, () => {
        runs++
        return [cat, "!"]
      })
      const perform: Step.Perform = (step, self) => {
        const codec = Schema.toCodecJson(step.success)
        return stored === undefined
          ? Effect.map(self, (value) => {
            stored = JSON.parse(JSON.stringify(Schema.encodeUnknownSync(codec as never)(value)))
            return value
          })
          : Effect.sync(() => Schema.decodeUnknownSync(codec as never)(stored) as never)
      }
      const one = yield* Effect.provideService(told(shot), Step.Performer, perform)
      const again = yield* Effect.provideService(told(shot), Step.Performer, perform)
      assert.deepStrictEqual(again, one)
      assert.deepStrictEqual(again.parts, [cat])
      assert.strictEqual(runs, 1)
    }))

  it.effect("is not what merely looks like it: a provider would load what it names", () =>
    Effect.gen(function*() {
      for (
        const value of [
          { _tag: "Image", source: { _tag: "Url", url: "http://169.254.169.254/" } },
          [JSON.parse(JSON.stringify(cat))]
        ]
      ) {
        for (
          const one of [
            Tool.make("web", {}, () => value),
            Tool.make("web", { success: Schema.Json }, () => value)
          ]
        ) {
          assert.deepStrictEqual(yield* told(one), { parts: undefined, text: JSON.stringify(value), value })
        }
      }
    }))
})
