/** Agents: the loop in both protocols, what they make of tools that fail, and what they send. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schema, Stream } from "effect"
import {
  Approval,
  ChatAdapter,
  CurrentMaxIterations,
  type LMRequest,
  Module,
  ModuleTool,
  Predict,
  Prediction,
  ReAct,
  Signature,
  Streaming,
  StreamListener,
  Tool,
  ToolRegistry,
  Trajectory,
  XMLAdapter
} from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { ScriptedLM } from "effect-lm/testing"
import { Tool as AiTool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { forms } from "../support/adapters.ts"
import { calledIn, resultsIn, rows, textAt } from "../support/said.ts"

const numbers = { a: Schema.Finite, b: Schema.Finite }
const add = Tool.make("add", { description: "Adds two numbers", parameters: numbers }, ({ a, b }) => a + b)
const divide = Tool.make("divide", { parameters: numbers }, ({ a, b }) => {
  if (b === 0) throw new Error("cannot divide by zero\n    at divide (/srv/app/secret/tools.ts:3:9)")
  return a / b
})
const slow = Tool.make(
  "slow",
  { parameters: { seconds: Schema.Int }, timeout: "10 seconds" },
  ({ seconds }) => Effect.as(Effect.sleep(seconds * 1000), `waited ${seconds}`)
)
const agent = ReAct.make("question -> answer: int", { tools: [add, divide, slow] })

const text = { capabilities: { tools: false, jsonSchema: false } }

/** A turn in the text protocol. */
const turn = (tool: string, args: unknown, thought = "hm") =>
  ScriptedLM.chat({ next_thought: thought, next_tool_name: tool, next_tool_args: args })

const finish = turn("finish", {}, "I know it")
const done = ScriptedLM.text("I know it.")
const answer = ScriptedLM.chat({ reasoning: "so it is", answer: 3 })

const shape = (trajectory: Trajectory.Trajectory) =>
  trajectory.map(({ calls }) => calls.map(({ isFailure, observation, tool }) => ({ tool, observation, isFailure })))

