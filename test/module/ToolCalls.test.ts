/** Tool calls as an output: the model chooses, in its provider's way or in text, and the program makes the calls. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Layer, Logger, Schema, Stream } from "effect"
import {
  type AdapterParseError,
  LMReason,
  LMRequest,
  Module,
  Predict,
  Prediction,
  Signature,
  SignatureError,
  Streaming,
  Tool,
  type ToolCalls
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { forms } from "../support/adapters.ts"
import { textIn } from "../support/said.ts"
import { standing } from "./support/standing.ts"

const weather = Tool.make("weather", {
  description: "The weather of a city",
  parameters: { city: Schema.String, days: Schema.optionalKey(Schema.Int) }
}, ({ city }) => `sunny in ${city}`)
const now = Tool.make("now", {}, () => "noon")
const tools = [weather, now]

const choose = Predict.make("question, tools: list[Tool] -> calls: ToolCalls, answer: str | None")
const onlyCalls = Predict.make("question, tools: list[Tool] -> calls: ToolCalls")
const input = { question: "Is it warm in Paris?", tools }

const paris = { name: "weather", args: { city: "Paris" } }
const inText = { capabilities: { tools: false } }
const natively = (...calls: ReadonlyArray<readonly [name: string, args: unknown]>) =>
  ScriptedLM.toolCalls(calls.map(([name, args]) => ({ name, arguments: args })), { tokens: true })

const messagesOf = (request: LMRequest.LMRequest | undefined) => request?.messages ?? []
const said = (request: LMRequest.LMRequest | undefined) => messagesOf(request).map(LMRequest.textOf).join("\n---\n")
const failed = <A>(self: Effect.Effect<A, Predict.PredictError>) =>
  Effect.flatMap(
    Effect.flip(self),
    (error) => error._tag === "AdapterParseError" ? Effect.succeed(error) : Effect.die(error)
  )
const problems = ({ issues }: AdapterParseError) => issues.map(({ message, path }) => `${path.join(".")}: ${message}`)

describe("natively", () => {
  it.effect("tools go with the request, calls come with the response, and nothing is executed", () =>
    Effect.gen(function*() {
      const never = Tool.make("never", {}, () => assert.fail("it is executed"))
      const lm = yield* ScriptedLM.make([natively(["weather", { city: "Paris" }], ["never", "{}"])])
      const prediction = yield* Effect.provide(choose({ ...input, tools: [weather, never] }), lm.layer)
      assert.deepStrictEqual({ ...prediction }, {
        calls: [{ id: "call_1", ...paris }, { id: "call_2", name: "never", args: {} }],
        answer: null
      })
      const [request] = yield* lm.requests
      assert.deepStrictEqual(request!.tools, [weather.spec, never.spec])
      assert.deepStrictEqual(request!.responseFormat, { _tag: "Text" })
      assert.notInclude(said(request), "The weather of a city")
      assert.notInclude(said(request), "`calls`")
    }))

  it.effect("a reply without calls has the other fields, in the adapter's form, and all that it needs", () =>
    Effect.gen(function*() {
      const strict = Predict.make("question, tools: list[Tool] -> calls: ToolCalls, answer", { maxRepairs: 0 })
      for (const { format, layer } of forms) {
        const lm = yield* ScriptedLM.make([format({ answer: "Yes" })])
        const prediction = yield* Effect.provide(strict(input), [lm.layer, layer])
        assert.deepStrictEqual({ ...prediction }, { calls: [], answer: "Yes" })
      }
      const silent = ScriptedLM.layer(() => natively(["now", "{}"]))
      assert.deepStrictEqual((yield* Effect.provide(strict(input), silent)).answer, "")
    }))

  it.effect("a signature of calls alone asks for no form", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([natively(["now", "{}"]), "None is needed."])
      const ask = Effect.provide(onlyCalls(input), lm.layer)
      assert.deepStrictEqual({ ...(yield* ask) }, { calls: [{ id: "call_1", name: "now", args: {} }] })
      const second = yield* ask
      assert.deepStrictEqual({ ...second }, { calls: [] })
      assert.strictEqual(Prediction.details(second).reply, "None is needed.")
      const [request] = yield* lm.requests
      assert.notInclude(said(request), "Reply with")
      assert.include(said(request), "Call the tools that are needed")
    }))

  it.effect("where another output has to be there, the model is asked in text", () =>
    Effect.gen(function*() {
      const sure = Predict.make("question, tools: list[Tool] -> calls: ToolCalls, confidence: float")
      const lm = yield* ScriptedLM.make([ScriptedLM.chat({ calls: [paris], confidence: 0.5 })])
      const { calls, confidence } = yield* Effect.provide(sure(input), lm.layer)
      assert.deepStrictEqual([calls[0]?.name, confidence], ["weather", 0.5])
      assert.isUndefined((yield* lm.requests)[0]!.tools)
    }))

  it.effect("a model that refuses tools is asked in text, and not again natively", () =>
    Effect.gen(function*() {
      const refused = new LMReason.NotSupported({ feature: "tools", description: "m does not support tools" })
      const reply = ScriptedLM.chat({ calls: [paris], answer: null })
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(refused), reply, reply])
      const quiet = Logger.layer([])
      yield* Effect.gen(function*() {
        const first = yield* choose(input)
        assert.deepStrictEqual(first.calls.map(({ name }) => name), ["weather"])
        assert.deepInclude(Prediction.details(first), { attempts: 2 })
        assert.strictEqual(Prediction.usage(first).calls, 2)
        yield* choose(input)
      }).pipe(Effect.provide([lm.layer, quiet]))
      assert.deepStrictEqual((yield* lm.requests).map(({ tools }) => tools?.length), [2, undefined, undefined])
      const insisting = Predict.make("question, tools: list[Tool] -> calls: ToolCalls", { toolCalls: "native" })
      const error = yield* Effect.flip(
        Effect.provide(insisting(input), ScriptedLM.layer([ScriptedLM.fail(refused)]))
      )
      assert.deepInclude(error, { _tag: "LMError", reason: refused })
    }))
})

describe("in text", () => {
  it.effect("tools are an input and calls an output of every adapter's form; ids are ours", () =>
    Effect.gen(function*() {
      for (const { format, layer, name } of forms) {
        const lm = yield* ScriptedLM.make([format({ calls: [paris, paris], answer: null })], inText)
        const prediction = yield* Effect.provide(choose(input), [lm.layer, layer])
        assert.deepStrictEqual(
          prediction.calls,
          [{ id: "call_0_0", ...paris }, { id: "call_0_1", ...paris }],
          name
        )
        const [request] = yield* lm.requests
        assert.isUndefined(request!.tools)
        assert.include(said(request), "The weather of a city")
      }
    }))
})

describe("held to the form", () => {
  it.effect("a model can write calls of the tools that there are, and no others", () =>
    Effect.gen(function*() {
      for (const { format, layer, name } of forms) {
        const lm = yield* ScriptedLM.make([format({ calls: [paris], answer: null })], {
          capabilities: { tools: false, replyShape: true }
        })
        yield* Effect.provide(choose(input, { toolChoice: { name: "weather" } }), [lm.layer, layer])
        const pieces = (yield* lm.requests)[0]!.replyShape?.pieces ?? []
        const json = JSON.stringify(pieces.filter(({ _tag }) => _tag === "Json"))
        assert.include(json, JSON.stringify(weather.spec.parameters), name)
        assert.include(json, "\"enum\":[\"weather\"]")
        assert.notInclude(json, "now")
      }
    }))
})

describe("the check of calls", () => {
  const ways = [["natively", {}], ["in text", inText]] as const
  const replies = (calls: ReadonlyArray<readonly [string, unknown]>) => ({
    natively: natively(...calls),
    "in text": ScriptedLM.chat({ calls: calls.map(([name, args]) => ({ name, args })), answer: null })
  })
  for (const [way, options] of ways) {
    it.effect(`names and arguments that no tool has are issues by their place, ${way}`, () =>
      Effect.gen(function*() {
        const bad = replies([
          ["wether", {}],
          ["weather", { city: 1, wind: true }],
          ["__proto__", {}],
          ["constructor", {}]
        ])[way]
        const error = yield* failed(Effect.provide(choose(input), ScriptedLM.layer([bad, bad], options)))
        assert.deepStrictEqual(problems(error).toSorted(), [
          "calls.0.name: there is no such tool; there are: weather, now",
          "calls.1.args.city: Expected string",
          "calls.1.args.wind: Expected no excess property",
          "calls.2.name: there is no such tool; there are: weather, now",
          "calls.3.name: there is no such tool; there are: weather, now"
        ])
      }))

    it.effect(`the model is told, and calls again, ${way}`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make(
          [replies([["weather", {}]])[way], replies([["weather", { city: "Paris", days: null }]])[way]],
          options
        )
        const { calls } = yield* Effect.provide(choose(input), lm.layer)
        // Models write null for what they leave out.
        assert.deepStrictEqual(calls.map(({ args }) => args), [{ city: "Paris" }])
        const [first, second] = yield* lm.requests
        assert.deepStrictEqual(messagesOf(second).slice(0, messagesOf(first).length), messagesOf(first))
        assert.include(said(second), "calls.0.args.city")
      }))

    it.effect(`a call may be forbidden, asked for, or named, ${way}`, () =>
      Effect.gen(function*() {
        const once = Predict.make("question, tools: list[Tool] -> calls: ToolCalls, answer: str | None", {
          maxRepairs: 0
        })
        const ask = (toolChoice: LMRequest.LMRequest["toolChoice"], calls: ReadonlyArray<readonly [string, unknown]>) =>
          Effect.provide(
            once(input, { toolChoice }),
            ScriptedLM.layer(
              [calls.length === 0 ? ScriptedLM.chat({ calls: [], answer: "a" }) : replies(calls)[way]],
              options
            )
          )
        assert.deepStrictEqual((yield* ask("none", [])).calls, [])
        assert.include(problems(yield* failed(ask("none", [["now", {}]])))[0], "there are none")
        assert.include(problems(yield* failed(ask("required", [])))[0], "one was asked for, of: weather, now")
        assert.include(problems(yield* failed(ask({ name: "now" }, [["weather", { city: "a" }]])))[0], "there are: now")
      }))
  }

  it.effect("tools are whatever a model can be told of: tools, what is known of them, JSON", () =>
    Effect.gen(function*() {
      const { name, parameters } = weather.spec
      const json = Signature.decodeJsonInputs(choose.signature, { question: "?", tools: [{ name, parameters }] })
      assert.strictEqual(json._tag, "Success")
      const lm = ScriptedLM.layer(() => natively(["weather", { city: "Paris" }]))
      const ask = (tools: ReadonlyArray<ToolCalls.Tool>) => Effect.provide(choose({ question: "?", tools }), lm)
      assert.strictEqual((yield* ask([{ name, parameters }])).calls.length, 1)
      assert.strictEqual((yield* ask([{ spec: weather.spec }])).calls.length, 1)
      const plain = yield* Effect.flip(ask([(() => "sunny") as never]))
      assert.include(plain.message, "Tool.fromFunction makes one of a function")
      const twice = yield* Effect.flip(ask([weather, weather]))
      assert.include(twice.message, "several tools of the name weather")
    }))

  it("signatures in which no model could be asked for calls are refused", () => {
    const refuses = (text: string, reason: string) =>
      assert.throws(() => Predict.make(text as never), SignatureError, reason)
    refuses("question -> calls: ToolCalls", "no input has any: add one")
    refuses("tools: list[Tool] -> a: ToolCalls, b: ToolCalls", "a reply has its tool calls once")
    refuses("tools: list[Tool] -> calls: ToolCalls | None", "they stand alone")
    refuses("question -> tool: Tool", "ask for calls of tools")
  })
})

/** The text of each field, as a stream shows it, and the fields themselves. */
const shown = (pieces: ReadonlyArray<string>, layer: Layer.Layer<never>) =>
  Streaming.streamify(choose)(input).pipe(
    Stream.runCollect,
    Effect.provide([ScriptedLM.layer([ScriptedLM.chunks(pieces)], inText), layer]),
    Effect.map((events) => {
      const last = events.at(-1)
      const deltas = events.flatMap((event) => event._tag === "StreamResponse" ? [event] : [])
      const of = (field: string) => deltas.filter(({ signatureFieldName }) => signatureFieldName === field)
      return {
        fields: last?._tag === "Prediction" ? { ...last } : assert.fail("no prediction"),
        calls: of("calls").map(({ chunk }) => chunk).join(""),
        answer: of("answer").map(({ chunk }) => chunk).join(""),
        ends: deltas.filter(({ isLastChunk }) => isLastChunk).length
      }
    })
  )

