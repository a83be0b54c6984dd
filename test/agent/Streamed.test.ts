/** What an agent streams: fields, tool calls, tools, and what programs among its tools stream. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Module, ModuleTool, Predict, ReAct, Streaming, StreamListener } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { add, agent, answer, done, predictionIn, text, turn } from "./support/agents.ts"

describe("an agent streams", () => {
  it.effect("the predictors' fields, tool calls as the model writes them, and tools, with their turn", () =>
    Effect.gen(function*() {
      const args = { a: 1, b: 2 }
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ id: "x", name: "add", arguments: args }], { text: "I add them", tokens: true }),
        done,
        answer
      ])
      const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      const deltas = events.flatMap((event) => event._tag === "ToolCallDelta" ? [event] : [])
      assert.isAbove(deltas.length, 1)
      assert.deepStrictEqual(JSON.parse(deltas.map((event) => event.argumentsDelta).join("")), args)
      assert.isTrue(deltas.every((event) => event.toolCallId === "x" && event.toolName === "add"))
      assert.deepStrictEqual(
        events.flatMap((event) =>
          event._tag === "ToolStart"
            ? [event.inputs]
            : event._tag === "ToolEnd"
            ? [event.outcome]
            : []
        ),
        [args, { _tag: "Success", value: 3 }]
      )
      for (const event of events) {
        if (event._tag === "Prediction" || event._tag === "StepsDropped") continue
        const inExtract = event._tag === "StreamResponse" && event.predictName === "extract"
        const isSecond = event._tag === "StreamResponse" && event.chunk.startsWith("I know")
        if (inExtract) assert.strictEqual(event.iteration, 3)
        else if (!isSecond) assert.include([1, 2], event.iteration)
      }
      const ends = events.filter((event) => event._tag === "StreamResponse" && event.isLastChunk)
      assert.lengthOf(ends, 4)
    }))

  it.effect("to listeners: the answer, and with allowReuse every turn's thought", () =>
    Effect.gen(function*() {
      const heard = (allowReuse: boolean) =>
        Streaming.streamify(agent, {
          streamListeners: [
            StreamListener.make({ signatureFieldName: "next_thought", allowReuse }),
            StreamListener.make({ signatureFieldName: "answer" })
          ]
        })({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.map((events) =>
            events.flatMap((event) => event._tag === "StreamResponse" && event.chunk !== "" ? [event.chunk] : [])
          ),
          Effect.provide(
            ScriptedLM.layer([turn("add", { a: 1, b: 2 }, "one"), turn("finish", {}, "two"), answer], text)
          )
        )
      assert.deepStrictEqual(yield* heard(false), ["one", "3"])
      assert.deepStrictEqual(yield* heard(true), ["one", "two", "3"])
    }))

  it.effect("a tool that is a program, under its own path", () =>
    Effect.gen(function*() {
      const translate = ModuleTool.make(Predict.make("text, language -> translation"), { name: "translate" })
      const polyglot = ReAct.make("question -> answer", { tools: [translate, add] })
      const inner = Module.make("Outer", { polyglot }, ({ polyglot }) => (input: { readonly question: string }) =>
        polyglot(input))
      const events = yield* Streaming.streamify(inner, {
        streamListeners: [StreamListener.make({ signatureFieldName: "translation", predictName: "tools.translate" })]
      })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([
          ScriptedLM.toolCalls([{ name: "translate", arguments: { text: "sea", language: "French" } }]),
          ScriptedLM.chat({ translation: "mer" }),
          done,
          ScriptedLM.chat({ reasoning: "r", answer: "mer" })
        ]))
      )
      const responses = events.flatMap((event) =>
        event._tag === "StreamResponse" ? [event] : []
      )
      assert.deepStrictEqual(responses.map(({ chunk }) => chunk).join(""), "mer")
      assert.deepStrictEqual(responses[0]!.predictName, "polyglot.tools.translate")
      assert.strictEqual(responses[0]!.iteration, 1)
      const { trajectory } = predictionIn(events)
      assert.strictEqual(trajectory[0]!.calls[0]!.observation, "{\"translation\":\"mer\"}")
    }))
})