describe("the loop", () => {
  it.effect("text: a tool in each turn, then the outputs", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([turn("add", { a: 1, b: 2 }, "adding helps"), finish, answer], text)
      const prediction = yield* agent({ question: "1 + 2?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(Prediction.fields(prediction), {
        reasoning: "so it is",
        answer: 3,
        trajectory: [
          {
            iteration: 1,
            thought: "adding helps",
            calls: [{ id: "turn_1_1", tool: "add", arguments: { a: 1, b: 2 }, observation: "3", isFailure: false }]
          },
          { iteration: 2, thought: "I know it", calls: [] }
        ]
      })
      assert.strictEqual(Prediction.usage(prediction).calls, 3)
      const [first] = yield* lm.requests
      assert.isUndefined(first!.tools)
      for (const word of ["add: Adds two numbers", "divide", "slow", "finish"]) {
        assert.include(textAt(first, 0), word)
      }
      yield* lm.assertComplete
    }))

  it.effect("native: several tools in a turn, at the same time, with results in the order of the calls", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([
          { id: "x", name: "slow", arguments: { seconds: 9 } },
          { id: "y", name: "slow", arguments: { seconds: 1 } },
          { id: "z", name: "add", arguments: { a: 1, b: 2 } }
        ], { text: "three at once" }),
        done,
        answer
      ])
      const run = yield* Effect.forkChild(agent({ question: "?" }).pipe(Effect.provide(lm.layer)))
      yield* TestClock.adjust("9 seconds")
      const { trajectory } = yield* Fiber.join(run)
      assert.deepStrictEqual(shape(trajectory), [
        [
          { tool: "slow", observation: "waited 9", isFailure: false },
          { tool: "slow", observation: "waited 1", isFailure: false },
          { tool: "add", observation: "3", isFailure: false }
        ],
        []
      ])
      const requests = yield* lm.requests
      assert.deepStrictEqual(requests[0]!.tools!.map(({ name }) => name), ["add", "divide", "slow"])
      assert.deepStrictEqual(
        resultsIn(requests[1]!.messages),
        [["x", "waited 9"], ["y", "waited 1"], ["z", "3"]]
      )
      assert.strictEqual(requests[2]!.toolChoice, "none")
      yield* lm.assertComplete
    }))

  it.effect("toolConcurrency limits how many run at once", () =>
    Effect.gen(function*() {
      const one = ReAct.make("question -> answer: int", { tools: [slow], toolConcurrency: 1 })
      const calls = [1, 2, 3].map((seconds) => ({ name: "slow", arguments: { seconds } }))
      const run = yield* one({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([ScriptedLM.toolCalls(calls), done, answer])),
        Effect.forkChild
      )
      yield* TestClock.adjust("5999 millis")
      assert.isUndefined(run.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(run)
    }))

  it.effect("ends after maxIterations turns, the agent's or the call's, and answers from what there is", () =>
    Effect.gen(function*() {
      const more = turn("add", { a: 1, b: 1 })
      const two = ReAct.make("question -> answer: int", { tools: [add], maxIterations: 2 })
      const lm = yield* ScriptedLM.make([more, more, answer, more, answer], text)
      const program = Effect.gen(function*() {
        return [
          (yield* two({ question: "?" })).trajectory.length,
          (yield* two({ question: "?" }, { maxIterations: 1 })).trajectory.length
        ]
      })
      assert.deepStrictEqual(yield* Effect.provide(program, lm.layer), [2, 1])
      yield* lm.assertComplete
    }))

  it.effect("the call's limit comes before that of the context, and this before the agent's", () =>
    Effect.gen(function*() {
      const more = turn("add", { a: 1, b: 1 })
      const one = ReAct.make("question -> answer: int", { tools: [add], maxIterations: 1 })
      const lm = yield* ScriptedLM.make([more, more, answer, more, more, more, answer], text)
      const program = Effect.gen(function*() {
        return [
          (yield* one({ question: "?" })).trajectory.length,
          (yield* one({ question: "?" }, { maxIterations: 3 })).trajectory.length
        ]
      })
      const lengths = yield* program.pipe(Effect.provideService(CurrentMaxIterations, 2), Effect.provide(lm.layer))
      assert.deepStrictEqual(lengths, [2, 3])
      yield* lm.assertComplete
    }))

  it.effect("both predictors have the agent's settings, those beside the options before those in `config`", () =>
    Effect.gen(function*() {
      const settled = ReAct.make("question -> answer: int", {
        tools: [add],
        temperature: 0.5,
        stop: ["."],
        config: { temperature: 1, seed: 7 }
      })
      const lm = yield* ScriptedLM.make([finish, answer], text)
      yield* Effect.provide(settled({ question: "?" }), lm.layer)
      const configs = (yield* lm.requests).map(({ config }) => config)
      assert.lengthOf(configs, 2)
      for (const config of configs) assert.deepInclude(config, { temperature: 0.5, stop: ["."], seed: 7 })
    }))

  it.effect("a call's limit reaches an agent however it is wrapped, and all agents of a composed program", () =>
    Effect.gen(function*() {
      const more = turn("add", { a: 1, b: 1 })
      const outer = Module.make(
        "Outer",
        { agent },
        ({ agent }) => (input: { readonly question: string }) => agent(input)
      )
      const lm = yield* ScriptedLM.make([more, answer, more, answer, more, answer], text)
      const program = Effect.gen(function*() {
        const events = yield* Stream.runCollect(Streaming.streamify(agent)({ question: "?" }, { maxIterations: 1 }))
        const last = events.at(-1)!
        return [
          last._tag === "Prediction" ? last.trajectory.length : -1,
          (yield* outer({ question: "?" }, { maxIterations: 1 })).trajectory.length,
          (yield* Module.provide(ChatAdapter.layer)(agent)({ question: "?" }, { maxIterations: 1 })).trajectory.length
        ]
      })
      assert.deepStrictEqual(yield* Effect.provide(program, lm.layer), [1, 1, 1])
      yield* lm.assertComplete
    }))

  it.effect("auto takes the text protocol where the model turns out to have no tools", () =>
    Effect.gen(function*() {
      const refused = new LMErrors.NotSupported({
        feature: "tools",
        description: "registry/llama does not support tools"
      })
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(refused), turn("add", { a: 1, b: 2 }), finish, answer])
      const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(shape(trajectory)[0], [{ tool: "add", observation: "3", isFailure: false }])

      const native = ReAct.make("question -> answer", { tools: [add], toolCalls: "native" })
      const error = yield* native({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(refused)]))
      )
      assert.strictEqual(error._tag, "LMError")
    }))

  it.effect("auto remembers that, and takes other refusals as the errors that they are", () =>
    Effect.gen(function*() {
      const unsupported = new LMErrors.NotSupported({
        feature: "tools",
        description: "tools param requires --jinja flag"
      })
      const one = [turn("add", { a: 1, b: 2 }), finish, answer]
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(unsupported), ...one, ...one])
      yield* agent({ question: "?" }).pipe(Effect.andThen(agent({ question: "?" })), Effect.provide(lm.layer))
      assert.deepStrictEqual((yield* lm.requests).map(({ tools }) => tools !== undefined), [
        true,
        ...Array.from({ length: 6 }, () => false)
      ])
      yield* lm.assertComplete

      const schema = new LMErrors.InvalidRequest({
        description: "Invalid schema for function 'add': 'oneOf' is not supported"
      })
      const error = yield* agent({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(schema)]))
      )
      assert.include(error.message, "Invalid schema")
    }))

  it.effect("auto takes the text protocol however the server says that it has no tools", () =>
    Effect.gen(function*() {
      const said = [
        [500, "tools param requires --jinja flag"],
        [400, "tools param requires --jinja flag"],
        [400, "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"],
        [404, "No endpoints found that support tool use"],
        [400, "Function calling is not enabled for this model"],
        [400, "Unrecognized request argument supplied: tools"],
        [500, "This model's chat template can't handle tools"],
        [400, "Cannot use tools with stream"],
        [400, "Failed to initialize samplers: failed to parse grammar"]
      ] as const
      for (const [status, message] of said) {
        const texts = [finish, answer].map(({ reads }) =>
          reads.flatMap(({ events }) => events.map((event) => event._tag === "TextDelta" ? event.text : "")).join("")
        )
        let refused = 0
        const model = OpenAI.layer({
          model: "m",
          baseUrl: "http://127.0.0.1/v1",
          fetch: (_, init) => {
            const hasTools = "tools" in JSON.parse(String(init?.body))
            if (hasTools) refused++
            return Promise.resolve(
              hasTools
                ? Response.json({ error: { message } }, { status })
                : Response.json({ choices: [{ message: { content: texts.shift() }, finish_reason: "stop" }] })
            )
          }
        })
        yield* agent({ question: "?" }).pipe(Effect.provide(model))
        assert.deepStrictEqual([refused, texts], [1, []], message)
      }
    }))

  it.effect("inputs are checked before anything is sent", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([])
      // @ts-expect-error the input `question` is missing
      const error = yield* agent({}).pipe(Effect.flip, Effect.provide(lm.layer))
      assert.strictEqual(error._tag, "InputError")
      assert.lengthOf(yield* lm.requests, 0)
    }))

  it("names that cannot be are refused when the agent is made", () => {
    assert.throws(() => ReAct.make("question -> answer", { tools: [add, add] }), /add/)
    assert.throws(() => ReAct.make("question -> trajectory", { tools: [add] }), /trajectory/)
  })
})

