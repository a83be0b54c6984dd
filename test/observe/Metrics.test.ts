/** Metrics of what programs do, in Effect's registry. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Metric, Stream } from "effect"
import { LMEvent, LMReason, Predict, ReAct, Retry, Streaming, StreamListener, Telemetry, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const model = "openai/gpt-4o-mini"
const question = { question: "?" }
const usage = { inputTokens: 10, outputTokens: 2 }
const server = new LMReason.Server({ description: "broken" })

interface Point {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly count: number
  readonly sum: number
}

/** What a program adds to a registry of its own, an hour at a time. */
const measured = Effect.fnUntraced(function*<A, E>(self: Effect.Effect<A, E>) {
  const fiber = yield* self.pipe(
    Telemetry.observe(),
    Effect.exit,
    Effect.andThen(Metric.snapshot),
    Effect.provideService(Metric.MetricRegistry, new Map()),
    Effect.forkChild
  )
  yield* TestClock.adjust("1 hour")
  const all = yield* Fiber.join(fiber)
  return all.map(({ attributes, id, state }): Point => {
    const { count, sum } = state as { readonly count: number; readonly sum?: number }
    return { name: id, attributes: attributes ?? {}, count: Number(count), sum: sum ?? Number(count) }
  })
})

const only = (points: ReadonlyArray<Point>, name: string, attributes: Readonly<Record<string, string>> = {}) => {
  const found = points.filter((point) =>
    point.name === name && Object.entries(attributes).every(([key, value]) => point.attributes[key] === value)
  )
  assert.strictEqual(found.length, 1, `${name} of ${points.map(({ name }) => name).join(", ")}`)
  return found[0]!
}

describe("metrics", () => {
  it.effect("of a model call: duration and tokens", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question -> answer")
      const slow = ScriptedLM.chat({ answer: "Paris" }, { usage, delay: "2 seconds" })
      const points = yield* measured(qa(question).pipe(Effect.provide(ScriptedLM.layer([slow], { model }))))
      const duration = only(points, "gen_ai.client.operation.duration")
      assert.deepStrictEqual(duration, {
        name: "gen_ai.client.operation.duration",
        attributes: {
          unit: "s",
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": "openai",
          "gen_ai.request.model": "gpt-4o-mini"
        },
        count: 1,
        sum: 2
      })
      const tokens = (type: string) => only(points, "gen_ai.client.token.usage", { "gen_ai.token.type": type })
      assert.deepInclude(tokens("input"), { count: 1, sum: 10 })
      assert.deepInclude(tokens("output"), { count: 1, sum: 2 })
      assert.deepInclude(only(points, "gen_ai.workflow.duration", { "gen_ai.workflow.name": "Predict" }), { sum: 2 })
      // Nothing of the call was streamed, retried, or given again.
      assert.strictEqual(points.length, 4)
    }))

  it.effect("of agents and tools, and of failures by their kind", () =>
    Effect.gen(function*() {
      const look = Tool.make("look", {}, () => Effect.delay(Effect.fail("no"), "3 seconds"))
      const agent = ReAct.make("question -> answer", { tools: [look], toolCalls: "native" })
      const script = [ScriptedLM.toolCalls([{ name: "look", arguments: {} }]), ScriptedLM.fail(server)]
      const points = yield* measured(agent(question).pipe(Effect.provide(ScriptedLM.layer(script, { model }))))
      const tool = only(points, "gen_ai.execute_tool.duration")
      assert.deepInclude(tool, { sum: 3 })
      assert.deepInclude(tool.attributes, { "gen_ai.tool.name": "look" })
      assert.isDefined(tool.attributes["error.type"])
      assert.deepInclude(only(points, "gen_ai.invoke_agent.duration", { "error.type": "Server" }), { sum: 3 })
      assert.deepInclude(only(points, "gen_ai.client.operation.duration", { "error.type": "Server" }), { count: 1 })
      // What is estimated is no part of the tokens: the provider has said nothing of them.
      assert.isFalse(points.some(({ name }) => name === "gen_ai.client.token.usage"))
    }))

  it.effect("of a stream: the time to its first piece, and to that of each field", () =>
    Effect.gen(function*() {
      const think = Predict.make("question -> thought, answer")
      const pieces = ["[[ ## thought ## ]]\n", "hm\n\n[[ ## answer ## ]]\n", "Paris"]
      const slow = ScriptedLM.chunks(pieces, { usage, delay: "1 second" })
      const streamed = Streaming.streamify(think, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })
      const points = yield* measured(
        Stream.runDrain(streamed(question)).pipe(Effect.provide(ScriptedLM.layer([slow], { model })))
      )
      assert.deepInclude(only(points, "gen_ai.client.operation.time_to_first_chunk"), { count: 1, sum: 1 })
      const field = (name: string) => only(points, "effect_lm.time_to_field", { "effect_lm.field": name })
      assert.deepInclude(field("thought"), { count: 1, sum: 2 })
      assert.deepInclude(field("answer"), { count: 1, sum: 3 })
      assert.strictEqual(field("answer").attributes["effect_lm.path"], "self")
    }))

  it.effect("of retries and of what is given again", () =>
    Effect.gen(function*() {
      const qa = Predict.make("question -> answer")
      const paris = ScriptedLM.chat({ answer: "Paris" }, { usage })
      const again = ScriptedLM.events([[LMEvent.GivenAgain.make({}), ...paris.reads.flatMap(({ events }) => events)]])
      const script = [ScriptedLM.fail(server), ScriptedLM.fail(server), paris, again]
      const points = yield* measured(
        Effect.andThen(qa(question), qa(question)).pipe(
          Effect.provide(ScriptedLM.layer(script, { model }).pipe(Retry.layer({ times: 3 })))
        )
      )
      assert.strictEqual(only(points, "effect_lm.retries").count, 2)
      assert.strictEqual(only(points, "effect_lm.given_again").count, 1)
      assert.strictEqual(only(points, "gen_ai.client.token.usage", { "gen_ai.token.type": "input" }).sum, 10)
      assert.strictEqual(only(points, "gen_ai.client.operation.duration").count, 2)
    }))
})
