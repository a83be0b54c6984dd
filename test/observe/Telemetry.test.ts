/** Spans and logs of what programs do. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Data, Effect, Exit, Fiber, Layer, Logger, References, Schema, Stream } from "effect"
import {
  Image,
  LM,
  LMEvent,
  LMReason,
  Module,
  Predict,
  ReAct,
  Retry,
  Streaming,
  StreamListener,
  Telemetry,
  Tool
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { recorder } from "./support/recorded.ts"

const model = "openai/gpt-4o-mini"
const qa = Predict.make("question -> answer")
const question = { question: "the secret question" }
const usage = { inputTokens: 10, outputTokens: 2, reasoningTokens: 1, cachedInputTokens: 4, calls: 1 }
const paris = ScriptedLM.chat({ answer: "the secret answer" }, { usage })
const look = Tool.make("look", { parameters: { at: Schema.String } }, ({ at }) => `the secret of ${at}`)
const agent = ReAct.make("question -> answer", { tools: [look], toolCalls: "native" })
const program = Module.make(
  "Program",
  { agent, qa },
  ({ agent, qa }) => (input: { readonly question: string }) => Effect.andThen(agent(input), qa(input))
)
const script = [
  ScriptedLM.toolCalls([{ id: "c1", name: "look", arguments: { at: "the secret place" } }], { usage }),
  ScriptedLM.chat({ reasoning: "the secret thought", answer: "the secret answer" }, { usage }),
  paris
]

/** What was recorded of a program; `all` is everything that has left it, as one text. */
const recorded = Effect.fnUntraced(function*<A, E>(
  self: Effect.Effect<A, E, LM>,
  replies: ReadonlyArray<ScriptedLM.Reply>,
  options: Telemetry.Options = {}
) {
  const { begun, spans, traced } = recorder()
  const exit = yield* self.pipe(
    Effect.provide(Layer.merge(ScriptedLM.layer(replies, { model }), Telemetry.layer(options))),
    traced,
    Effect.exit
  )
  assert.strictEqual(spans.length, begun())
  const failures = spans.map(({ exit }) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "")
  const all = JSON.stringify(spans.map(({ attributes, name }) => ({ attributes, name }))) + failures.join("\n")
  return { exit, spans, all }
})