describe("what goes wrong with a tool is told to the model", () => {
  const calls = [
    { name: "divide", arguments: { a: 1, b: 0 } },
    { name: "add", arguments: { a: "one" } },
    { name: "subtract", arguments: { a: 1, b: 2 } },
    { name: "slow", arguments: { seconds: 11 } }
  ]
  const expected = [/cannot divide by zero/, /a:.*number[^]*b:/, /no such tool; there are: add, divide, slow/, /10s/]

  const check = Effect.fnUntraced(
    function*(lm: ScriptedLM.ScriptedLM, run: Fiber.Fiber<{ trajectory: Trajectory.Trajectory }, unknown>) {
      yield* TestClock.adjust("10 seconds")
      const { trajectory } = yield* Fiber.join(run)
      const made = trajectory.flatMap((step) => step.calls)
      assert.deepStrictEqual(made.map(({ isFailure }) => isFailure), [true, true, true, true])
      made.forEach(({ observation }, index) => assert.match(observation, expected[index]!))
      const sent = JSON.stringify((yield* lm.requests).at(-1)!.messages)
      assert.notInclude(sent, "/srv/app")
      assert.notInclude(sent, "tools.ts")
      yield* lm.assertComplete
    }
  )

  it.effect("native", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls(calls), done, answer])
      yield* check(lm, yield* Effect.forkChild(agent({ question: "?" }).pipe(Effect.provide(lm.layer))))
    }))

  for (const { format, layer, name } of forms) {
    it.effect(`text, ${name}`, () =>
      Effect.gen(function*() {
        const fields = (tool: string, args: unknown) => ({
          next_thought: "hm",
          next_tool_name: tool,
          next_tool_args: args
        })
        const lm = yield* ScriptedLM.make([
          ...calls.map((call) => format(fields(call.name, call.arguments))),
          format(fields("finish", {})),
          format({ reasoning: "so it is", answer: 3 })
        ], text)
        const run = agent({ question: "?" }).pipe(Effect.provide(Layer.merge(layer, lm.layer)))
        yield* check(lm, yield* Effect.forkChild(run))
      }))
  }

  it.effect("a reply that cannot be read is a turn of its own", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        ScriptedLM.xml({ next_thought: "hm" }),
        ScriptedLM.xml({ next_thought: "I know it", next_tool_name: "finish" }),
        ScriptedLM.xml({ reasoning: "so it is", answer: 3 })
      ], text)
      const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide([XMLAdapter.layer, lm.layer]))
      assert.deepStrictEqual(trajectory.map(({ thought }) => thought), ["hm", "I know it"])
      assert.match(trajectory[0]!.problem!, /next_tool_name/)
      assert.match(textAt((yield* lm.requests)[1], -1), /next_tool_name/)
    }))

  it.effect("a long result is cut where the agent says", () =>
    Effect.gen(function*() {
      const long = Tool.make("long", {}, () => "x".repeat(500))
      const short = ReAct.make("question -> answer: int", { tools: [long], maxObservationLength: 100 })
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "long", arguments: {} }]), done, answer])
      const { trajectory } = yield* short({ question: "?" }).pipe(Effect.provide(lm.layer))
      const cut = `${"x".repeat(100)}\n[400 more characters were left out]`
      assert.strictEqual(trajectory[0]!.calls[0]!.observation, cut)
      assert.strictEqual(textAt((yield* lm.requests)[1], -1), cut)
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

  describe("arguments that are none", () => {
    for (const { format, layer, name } of forms) {
      it.effect(`in text, ${name}: end the work, call what takes nothing, and are an observation of what takes something`, () =>
        Effect.gen(function*() {
          const now = Tool.make("now", {}, () => "12:00")
          const clock = ReAct.make("question -> answer: int", { tools: [now, add] })
          const turn = (tool: string, args: unknown) =>
            format({
              next_thought: "hm",
              next_tool_name: tool,
              ...(args === undefined ? {} : { next_tool_args: args })
            })
          for (const args of ["", "null", "The answer is 42", null, [], undefined]) {
            const lm = yield* ScriptedLM.make([
              turn("now", args),
              turn("add", args),
              turn("finish", args),
              format({ reasoning: "so it is", answer: 3 })
            ], text)
            const { trajectory } = yield* clock({ question: "?" }).pipe(Effect.provide([layer, lm.layer]))
            const what = JSON.stringify(args) ?? "missing"
            assert.lengthOf(yield* lm.requests, 4, what)
            assert.deepInclude(trajectory[0]!.calls[0], { tool: "now", observation: "12:00", isFailure: false }, what)
            assert.deepInclude(trajectory[1]!.calls[0], { tool: "add", isFailure: true }, what)
            assert.deepStrictEqual(trajectory[2]!.calls, [], what)
          }
        }))
    }

    it.effect("natively, too", () =>
      Effect.gen(function*() {
        const clock = ReAct.make("question -> answer: int", { tools: [Tool.make("now", {}, () => "12:00")] })
        for (const args of ["", "null", "none", "[]"]) {
          const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "now", arguments: args }]), done, answer])
          const { trajectory } = yield* clock({ question: "?" }).pipe(Effect.provide(lm.layer))
          assert.deepInclude(trajectory[0]!.calls[0], { observation: "12:00" }, args)
          // What is sent back is what providers take.
          const [, second] = yield* lm.requests
          assert.deepStrictEqual(calledIn(second!.messages).map((call) => call.arguments), ["{}"], args)
        }
      }))

    it.effect("what a tool was called with is what the model is told that it wrote", () =>
      Effect.gen(function*() {
        const json = "{\"a\":1,\"b\":2}"
        for (const args of [JSON.stringify(json), "{'a': 1, 'b': 2}", `\`\`\`json\n${json}\n\`\`\``]) {
          const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "add", arguments: args }]), done, answer])
          const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
          assert.deepInclude(trajectory[0]!.calls[0], { observation: "3", isFailure: false }, args)
          const [, second] = yield* lm.requests
          assert.deepStrictEqual(calledIn(second!.messages).map((call) => call.arguments), [json], args)
        }
      }))
  })

  it.effect("hostile names and arguments", () =>
    Effect.gen(function*() {
      const hostile = [
        { name: "__proto__", arguments: {} },
        { name: "constructor", arguments: {} },
        { name: "../../etc/passwd", arguments: {} },
        { name: "", arguments: {} },
        { name: "add", arguments: "{\"__proto__\": {\"a\": 1}, \"a\": 1, \"b\": 2}" },
        { name: "add", arguments: "{\"a\": 1, \"b\": 2, \"c\": \"\\ud800\"}" },
        { name: "add", arguments: `{"a": 1, "b": 2, "c": "${"x".repeat(1024 * 1024)}"}` },
        { name: "add", arguments: "[1, 2]" },
        { name: "add", arguments: "{\"a\": 1" }
      ]
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls(hostile), done, answer])
      const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(trajectory[0]!.calls.map(({ isFailure }) => isFailure), hostile.map(() => true))
      assert.isUndefined(({} as { a?: number }).a)
      const sent = (yield* lm.requests)[1]!.messages
      for (const message of sent) assert.isBelow(JSON.stringify(message).length, 8000)
      // What is sent again is what a provider accepts.
      assert.lengthOf(calledIn(sent), hostile.length)
      for (const call of calledIn(sent)) {
        assert.match(call.name, /^[\w-]{1,64}$/)
        assert.isObject(JSON.parse(call.arguments))
        assert.isTrue(call.arguments.isWellFormed())
      }
    }))

  it.effect("arguments nested without end leave the prediction as plain data", () =>
    Effect.gen(function*() {
      const deep = `${"{\"a\":".repeat(20_000)}1${"}".repeat(20_000)}`
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "add", arguments: deep }]), done, answer])
      const prediction = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.isTrue(prediction.trajectory[0]!.calls[0]!.isFailure)
      assert.isBelow(JSON.stringify(prediction).length, 8000)
      structuredClone(Prediction.fields(prediction))
    }))

  it.effect("two calls with one id are told apart", () =>
    Effect.gen(function*() {
      const twice = [1, 2].map((a) => ({ id: "same", name: "add", arguments: { a, b: 0 } }))
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls(twice), done, answer])
      yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(resultsIn((yield* lm.requests)[1]!.messages), [["same", "1"], ["same_2", "2"]])
    }))

  it.effect("a tool that there is not takes nothing back of what was shown; quotes around a name do not matter", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        turn("subtract", {}, "one"),
        turn("`add`", { a: 1, b: 2 }, "two"),
        finish,
        answer
      ], text)
      const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      assert.isFalse(events.some((event) => event._tag === "Retracted"))
      const last = events.at(-1)!
      if (last._tag !== "Prediction") return assert.fail("no prediction")
      assert.deepStrictEqual(last.trajectory.map(({ calls }) => calls.map(({ isFailure }) => isFailure)), [[true], [
        false
      ], []])
    }))
})

