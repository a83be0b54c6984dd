/** An adapter from outside, with public imports only: it streams without knowing of parts, ends, values or errors. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result, Stream } from "effect"
import { Adapter, ChatAdapter, CurrentAdapter, Predict, type Scanner, type Signature, Streaming } from "effect-lm"
import { user } from "effect-lm/lm/LMRequest"
import { ScriptedLM } from "effect-lm/testing"
import { decodeEverySplit, valuesOf } from "./support.ts"

/** Replies as lines `name: value`; a line without a name goes on with the value. Keeps back no more than a line's first word. */
const lineScanner = (signature: Signature.Any): Scanner.Scanner => {
  const names = signature.outputFields.map((field) => field.name)
  let start = ""
  let atStart = true
  return {
    push: (text, sink) => {
      for (const char of text) {
        if (!atStart) {
          sink.write(char)
        } else if (char === ":" && names.includes(start)) {
          sink.open(start, { bare: true })
          start = ""
          atStart = false
        } else {
          start += char
          if (!names.some((name) => name.startsWith(start))) {
            sink.write(start)
            start = ""
            atStart = false
          }
        }
        if (char === "\n") atStart = true
      }
    },
    end: (sink) => sink.write(start)
  }
}

const LineAdapter = Adapter.make({
  name: "Line",
  format: ({ config, inputs, signature }) => ({
    messages: [
      user(
        `${signature.instructions}\n${JSON.stringify(inputs)}\n${
          signature.outputFields.map((field) => `${field.name}: ...`).join("\n")
        }`
      )
    ],
    config,
    responseFormat: { _tag: "Text" }
  }),
  scanner: lineScanner
})

const program = Predict.make("question -> title, points: list[int], answer")
const reply = "title: On tides\npoints: [1, 2]\nanswer: a moon\nand: a sea\nansweredly"

describe("an adapter from outside", () => {
  it("laws 1 and 2: every split of a reply comes to the same", () => {
    const decoded = decodeEverySplit(LineAdapter, program.signature, reply)
    assert.deepStrictEqual(valuesOf(decoded), {
      title: "On tides",
      points: [1, 2],
      answer: "a moon\nand: a sea\nansweredly"
    })
    assert.deepStrictEqual(decoded.texts["points"], "[1, 2]")
  })

  it("law 5: what is missing or wrong is its error, with the default feedback", () => {
    const decoder = LineAdapter.decoder(program.signature)
    decoder.push("title: x\npoints: many\n")
    const error = Result.getOrThrow(Result.flip(decoder.end().result))
    assert.strictEqual(error.adapter, "Line")
    assert.deepStrictEqual(error.missing, ["answer"])
    assert.strictEqual(
      LineAdapter.feedback(error),
      "Your reply could not be used:\n- points: expected array\n- answer: is missing\n\n" +
        "Write the whole reply again, corrected, in the form that was asked for."
    )
  })

  it.effect("streams in a program", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.text(reply, { tokens: true })])
      const events = yield* Streaming.streamify(program)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(Layer.merge(lm.layer, Layer.succeed(CurrentAdapter, LineAdapter)))
      )
      const chunks = events.flatMap((event) => event._tag === "StreamResponse" ? [event] : [])
      const text = (field: string) =>
        chunks.flatMap((event) => event.signatureFieldName === field ? [event.chunk] : []).join("")
      assert.strictEqual(text("title"), "On tides")
      assert.strictEqual(text("answer"), "a moon\nand: a sea\nansweredly")
      assert.strictEqual(chunks.filter((event) => event.isLastChunk).length, 3)
      const [request] = yield* lm.requests
      assert.strictEqual(request!.messages.length, 1)
    }))

  it.effect("falls back on another adapter", () =>
    Effect.gen(function*() {
      const withFallback = { ...LineAdapter, fallback: ChatAdapter.make() }
      const lm = yield* ScriptedLM.make(["no lines", ScriptedLM.chat({ title: "t", points: [], answer: "a" })])
      const prediction = yield* program({ question: "?" }).pipe(
        Effect.provide(Layer.merge(lm.layer, Layer.succeed(CurrentAdapter, withFallback)))
      )
      assert.deepStrictEqual({ ...prediction }, { title: "t", points: [], answer: "a" })
    }))
})
