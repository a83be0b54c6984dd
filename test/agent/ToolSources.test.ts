/** Where an agent's tools come from: toolkits, and the registry as it is when the run begins. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { ReAct, Streaming, ToolRegistry } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { Tool as AiTool, Toolkit } from "effect/ai"
import { textAt } from "../support/said.ts"
import { add, answer, divide, done, finish, predictionIn, slow, text } from "./support/agents.ts"

describe("where tools come from", () => {
  class CityNotFound
    extends Schema.TaggedError<CityNotFound>("test/CityNotFound")("CityNotFound", { city: Schema.String })
  {}
  const GetWeather = AiTool.make("GetWeather", {
    description: "The weather of a city",
    parameters: Schema.Struct({ city: Schema.String }),
    success: Schema.Struct({ celsius: Schema.Finite }),
    failure: CityNotFound
  })
  const Weather = Toolkit.make(GetWeather)
  const WeatherLive = Weather.toLayer({
    GetWeather: ({ city }, { preliminary }) =>
      city === "Atlantis"
        ? Effect.fail(new CityNotFound({ city }))
        : Effect.as(preliminary({ celsius: -1 }), { celsius: 21 })
  })
  const script = [
    ScriptedLM.toolCalls([
      { name: "GetWeather", arguments: { city: "Rome" } },
      { name: "GetWeather", arguments: { city: "Atlantis" } }
    ]),
    done,
    ScriptedLM.chat({ reasoning: "r", answer: "warm" })
  ]

  it.effect("an effect/ai toolkit with its handlers, whose preliminary results are progress", () =>
    Effect.gen(function*() {
      const forecaster = ReAct.make("question -> answer", { tools: Weather })
      const events = yield* Streaming.streamify(forecaster)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(Layer.merge(WeatherLive, ScriptedLM.layer(script)))
      )
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "ToolProgress" ? [event.value] : []),
        [{ celsius: -1 }]
      )
      const last = predictionIn(events)
      assert.deepStrictEqual(last.trajectory[0]!.calls.map(({ isFailure }) => isFailure), [false, true])
      assert.strictEqual(last.trajectory[0]!.calls[0]!.observation, "{\"celsius\":21}")
    }))

  it.effect("the registry, as it is when the run begins", () =>
    Effect.gen(function*() {
      const dynamic = ReAct.make("question -> answer", { tools: ToolRegistry })
      const registry = Layer.mergeAll(
        ToolRegistry.add(add),
        ToolRegistry.addToolkit(Weather).pipe(Layer.provide(WeatherLive))
      )
        .pipe(Layer.provideMerge(ToolRegistry.layer))
      const lm = yield* ScriptedLM.make(script)
      const { trajectory } = yield* dynamic({ question: "?" }).pipe(Effect.provide(Layer.merge(registry, lm.layer)))
      assert.strictEqual(trajectory[0]!.calls[0]!.observation, "{\"celsius\":21}")
      assert.deepStrictEqual((yield* lm.requests)[0]!.tools!.map(({ name }) => name), ["GetWeather", "add"])
    }))

  it.effect("tools that changed between two runs are told as they are", () =>
    Effect.gen(function*() {
      const dynamic = ReAct.make("question -> answer: int", { tools: ToolRegistry })
      const seen: Array<string> = []
      for (const layer of [text, { capabilities: { tools: true, jsonSchema: false } }]) {
        for (const tools of [[add], [divide], [add, slow]]) {
          const replies = layer === text ? [finish, answer] : [done, answer]
          const lm = yield* ScriptedLM.make(replies, layer)
          yield* dynamic({ question: "?" }).pipe(Effect.provide([ToolRegistry.layerTools(...tools), lm.layer]))
          const [first] = yield* lm.requests
          const told = first!.tools?.map(({ name }) => name) ??
            ["add", "divide", "slow"].filter((name) => textAt(first, 0).includes(`- ${name}`))
          seen.push(told.join(" "))
        }
      }
      assert.deepStrictEqual(seen, ["add", "divide", "add slow", "add", "divide", "add slow"])
    }))
})