describe("ids of tool calls", () => {
  const ids = (requests: ReadonlyArray<LMRequest.LMRequest>) => resultsIn(requests.at(-1)!.messages).map(([id]) => id)

  it.effect("are unique in a run, and the same in events, messages and the trajectory", () =>
    Effect.gen(function*() {
      for (const id of ["call_0", ""]) {
        const call = ScriptedLM.toolCalls(
          [1, 2].map((a) => ({ id, name: "add", arguments: { a, b: 0 } })),
          { tokens: true }
        )
        const lm = yield* ScriptedLM.make([call, call, done, answer])
        const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(lm.layer)
        )
        const told = (tag: "ToolCallDelta" | "ToolStart" | "ToolEnd") => [
          ...new Set(events.flatMap((event) => event._tag === tag ? [event.toolCallId] : []))
        ]
        const last = events.at(-1)!
        if (last._tag !== "Prediction") return assert.fail("no prediction")
        const made = last.trajectory.flatMap(({ calls }) => calls.map((call) => call.id))
        assert.lengthOf(new Set(made), 4)
        assert.deepStrictEqual(told("ToolCallDelta"), made)
        assert.sameMembers(told("ToolStart"), made)
        assert.sameMembers(told("ToolEnd"), made)
        const requests = yield* lm.requests
        assert.deepStrictEqual(ids(requests), made)
        assert.deepStrictEqual(calledIn(requests.at(-1)!.messages).map(({ id }) => id), made)
      }
    }))

  it.effect("are the same whether anybody watches or not", () =>
    Effect.gen(function*() {
      const call = ScriptedLM.toolCalls([{ id: "x", name: "add", arguments: { a: 1, b: 0 } }])
      const watched = yield* ScriptedLM.make([call, call, done, answer])
      yield* Stream.runDrain(Streaming.streamify(agent)({ question: "?" })).pipe(Effect.provide(watched.layer))
      const alone = yield* ScriptedLM.make([call, call, done, answer])
      yield* agent({ question: "?" }).pipe(Effect.provide(alone.layer))
      assert.deepStrictEqual(ids(yield* watched.requests), ids(yield* alone.requests))
    }))

  it.effect("in the text protocol too, of an agent and those that it asks", () =>
    Effect.gen(function*() {
      const inner = ReAct.make("task -> result", { tools: [add], name: "Inner", toolCalls: "text" })
      const outer = ReAct.make("question -> answer: int", { tools: [ModuleTool.make(inner, { name: "ask" })] })
      const lm = yield* ScriptedLM.make([
        turn("ask", { task: "t" }),
        turn("add", { a: 1, b: 2 }),
        finish,
        ScriptedLM.chat({ reasoning: "r", result: "3" }),
        finish,
        answer
      ], text)
      const events = yield* Streaming.streamify(outer)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      const started = events.flatMap((event) => event._tag === "ToolStart" ? [event.toolCallId] : [])
      assert.lengthOf(new Set(started), 2)
      const last = events.at(-1)!
      if (last._tag === "Prediction") assert.strictEqual(last.trajectory[0]!.calls[0]!.id, started[0])
    }))
})

