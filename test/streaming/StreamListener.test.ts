/** Listeners: which calls they report, and what of them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ChainOfThought, Module, Predict, Prediction, Streaming, StreamListener } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"
import { chunks, ends, text } from "./support/events.ts"

const qa = Predict.make("question -> answer")

describe("listeners", () => {
  const agent = Module.make(
    "Twice",
    { qa },
    ({ qa }) => (input: { readonly question: string }) =>
      Effect.flatMap(qa(input), ({ answer }) => qa({ question: answer }))
  )
  const replies = [ScriptedLM.chat({ answer: "one" }), ScriptedLM.chat({ answer: "two" })]

  it.effect("report the first call of a predictor, or every call with allowReuse", () =>
    Effect.gen(function*() {
      const heard = (allowReuse: boolean) =>
        Streaming.streamify(agent, {
          streamListeners: [StreamListener.make({ signatureFieldName: "answer", allowReuse })]
        })({
          question: "?"
        }).pipe(
          Stream.runCollect,
          Effect.map((events) => text(events, "answer")),
          Effect.provide(ScriptedLM.layer(replies))
        )
      assert.strictEqual(yield* heard(false), "one")
      assert.strictEqual(yield* heard(true), "onetwo")
    }))

  it.effect("hear copies of a program as they hear the program", () =>
    Effect.gen(function*() {
      const copy = Module.mapPredictors(agent, (predict) => Predict.withInstructions(predict, "Be brief."))
      const lm = yield* ScriptedLM.make(replies)
      const events = yield* Streaming.streamify(copy, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "qa" })]
      })({ question: "?" }).pipe(Stream.runCollect, Effect.provide(lm.layer))
      assert.strictEqual(text(events, "answer"), "one")
      assert.include(textAt((yield* lm.requests)[0], 0), "Be brief.")
    }))

  it.effect("with partial, report snapshots that grow to the value and never change", () =>
    Effect.gen(function*() {
      const program = Predict.make("text -> items: list[dict[str, int]]")
      const events = yield* Streaming.streamify(program, {
        streamListeners: [StreamListener.make({ signatureFieldName: "items", partial: true })]
      })({ text: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(
          ScriptedLM.layer([
            ScriptedLM.chunks([..."[[ ## items ## ]]\n[{\"a\": 1}, {\"b\": 22}]\n\n[[ ## completed ## ]]"])
          ])
        )
      )
      const partial = events.flatMap((event) => event._tag === "PartialResponse" ? [event] : [])
      const values = partial.map((event) => JSON.stringify(event.value))
      assert.include(values, "[{\"a\":1}]")
      assert.strictEqual(values.at(-1), "[{\"a\":1},{\"b\":22}]")
      assert.deepStrictEqual(partial.map((event) => event.isLastChunk).filter(Boolean), [true])
      assert.isTrue(partial.at(-1)!.isLastChunk)
    }))

  it.effect("of several completions the first one streams", () =>
    Effect.gen(function*() {
      const replies = [ScriptedLM.chat({ answer: "left side" }), ScriptedLM.chat({ answer: "right side" })]
      const lm = yield* ScriptedLM.make([ScriptedLM.completions(replies), ScriptedLM.completions(replies)])
      const listeners = [StreamListener.make({ signatureFieldName: "answer" })] as const
      for (const streaming of [Streaming.streamify(qa), Streaming.streamify(qa, { streamListeners: listeners })]) {
        const events = yield* streaming({ question: "?" }, { config: { n: 2 } }).pipe(
          Stream.runCollect,
          Effect.provide(lm.layer)
        )
        assert.strictEqual(text(events, "answer"), "left side")
        assert.strictEqual(ends(events).length, 1)
        assert.isTrue(Prediction.isPrediction(events.at(-1)))
      }
    }))

  it.effect("of several completions the first one alone is heard, whatever it shows, unless all are asked for", () =>
    Effect.gen(function*() {
      const listed = Predict.make("question -> items: list[int]")
      const search = { name: "search", parameters: { type: "object" } }
      const program = Module.make(
        "Program",
        { listed },
        ({ listed }) => (input: { readonly question: string }) => listed(input, { config: { n: 2 }, tools: [search] })
      )
      const call = { name: "search", arguments: {} }
      const reply = (text: string) => ScriptedLM.toolCalls([call], { text, finish: "stop" })
      const replies = [reply("[[ ## items ## ]]\n[1]"), reply("[[ ## items ## ]]\n[2]")]
      const partial = StreamListener.make({ signatureFieldName: "items", partial: true })
      const heard = (completions?: "all") =>
        Streaming.streamify(program, { streamListeners: [partial], completions })({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(ScriptedLM.layer([ScriptedLM.completions(replies)])),
          Effect.map((events) => ({
            values: events.flatMap((event) =>
              event._tag === "PartialResponse" && event.isLastChunk ? [event.value] : []
            ),
            calls: events.filter((event) => event._tag === "ToolCallDelta").length
          }))
        )
      assert.deepStrictEqual(yield* heard(), { values: [[1]], calls: 1 })
      assert.deepStrictEqual(yield* heard("all"), { values: [[1], [2]], calls: 2 })
    }))

  it.effect("all of several completions are told apart by their index", () =>
    Effect.gen(function*() {
      const streaming = Streaming.streamify(qa, { completions: "all" })
      const events = yield* streaming({ question: "?" }, { config: { n: 2 } }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.completions([
          ScriptedLM.chat({ answer: "left side" }),
          ScriptedLM.chat({ answer: "right side" })
        ])]))
      )
      const of = (index: number) =>
        chunks(events).filter((event) => event.completion === index).map((event) => event.chunk).join("")
      assert.deepStrictEqual([of(0), of(1)], ["left side", "right side"])
      const prediction = events.at(-1)
      assert.isTrue(Prediction.isPrediction(prediction))
      if (Prediction.isPrediction(prediction)) {
        assert.deepStrictEqual(Prediction.completions(prediction), [{ answer: "left side" }, { answer: "right side" }])
      }
    }))

  it.effect("native reasoning is the reasoning field", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(ChainOfThought.make("question -> answer"))({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(
          ScriptedLM.layer([ScriptedLM.chunks(["[[ ## answer ## ]]\nYes"], { reasoning: ["Let me", " think"] })])
        )
      )
      assert.strictEqual(text(events, "reasoning"), "Let me think")
      assert.deepStrictEqual(ends(events).map((event) => event.signatureFieldName), ["reasoning", "answer"])
      assert.strictEqual((events.at(-1) as { readonly reasoning?: string }).reasoning, "Let me think")
    }))
})
