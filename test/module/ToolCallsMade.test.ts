/** What becomes of chosen calls: the program makes them, and the model is told. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema, Stream } from "effect"
import {
  Approval,
  EventCodec,
  History,
  LMRequest,
  Module,
  Predict,
  Streaming,
  Tool,
  ToolCalls,
  TwoStepAdapter
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

const weather = Tool.make("weather", {
  description: "The weather of a city",
  parameters: { city: Schema.String }
}, ({ city }) => Effect.as(Effect.sleep(city === "Paris" ? 20 : 1), `sunny in ${city}`))
const pay = Tool.make("pay", { parameters: { amount: Schema.Finite }, needsApproval: true }, ({ amount }) => amount)
const broken = Tool.make("broken", {}, () => {
  throw new Error("out of order")
})
const tools = [weather, pay, broken]

const choose = Predict.make("question, tools: list[Tool], history: History -> calls: ToolCalls, answer: str | None")
const input = { question: "Is it warm?", tools }
const calls = ToolCalls.make([
  { name: "weather", args: { city: "Paris" } },
  { name: "weather", args: { city: "Rome" } },
  { name: "broken" },
  { name: "pay", args: { amount: 2 } },
  { name: "gone" }
])
const inText = { capabilities: { tools: false } }
const native = ScriptedLM.toolCalls([{ name: "weather", arguments: { city: "Rome" } }])
const written = ScriptedLM.chat({ calls: [{ name: "weather", args: { city: "Rome" } }], answer: null })
const final = ScriptedLM.chat({ calls: [], answer: "Yes" })
const ways = [["natively", native, {}], ["in text", written, inText]] as const

const roles = (request: LMRequest.LMRequest | undefined) => (request?.messages ?? []).map(({ role }) => role)
const texts = (request: LMRequest.LMRequest | undefined) => (request?.messages ?? []).map(LMRequest.textOf)

describe("ToolCalls.execute", () => {
  it.live("gives what came of each call in their order, with approvals and typed errors", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const approving = Approval.layer((request) => {
        asked.push(request.toolCallId)
        return Effect.succeed(Approval.refuse("too much"))
      })
      const observations = yield* Effect.provide(ToolCalls.execute(calls, tools), approving)
      assert.deepStrictEqual(
        observations.map((observation) =>
          observation._tag === "Success" ? observation.value : observation.error.reason._tag
        ),
        ["sunny in Paris", "sunny in Rome", "Failed", "Refused", "UnknownTool"]
      )
      assert.deepStrictEqual(asked, ["call_4"])
      assert.deepStrictEqual(ToolCalls.answered(calls, observations).map(({ result }) => result).slice(0, 2), [
        "sunny in Paris",
        "sunny in Rome"
      ])
    }))

  it.live("observers see the calls under their ids, at the place of the program", () =>
    Effect.gen(function*() {
      const program = Module.make(
        "P",
        { choose },
        ({ choose }) =>
          Effect.fnUntraced(function*(input: { readonly question: string }) {
            const { calls } = yield* choose({ ...input, tools })
            const observations = yield* ToolCalls.execute(calls, tools)
            return { answers: observations.map(({ text }) => text) }
          })
      )
      const events = yield* Stream.runCollect(
        Stream.provide(Streaming.streamify(program)({ question: "?" }), ScriptedLM.layer([native]))
      )
      const ids = events.flatMap((event) => event._tag === "ToolCallDelta" ? [event.toolCallId] : [])
      assert.deepStrictEqual(ids, ["call_1"])
      const last = events.at(-1)
      assert.deepStrictEqual(last?._tag === "Prediction" && last.answers, ["sunny in Rome"])
    }))
})

describe("the model is told", () => {
  for (const [way, chosen, options] of ways) {
    it.live(`as a turn of the call, ${way}`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make([chosen, final], options)
        const { answer } = yield* Effect.gen(function*() {
          const first = yield* choose(input)
          const observations = yield* ToolCalls.execute(first.calls, tools)
          return yield* choose(input, { turns: [ToolCalls.turn(first, observations)] })
        }).pipe(Effect.provide(lm.layer))
        assert.strictEqual(answer, "Yes")
        const [first, second] = yield* lm.requests
        assert.deepStrictEqual(second!.messages.slice(0, 2), first!.messages)
        assert.deepStrictEqual(roles(second).slice(2), ["assistant", way === "natively" ? "tool" : "user"])
        assert.include(texts(second).at(-1), "sunny in Rome")
      }))

    it.live(`as a turn of a history, which is JSON, ${way}`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make([final], options)
        const [call] = calls
        const observations = yield* ToolCalls.execute([call!], tools)
        const history = History.append(History.empty, {
          question: "Paris?",
          answer: null,
          calls: ToolCalls.answered([call!], observations)
        })
        const stored: History.History = JSON.parse(JSON.stringify(history))
        yield* Effect.provide(choose({ question: "So?", tools, history: stored }), lm.layer)
        const [request] = yield* lm.requests
        assert.deepStrictEqual(
          roles(request).slice(1),
          way === "natively" ? ["user", "assistant", "tool", "user"] : ["user", "assistant", "user"]
        )
        assert.include(texts(request).slice(3).join("\n"), "sunny in Paris")
        assert.notInclude(texts(request)[2], "sunny")
        assert.strictEqual(LMRequest.toolCallsOf(request!.messages[2]!).length, way === "natively" ? 1 : 0)
        assert.strictEqual(texts(request)[2]!.includes("\"city\":\"Paris\""), way === "in text")
      }))

    it.effect(`by examples, saved and loaded, ${way}`, () =>
      Effect.gen(function*() {
        const shown = Predict.withDemos(choose, [{ question: "Rome?", calls: calls.slice(1, 2), answer: null }])
        const state = yield* Module.save(shown)
        const loaded = yield* Module.load(choose, JSON.stringify(state))
        assert.deepStrictEqual(loaded.settings.demos, shown.settings.demos)
        const lm = yield* ScriptedLM.make([final], options)
        yield* Effect.provide(loaded(input), lm.layer)
        const [request] = yield* lm.requests
        assert.include(texts(request)[1], "Rome?")
        const demo = request!.messages[2]!
        if (way === "natively") {
          assert.deepStrictEqual(LMRequest.toolCallsOf(demo).map(({ name }) => name), ["weather"])
          assert.deepStrictEqual(roles(request).slice(1), ["user", "assistant", "tool", "user"])
        } else {
          assert.include(LMRequest.textOf(demo), "[{\"name\":\"weather\",\"args\":{\"city\":\"Rome\"}}]")
        }
      }))
  }
})

it.effect("TwoStep extracts calls of the tools that there are", () =>
  Effect.gen(function*() {
    const lm = yield* ScriptedLM.make(["I would ask for the weather in Rome.", written])
    const { calls } = yield* Effect.provide(choose(input), [lm.layer, TwoStepAdapter.layerSame])
    assert.deepStrictEqual(calls.map(({ args, name }) => [name, args]), [["weather", { city: "Rome" }]])
    const [draft, extraction] = yield* lm.requests
    assert.include(texts(draft).join(), "The weather of a city")
    assert.include(texts(extraction).join(), "The weather of a city")
  }))

it.effect("the events of a call cross a wire: a tool is there what a model is told of it", () =>
  Effect.gen(function*() {
    const codec = EventCodec.make(choose)
    const events = yield* Stream.runCollect(
      Stream.provide(Streaming.streamify(choose)(input), ScriptedLM.layer([native]))
    )
    const again = events.map((event) =>
      Result.getOrThrow(codec.decode(JSON.parse(JSON.stringify(codec.encode(event)))))
    )
    assert.deepStrictEqual({ ...again.at(-1) }, { ...events.at(-1) })
  }))