describe("a tool call that the provider could not read", () => {
  const groq = "400 Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details."
  const refusals = [
    new LMErrors.InvalidResponse({ description: groq }),
    new LMErrors.InvalidRequest({ description: groq }),
    new LMErrors.InvalidRequest({
      description: "400 tool call validation failed: attempted to call tool 'x' which was not in request.tools"
    }),
    new LMErrors.Server({ description: "500 Failed to parse tool call arguments as JSON" }),
    new LMErrors.Server({ description: "error parsing tool call: raw='{\"a\":', err=unexpected end of JSON input" }),
    new LMErrors.Server({ description: "the provider gave up on the answer (MALFORMED_FUNCTION_CALL)" })
  ]
  for (const reason of refusals) {
    it.effect(`${reason._tag}: ${reason.description}`, () =>
      Effect.gen(function*() {
        const lm = yield* ScriptedLM.make([
          ScriptedLM.fail(reason),
          ScriptedLM.toolCalls([{ name: "add", arguments: { a: 1, b: 2 } }]),
          ScriptedLM.fail(reason, ["I"]),
          done,
          answer
        ])
        const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
          Stream.runCollect,
          Effect.provide(lm.layer)
        )
        const last = events.at(-1)!
        if (last._tag !== "Prediction") return assert.fail("no prediction")
        assert.deepStrictEqual(last.trajectory.map(({ calls, problem, thought }) => [thought, calls.length, problem]), [
          ["", 0, reason.description],
          ["", 1, undefined],
          ["I", 0, reason.description],
          ["I know it.", 0, undefined]
        ])
        const requests = yield* lm.requests
        assert.include(textAt(requests[1], -1), reason.description)
        for (const { messages, tools } of requests) {
          assert.isDefined(tools)
          for (const [role, text] of rows(messages)) if (role !== "assistant") assert.notStrictEqual(text.trim(), "")
        }
        yield* lm.assertComplete
      }))
  }

  it.effect("ends nothing before maxIterations, and ends a predictor's call", () =>
    Effect.gen(function*() {
      const reason = refusals[0]!
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(reason), ScriptedLM.fail(reason), answer])
      const { trajectory } = yield* agent({ question: "?" }, { maxIterations: 2 }).pipe(Effect.provide(lm.layer))
      assert.lengthOf(trajectory, 2)
      yield* lm.assertComplete
      const error = yield* Predict.make("question -> answer")({ question: "?" }, {
        tools: [{ name: "f", parameters: {} }]
      }).pipe(Effect.flip, Effect.provide(ScriptedLM.layer([ScriptedLM.fail(reason)])))
      assert.isTrue(error._tag === "LMError" && error.reason._tag === "InvalidResponse")
    }))

  it.effect("in place of the outputs: they are asked for once more, without tools", () =>
    Effect.gen(function*() {
      const reason = new LMErrors.InvalidResponse({ description: "Tool choice is none, but model called a tool" })
      const lm = yield* ScriptedLM.make([done, ScriptedLM.fail(reason), answer])
      const prediction = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.strictEqual(prediction.answer, 3)
      assert.deepStrictEqual((yield* lm.requests).map(({ tools }) => tools === undefined), [false, false, true])
    }))
})