describe("spans", () => {
  it.effect("are of modules, agents, model calls and tool calls, each below what called it", () =>
    Effect.gen(function*() {
      const { exit, spans } = yield* recorded(program(question), script)
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(spans.map(({ kind, name, parent }) => [name, kind, parent]), [
        ["chat gpt-4o-mini", "client", "Predict agent.react"],
        ["Predict agent.react", "internal", "invoke_agent ReAct"],
        ["execute_tool look", "internal", "invoke_agent ReAct"],
        ["chat gpt-4o-mini", "client", "Predict agent.react"],
        ["Predict agent.react", "internal", "invoke_agent ReAct"],
        ["invoke_agent ReAct", "internal", "invoke_workflow Program"],
        ["chat gpt-4o-mini", "client", "Predict qa"],
        ["Predict qa", "internal", "invoke_workflow Program"],
        ["invoke_workflow Program", "internal", undefined]
      ])
    }))

  it.effect("say what the conventions ask for, and nothing that is not known", () =>
    Effect.gen(function*() {
      const { spans } = yield* recorded(program(question, { config: { temperature: 0, stop: ["."] } }), script)
      const named = (name: string) => spans.find((span) => span.name === name)!.attributes
      assert.deepStrictEqual(named("chat gpt-4o-mini"), {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.output.type": "text",
        "gen_ai.request.temperature": 0,
        "gen_ai.request.stop_sequences": ["."],
        "gen_ai.response.finish_reasons": ["tool_call"],
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "gen_ai.usage.reasoning.output_tokens": 1,
        "effect_lm.path": "agent.react",
        "effect_lm.place": "agent@1.react>openai/gpt-4o-mini",
        "effect_lm.iteration": 1,
        "effect_lm.attempt": 1
      })
      assert.deepStrictEqual(named("execute_tool look"), {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "look",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "c1",
        "effect_lm.path": "agent",
        "effect_lm.place": "agent@1>look",
        "effect_lm.iteration": 1
      })
      assert.deepStrictEqual(named("invoke_agent ReAct"), {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "ReAct",
        "effect_lm.path": "agent",
        "effect_lm.place": "agent"
      })
      assert.deepInclude(named("invoke_workflow Program"), { "gen_ai.workflow.name": "Program" })
    }))

  it.effect("have content only where that is asked for", () =>
    Effect.gen(function*() {
      const without = yield* recorded(program(question), script)
      assert.notInclude(without.all, "secret")
      const { spans } = yield* recorded(program(question), script, { content: true })
      const [chat, , tool] = spans
      const messages = JSON.parse(String(chat!.attributes["gen_ai.input.messages"]))
      assert.strictEqual(messages[0].role, "user")
      assert.include(messages[0].parts[0].content, "the secret question")
      assert.include(String(chat!.attributes["gen_ai.system_instructions"]), "answer")
      assert.deepStrictEqual(JSON.parse(String(chat!.attributes["gen_ai.output.messages"])), [{
        role: "assistant",
        parts: [{ type: "tool_call", id: "c1", name: "look", arguments: "{\"at\":\"the secret place\"}" }],
        finish_reason: "tool_call"
      }])
      assert.strictEqual(JSON.parse(String(chat!.attributes["gen_ai.tool.definitions"]))[0].name, "look")
      assert.strictEqual(tool!.attributes["gen_ai.tool.call.arguments"], "{\"at\":\"the secret place\"}")
      assert.strictEqual(tool!.attributes["gen_ai.tool.call.result"], "the secret of the secret place")
    }))

  it.effect("have the bytes of no picture", () =>
    Effect.gen(function*() {
      const see = Predict.make("photo: Image -> answer")
      const photo = Image.fromBase64("AAECAwQFBgc=", { mediaType: "image/png" })
      const { all } = yield* recorded(see({ photo }), [paris], { content: true })
      assert.include(all, "image/png")
      assert.notInclude(all, "AAECAwQFBgc")
    }))

  it.effect("say how a call failed, and quote nothing", () =>
    Effect.gen(function*() {
      class Broken extends Data.TaggedError("Broken")<{ readonly message: string }> {}
      const server = new LMReason.Server({ description: "the server is broken" })
      const failures: ReadonlyArray<[Effect.Effect<unknown, unknown, LM>, ScriptedLM.Reply, string]> = [
        [qa(question), ScriptedLM.fail(server), "Server"],
        [qa(question), ScriptedLM.text("the secret reply of no form"), "AdapterParseError"],
        [Module.make("M", {}, () => () => Effect.fail(new Broken({ message: "the secret" })))({}), paris, "Broken"],
        [Module.make("M", {}, () => () => Effect.die(new TypeError("the secret")))({}), paris, "TypeError"]
      ]
      for (const [self, reply, type] of failures) {
        const { all, exit, spans } = yield* recorded(self, Array.from({ length: 9 }, () => reply))
        assert.isTrue(Exit.isFailure(exit))
        assert.strictEqual(spans.at(-1)!.attributes["error.type"], type)
        assert.isTrue(Exit.isFailure(spans.at(-1)!.exit))
        assert.notInclude(all, "secret", type)
      }
      const { all } = yield* recorded(qa(question), [ScriptedLM.fail(server)])
      assert.include(all, "the server is broken")
    }))

  it.effect("say what was retried, what was given again, and when the first piece came", () =>
    Effect.gen(function*() {
      const { spans, traced } = recorder()
      const again = ScriptedLM.events([[LMEvent.GivenAgain.make({}), ...paris.reads.flatMap(({ events }) => events)]])
      const slow = ScriptedLM.chat({ answer: "Paris" }, { usage, tokens: true, delay: "1 second" })
      const server = new LMReason.Server({ description: "broken" })
      const lm = ScriptedLM.layer([ScriptedLM.fail(server), slow, again]).pipe(Retry.layer({ delay: "2 seconds" }))
      const streamed = Streaming.streamify(qa, {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })
      const fiber = yield* Stream.runDrain(streamed(question)).pipe(
        Effect.andThen(qa(question)),
        Telemetry.observe(),
        Effect.provide(lm),
        traced,
        Effect.forkChild
      )
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      const [first, second] = spans.filter(({ name }) => name.startsWith("chat"))
      assert.strictEqual(first!.attributes["effect_lm.retries"], 1)
      assert.approximately(Number(first!.attributes["gen_ai.response.time_to_first_chunk"]), 2.75, 0.3)
      assert.strictEqual(second!.attributes["effect_lm.given_again"], true)
      assert.strictEqual(second!.attributes["gen_ai.usage.input_tokens"], 0)
    }))

  it.effect("end where a call is interrupted", () =>
    Effect.gen(function*() {
      const { spans, traced } = recorder()
      const fiber = yield* qa(question).pipe(
        Telemetry.observe(),
        Effect.provide(ScriptedLM.layer([ScriptedLM.never])),
        traced,
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(spans.length, 2)
      assert.isTrue(
        spans.every(({ attributes, exit }) => Exit.hasInterrupts(exit) && attributes["error.type"] === undefined)
      )
    }))

  it.effect("are below those of the program around it, and nobody streams for their sake", () =>
    Effect.gen(function*() {
      let streamed = 0
      const { service } = yield* ScriptedLM.make([paris])
      const lm = Layer.succeed(LM, {
        ...service,
        stream: (request) => {
          streamed++
          return service.stream(request)
        }
      })
      const { spans, traced } = recorder()
      yield* qa(question).pipe(
        Telemetry.observe(),
        Effect.withSpan("request"),
        Effect.provide(lm),
        traced
      )
      assert.deepStrictEqual(spans.map(({ name, parent }) => [name, parent]).at(-2), [
        "invoke_workflow Predict",
        "request"
      ])
      assert.strictEqual(streamed, 0)
    }))
})

describe("logs", () => {
  const logged = Effect.fnUntraced(function*(level: "Debug" | "Info") {
    const lines: Array<{ readonly message: string; readonly place: unknown }> = []
    const logger = Logger.make<unknown, void>(({ fiber, message }) => {
      const annotations = fiber.getRef(References.CurrentLogAnnotations)
      lines.push({ message: String(message), place: annotations["effect_lm.place"] })
    })
    yield* program(question).pipe(
      Telemetry.observe(),
      Effect.provide(Layer.merge(ScriptedLM.layer(script, { model }), Logger.layer([logger]))),
      Effect.provideService(References.MinimumLogLevel, level)
    )
    return lines
  })

  it.effect("are at debug, with the place of each call, and without content", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* logged("Info"), [])
      const lines = yield* logged("Debug")
      assert.deepStrictEqual(lines[0], {
        message: "model call openai/gpt-4o-mini is over after 0 ms",
        place: "agent@1.react>openai/gpt-4o-mini"
      })
      assert.deepStrictEqual(lines[2], { message: "tool call look is over after 0 ms", place: "agent@1>look" })
      assert.notInclude(JSON.stringify(lines), "secret")
    }))
})