describe("laws", () => {
  for (const { format, layer, name } of forms) {
    it.effect(`stream is value, and has one end, wherever a reply is cut: ${name}`, () =>
      Effect.gen(function*() {
        const fields = { calls: [paris, { name: "now", args: {} }], answer: "Let me \"look\"." }
        const whole = textIn(format(fields).reads.flatMap(({ events }) => events))
        const cuts = Array.from(whole, (_, at) => [whole.slice(0, at), whole.slice(at)])
        for (const pieces of [[...whole], ...cuts]) {
          const { answer, calls, ends, fields: { answer: said, calls: made } } = yield* shown(pieces, layer)
          assert.deepStrictEqual(JSON.parse(calls), made)
          assert.deepStrictEqual(made.map(({ args, name }) => ({ name, args })), fields.calls)
          assert.deepStrictEqual([answer, said, ends], [fields.answer, fields.answer, 2])
        }
      }))
  }
})

describe("streamed", () => {
  const ask = { question: "?", tools }
  const program = Module.make("P", { choose }, ({ choose }) => (input: typeof ask) => choose(input))
  const reply = ScriptedLM.chat({ answer: "Let me look.", calls: [paris] }, { tokens: true })
  const both = [
    ["natively", {}, ScriptedLM.toolCalls([{ name: "weather", arguments: paris.args }], { tokens: true })],
    ["in text", inText, reply]
  ] as const
  for (const [way, options, reply] of both) {
    it.effect(`calls are told under the predictor's path, and the field once they can be made, ${way}`, () =>
      Effect.gen(function*() {
        const events = yield* Stream.runCollect(
          Stream.provide(Streaming.streamify(program)(ask), ScriptedLM.layer([reply], options))
        )
        const deltas = events.flatMap((event) => event._tag === "ToolCallDelta" ? [event] : [])
        assert.deepStrictEqual([...new Set(deltas.map(({ predictName }) => predictName))], ["choose"])
        assert.deepStrictEqual(JSON.parse(deltas.map(({ argumentsDelta }) => argumentsDelta).join("")), paris.args)
        const chunks = events.flatMap((event) =>
          event._tag === "StreamResponse" && event.signatureFieldName === "calls" ? [event] : []
        )
        assert.deepStrictEqual(chunks.map(({ isLastChunk }) => isLastChunk), [true])
        const last = events.at(-1)
        const calls = last?._tag === "Prediction" ? last.calls : assert.fail("no prediction")
        assert.deepStrictEqual(JSON.parse(chunks[0]!.chunk), calls)
        assert.strictEqual(calls[0]!.id, deltas[0]!.toolCallId)
        const text = events.flatMap((event) =>
          event._tag === "StreamResponse" && event.signatureFieldName === "answer" ? [event.chunk] : []
        )
        if (way === "in text") assert.isAbove(text.length, 2)
      }))

    it.effect(`what could not be made is taken back, ${way}`, () =>
      Effect.gen(function*() {
        const bad = way === "natively"
          ? ScriptedLM.toolCalls([{ name: "nope", arguments: {} }], { tokens: true })
          : ScriptedLM.chat({ answer: "Hm.", calls: [{ name: "nope", args: {} }] }, { tokens: true })
        const events = yield* Stream.runCollect(
          Stream.provide(Streaming.streamify(program)(ask), ScriptedLM.layer([bad, reply], options))
        )
        const of = events.flatMap((event) =>
          event._tag === "StreamResponse" && event.signatureFieldName === "calls" ? [event.chunk] : []
        )
        assert.strictEqual(of.length, 1)
        assert.include(Object.values(standing(events)).join(), "weather")
      }))
  }

  it.effect("a stream that is left ends the request", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.hang(["[[ ## ans"])])
      const fiber = yield* Effect.forkChild(
        Effect.provide(Stream.runDrain(Streaming.streamify(program)(ask)), lm.layer)
      )
      while ((yield* lm.requests).length === 0) {
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
      }
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* lm.interrupted, 1)
    }))
})