describe("errors of the language model end the run", () => {
  const paid = { usage: { inputTokens: 100, outputTokens: 10 } }
  const used = (calls: number, paidFor = calls) => ({
    inputTokens: 100 * paidFor,
    outputTokens: 10 * paidFor,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    calls
  })

  it.effect("with the usage of all requests of the run, the failed one too", () =>
    Effect.gen(function*() {
      const call = ScriptedLM.toolCalls([{ name: "add", arguments: { a: 1, b: 2 } }], paid)
      const down = ScriptedLM.fail(new LMErrors.Server({ description: "down" }))
      const junk = ScriptedLM.text("junk", paid)
      const cases = [
        ["LMError", [call, call, down], used(3, 2)],
        ["LMError", [call, ScriptedLM.text("so", { ...paid, finish: "length" })], used(2)],
        ["LMError", [call, ScriptedLM.text("done", paid), down], used(3, 2)],
        ["AdapterParseError", [ScriptedLM.text("done", paid), junk, junk, junk], used(4)]
      ] as const
      for (const [tag, script, usage] of cases) {
        const events: Array<unknown> = []
        const error = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
          Stream.runForEach((event) => Effect.sync(() => events.push(event))),
          Effect.flip,
          Effect.provide(ScriptedLM.layer(script))
        )
        assert.strictEqual(error._tag, tag)
        if (error._tag !== "InputError") assert.deepStrictEqual(error.usage, usage)
      }
    }))

  it.effect("a reply that cannot be read: with the usage of every request of the call", () =>
    Effect.gen(function*() {
      const error = yield* Predict.make("q -> n: int")({ q: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer(() => ScriptedLM.text("junk", paid)))
      )
      assert.strictEqual(error._tag, "AdapterParseError")
      if (error._tag === "AdapterParseError") assert.deepStrictEqual(error.usage, used(3))
    }))

  it.effect("what is reported before a failure is paid, streamed or not", () =>
    Effect.gen(function*() {
      const qa = Predict.make("q -> a")
      const layer = ScriptedLM.layer(() => ScriptedLM.fail(new LMErrors.Server({ description: "down" }), ["a"], paid))
      const streamed = Stream.runDrain(Streaming.streamify(qa)({ q: "?" }))
      for (const run of [Effect.asVoid(qa({ q: "?" })), streamed]) {
        const error = yield* run.pipe(Effect.flip, Effect.provide(layer))
        if (error._tag !== "LMError") return assert.fail(error._tag)
        assert.deepStrictEqual(error.usage, used(1))
      }
    }))

  it.effect("what was paid for replies that were asked for again is in the prediction's usage", () =>
    Effect.gen(function*() {
      const program = Module.make(
        "Outer",
        { agent },
        ({ agent }) => (input: { readonly question: string }) => agent(input)
      )
      const refused = ScriptedLM.fail(
        new LMErrors.NotSupported({ feature: "tools", description: "it does not support tools" })
      )
      const bad = ScriptedLM.chat({ reasoning: "r", answer: "three" }, paid)
      const good = ScriptedLM.chat({ reasoning: "r", answer: 3 }, paid)
      const script = [
        refused,
        ScriptedLM.chat({ next_thought: "t", next_tool_name: "finish", next_tool_args: {} }, paid)
      ]
      const prediction = yield* program({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([...script, bad, good]))
      )
      assert.deepStrictEqual(Prediction.usage(prediction), used(4, 3))
    }))

  it.effect("with all that was done before", () =>
    Effect.gen(function*() {
      const down = new LMErrors.Server({ description: "down" })
      for (const script of [[ScriptedLM.fail(down)], [finish, ScriptedLM.fail(down)]]) {
        const error = yield* agent({ question: "?" }).pipe(
          Effect.flip,
          Effect.provide(ScriptedLM.layer([turn("add", { a: 1, b: 2 }), ...script], text))
        )
        assert.strictEqual(error._tag, "LMError")
        if (error._tag !== "LMError") return
        assert.strictEqual(error.reason._tag, "Server")
        assert.strictEqual(error.predictor, script.length === 1 ? "react" : "extract")
        assert.deepStrictEqual(shape(Trajectory.ofError(error))[0], [{
          tool: "add",
          observation: "3",
          isFailure: false
        }])
      }
    }))

  it.effect("outputs that cannot be read do too", () =>
    Effect.gen(function*() {
      const bad = ScriptedLM.chat({ reasoning: "so it is", answer: "three" })
      const error = yield* agent({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([finish, bad, bad], text))
      )
      assert.strictEqual(error._tag, "AdapterParseError")
      if (error._tag === "AdapterParseError") assert.lengthOf(Trajectory.ofError(error), 1)
    }))
})

