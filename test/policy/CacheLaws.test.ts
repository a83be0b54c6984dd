/** Laws 1 and 2 of an answer that is given again, for every adapter: it streams as the first time, but for its pieces. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { Cache, Predict, Prediction, type StreamEvent, Streaming, Usage } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { forms } from "../support/adapters.ts"

const program = Predict.make("question -> title, points: list[str], score: float, notes: dict[str, str]")

/** Text that JSON, XML and markers have to quote. */
const Text = Schema.Array(
  Schema.Literals(["a", " b", "\n", "\"", "\\", "<x>", "&", "🌊", "[[ ## title ## ]]", "{", "]"])
)

interface Heard {
  /** The fields in the order in which they began. */
  readonly order: ReadonlyArray<string>
  readonly texts: Readonly<Record<string, string>>
  readonly ends: Readonly<Record<string, number>>
  readonly values: string
  readonly retracted: number
  readonly details: { readonly givenAgain: boolean; readonly calls: number }
}

const heardOf = (events: ReadonlyArray<object>): Heard => {
  const texts: Record<string, string> = {}
  const ends: Record<string, number> = {}
  let retracted = 0
  for (const event of events as ReadonlyArray<StreamEvent.StreamResponse | StreamEvent.Retracted>) {
    if (event._tag === "Retracted") retracted++
    if (event._tag !== "StreamResponse") continue
    const { chunk, isLastChunk, signatureFieldName: field } = event
    texts[field] = (texts[field] ?? "") + chunk
    ends[field] = (ends[field] ?? 0) + (isLastChunk ? 1 : 0)
  }
  const last = events.at(-1)
  assert.isTrue(Prediction.isPrediction(last))
  const prediction = last as Prediction.Prediction<object>
  return {
    order: Object.keys(texts),
    texts,
    ends,
    values: JSON.stringify(prediction),
    retracted,
    details: {
      givenAgain: Prediction.details(prediction).givenAgain,
      calls: Prediction.usage(prediction).calls
    }
  }
}

for (const { format, layer, name } of forms) {
  describe(`${name}: a hit is a miss`, () => {
    it.effect.prop(
      "whatever is answered, and however it is cut",
      {
        title: Text,
        points: Schema.Array(Text),
        notes: Schema.Array(Text),
        tokens: Schema.Boolean,
        chunks: Schema.Boolean,
        isWholeFirst: Schema.Boolean
      },
      ({ chunks, isWholeFirst, notes, points, title, tokens }) =>
        Effect.gen(function*() {
          const values = {
            // Around running text there is no white space, and it begins with no marker.
            title: `t${title.join("")}t`.replaceAll("[[", "[ ["),
            points: points.map((text) => text.join("")),
            score: 0.5,
            notes: Object.fromEntries(notes.map((text, i) => [`note${i}`, text.join("")]))
          }
          const reply = format(values, { tokens, usage: { inputTokens: 3 }, reasoning: "Hm." })
          const lm = yield* ScriptedLM.make([reply])
          yield* Effect.gen(function*() {
            const whole = program({ question: "?" })
            const streamed = Effect.map(Stream.runCollect(Streaming.streamify(program)({ question: "?" })), heardOf)
            const first = isWholeFirst ? yield* Effect.as(whole, undefined) : yield* streamed
            const again = yield* streamed
            const once = yield* streamed
            assert.deepStrictEqual(again, once)
            assert.deepStrictEqual(again.details, { givenAgain: true, calls: 0 })
            assert.strictEqual(again.values, JSON.stringify(values))
            assert.strictEqual(again.texts["title"], values.title)
            assert.deepStrictEqual(JSON.parse(again.texts["points"]!), values.points)
            assert.deepStrictEqual(again.ends, { title: 1, points: 1, score: 1, notes: 1 })
            assert.strictEqual(again.retracted, 0)
            if (first !== undefined) {
              assert.deepStrictEqual({ ...again, details: first.details }, first)
              assert.deepStrictEqual(first.details, { givenAgain: false, calls: 1 })
            }
            const prediction = yield* whole
            assert.strictEqual(JSON.stringify(prediction), JSON.stringify(values))
            assert.deepStrictEqual(Prediction.usage(prediction), Usage.empty)
          }).pipe(Effect.provide([layer, lm.layer.pipe(Cache.layer({ chunks }))]))
          yield* lm.assertComplete
        }),
      { arbitrary: { runs: 60, size: 5, seed: 1 }, timeout: 60_000 }
    )
  })
}