describe("a context that is full", () => {
  const full = new LMErrors.ContextWindowExceeded({ description: "too long" })

  it.effect("drops the oldest turns from what is sent, and says so", () =>
    Effect.gen(function*() {
      const calls = [1, 2, 3, 4].map((n) => turn("add", { a: n, b: 0 }))
      const lm = yield* ScriptedLM.make([...calls, ScriptedLM.fail(full), finish, ScriptedLM.fail(full), answer], text)
      const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(lm.layer)
      )
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "StepsDropped" ? [event.iterations] : []),
        [[1, 2], [3, 4]]
      )
      const prediction = events.at(-1)!
      assert.isTrue(Prediction.isPrediction(prediction))
      if (prediction._tag === "Prediction") assert.lengthOf(prediction.trajectory, 5)
      const after = (yield* lm.requests)[5]!
      assert.lengthOf(after.messages, 2 + 4)
      assert.match(textAt(after, 1), /Turns 1 to 2 .* left out/)
      assert.include(textAt(after, 2), "\"a\":3")
      yield* lm.assertComplete
    }))

  it.effect("is an error where nothing is left to drop", () =>
    Effect.gen(function*() {
      const error = yield* agent({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(full)], text))
      )
      assert.isTrue(error._tag === "LMError" && error.reason._tag === "ContextWindowExceeded")
    }))
})

describe("law 11: prompt stability", () => {
  const isPrefix = (before: LMRequest.LMRequest, after: LMRequest.LMRequest) =>
    assert.deepStrictEqual(after.messages.slice(0, before.messages.length), before.messages)

  it.effect("each request begins with all of the request before, to the last one; and so do its tools", () =>
    Effect.gen(function*() {
      const call = ScriptedLM.toolCalls([{ name: "add", arguments: { a: 1, b: 2 } }, { name: "no", arguments: "" }])
      const lm = yield* ScriptedLM.make([call, call, call, done, answer])
      yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      const requests = yield* lm.requests
      assert.lengthOf(requests, 5)
      requests.slice(1).forEach((request, index) => {
        isPrefix(requests[index]!, request)
        assert.deepStrictEqual(request.tools, requests[0]!.tools)
      })
    }))

  for (const { format, layer, name } of forms) {
    it.effect(`text, ${name}`, () =>
      Effect.gen(function*() {
        const step = (tool: string, args: unknown) =>
          format({ next_thought: "a < b", next_tool_name: tool, next_tool_args: args })
        const lm = yield* ScriptedLM.make([
          step("add", { a: 1, b: 2 }),
          step("divide", { a: 1, b: 0 }),
          step("none", {}),
          step("finish", {}),
          format({ reasoning: "so", answer: 3 })
        ], text)
        yield* agent({ question: "?" }).pipe(Effect.provide(Layer.merge(layer, lm.layer)))
        const requests = yield* lm.requests
        assert.lengthOf(requests, 5)
        requests.slice(1).forEach((request, index) => isPrefix(requests[index]!, request))
        // No two messages of the same role meet: some servers refuse that.
        for (const { messages } of requests) {
          messages.slice(1).forEach(({ role }, index) => assert.notStrictEqual(role, messages[index]!.role))
        }
      }))
  }
})

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
      const last = events.at(-1)!
      if (last._tag === "Prediction") {
        assert.strictEqual(last.trajectory[0]!.calls[0]!.observation, "{\"translation\":\"mer\"}")
      }
    }))
})

describe("approval", () => {
  it.effect("what it changes of a call is in the stream, in the trajectory, and told to the model", () =>
    Effect.gen(function*() {
      const send = Tool.make(
        "send",
        { parameters: { amount: Schema.Finite }, needsApproval: true },
        ({ amount }) => `sent ${amount}`
      )
      const careful = ReAct.make("question -> answer", { tools: [send] })
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ name: "send", arguments: { amount: 100 } }]),
        done,
        ScriptedLM.chat({ reasoning: "r", answer: "a" })
      ])
      const events = yield* Streaming.streamify(careful)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([lm.layer, Approval.layer(() => Effect.succeed(Approval.approve({ amount: 5 })))])
      )
      const answered = events.flatMap((event) => event._tag === "ApprovalAnswered" ? [event] : [])
      assert.deepStrictEqual(answered.map(({ approved, inputs }) => ({ approved, inputs })), [
        { approved: true, inputs: { amount: 5 } }
      ])
      const last = events.at(-1)!
      if (last._tag !== "Prediction") return assert.fail("no prediction")
      const [call] = last.trajectory[0]!.calls
      assert.deepStrictEqual([call!.arguments, call!.changedTo], [{ amount: 100 }, { amount: 5 }])
      const told = textAt((yield* lm.requests)[1], -1)
      assert.include(told, "sent 5")
      assert.include(told, "{\"amount\":5}")
    }))
})

describe("agents that are tools", () => {
  it.effect("are told apart where they run side by side", () =>
    Effect.gen(function*() {
      const inner = ReAct.make("task -> result", { tools: [], name: "Inner", toolCalls: "text" })
      const outer = ReAct.make("question -> answer", { tools: [ModuleTool.make(inner, { name: "ask" })] })
      const layer = ScriptedLM.layer((request) => {
        const asked = JSON.stringify(request.messages)
        const task = /task ## \]\]\\n(\w+)/.exec(asked)?.[1]
        if (task !== undefined) {
          return asked.includes("No more tools")
            ? ScriptedLM.chat({ reasoning: task, result: task })
            : ScriptedLM.chat({ next_thought: task, next_tool_name: "finish", next_tool_args: {} })
        }
        return request.toolChoice === "none"
          ? ScriptedLM.chat({ reasoning: "r", answer: "a" })
          : request.messages.some(({ role }) => role === "tool")
          ? ScriptedLM.text("done")
          : ScriptedLM.toolCalls(["red", "blue"].map((task) => ({ name: "ask", arguments: { task } })))
      })
      const events = yield* Streaming.streamify(outer)({ question: "?" }).pipe(Stream.runCollect, Effect.provide(layer))
      const calls = new Map(
        events.flatMap((event) => event._tag === "ToolStart" ? [[event.callId, event.inputs.task] as const] : [])
      )
      assert.deepStrictEqual([...calls.values()], ["red", "blue"])
      const said = events.flatMap((event) =>
        event._tag === "StreamResponse" && event.signatureFieldName === "result" ? [event] : []
      )
      assert.lengthOf(said, 2)
      for (const event of said) assert.strictEqual(event.chunk, calls.get(event.withinToolCall!))
      for (const event of events) {
        if (event._tag === "StreamResponse" && event.predictName === "react") assert.isUndefined(event.withinToolCall)
      }
    }))
})

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
      const last = events.at(-1)!
      if (last._tag !== "Prediction") return assert.fail("no prediction")
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
})

describe("an agent is a program", () => {
  it.effect("predictors can be replaced, those of tools too, and examples are shown", () =>
    Effect.gen(function*() {
      const translate = ModuleTool.make(Predict.make("text -> translation"), { name: "translate" })
      const polyglot = ReAct.make("question -> answer", { tools: [translate] })
      const paths: Array<string> = []
      const shouting = Module.mapPredictors(polyglot, (predict, path) => {
        paths.push(path)
        return Predict.withInstructions(predict, `${predict.signature.instructions} SHOUT ${path}.`)
      })
      assert.deepStrictEqual(paths, ["react", "extract", "tools.translate"])
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ name: "translate", arguments: { text: "sea" } }]),
        ScriptedLM.chat({ translation: "mer" }),
        done,
        ScriptedLM.chat({ reasoning: "r", answer: "mer" })
      ])
      yield* shouting({ question: "?" }).pipe(Effect.provide(lm.layer))
      const requests = yield* lm.requests
      const said = [0, 1, 3].map((index) => JSON.stringify(requests[index]!.messages))
      assert.include(said[0]!, "SHOUT react.")
      assert.include(said[1]!, "SHOUT tools.translate.")
      assert.include(said[2]!, "SHOUT extract.")
    }))

  it.effect("law 3: what a tool runs is interrupted with the run, and nothing more is called", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const stopped = yield* Deferred.make<void>()
      const wait = Tool.make("wait", {}, () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(stopped, undefined))
        ))
      const waiting = ReAct.make("question -> answer", { tools: [wait] })
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "wait", arguments: {} }])])
      const run = yield* Effect.forkChild(waiting({ question: "?" }).pipe(Effect.provide(lm.layer)))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(run)
      yield* Deferred.await(stopped)
      assert.lengthOf(yield* lm.requests, 1)
    }))

  it.effect("law 6: two hundred at once, with three tools each, never hear of each other", () =>
    Effect.gen(function*() {
      const tools = [1, 2, 3].map((place) =>
        Tool.make(
          `tool_${place}`,
          { parameters: { who: Schema.String } },
          ({ who }) => Effect.as(Effect.repeat(Effect.yieldNow, { times: place * 3 }), `${who}/${place}`)
        )
      )
      const many = Streaming.streamify(ReAct.make("who -> answer", { tools }))
      const whoOf = (request: LMRequest.LMRequest) => /agent-\d+/.exec(textAt(request, 1))![0]
      const layer = ScriptedLM.layer((request) => {
        const who = whoOf(request)
        return request.toolChoice === "none"
          ? ScriptedLM.chat({ reasoning: who, answer: who }, { tokens: true })
          : request.messages.some(({ role }) => role === "tool")
          ? ScriptedLM.text(`${who} knows`, { tokens: true })
          : ScriptedLM.toolCalls(tools.map(({ name }) => ({ name, arguments: { who } })), { text: who, tokens: true })
      })
      const agents = Array.from({ length: 200 }, (_, index) => `agent-${index}`)
      const runs = yield* Effect.forEach(
        agents,
        (who) => Effect.map(Stream.runCollect(many({ who })), (events) => ({ who, events })),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(layer))
      const places = (
        { events }: (typeof runs)[number]
      ) => [...new Set(events.flatMap((event) => "callId" in event ? [event.callId] : []))]
      for (const { events, who } of runs) {
        const said = events.map((event) => event._tag === "StreamResponse" ? event.chunk : "").join("")
        assert.strictEqual(said, `${who}${who} knows${who}${who}`)
        const results = events.flatMap((event) => event._tag === "ToolEnd" ? [event.outcome] : [])
        assert.deepStrictEqual(results, [1, 2, 3].map((place) => ({ _tag: "Success", value: `${who}/${place}` })))
        const ends = events.filter((event) => event._tag === "ToolEnd")
        assert.deepStrictEqual(ends.map(({ callId }) => callId), [1, 2, 3].map((place) => `self@1>tool_${place}`))
      }
      // What a run calls its calls has nothing of the others.
      for (const run of runs) assert.deepStrictEqual(places(run), places(runs[0]!))
      assert.isAtLeast(places(runs[0]!).length, 6)
    }))

  it("its signature is its own, and its types are those of its tools", () => {
    assert.strictEqual(String(agent.signature), "question -> answer")
    assert.isTrue(Signature.isSignature(agent.signatures.react))
    assert.deepStrictEqual(Object.keys(agent.signatures), ["react", "extract"])
  })
})
