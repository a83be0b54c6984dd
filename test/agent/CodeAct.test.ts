/** An agent that acts by code: its turns, what it is told, and that it is a module and an agent as others are. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schema, Stream } from "effect"
import {
  Approval,
  CodeAct,
  Module,
  ModuleTool,
  Predict,
  Prediction,
  ReAct,
  Sandbox,
  SandboxError,
  SandboxReason,
  Session,
  StopWhen,
  Streaming,
  StreamListener,
  Tool,
  Trajectory
} from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"

const prices: Readonly<Record<string, number>> = { tea: 3, cake: 5 }
const price = Tool.make(
  "get-price",
  { description: "The price of a thing", parameters: { name: Schema.String } },
  ({ name }) => name in prices ? Effect.succeed(prices[name]!) : Effect.fail(new Error(`no price of ${name}`))
)
const agent = CodeAct.make("question -> answer: int", { tools: [price] })

/** A turn. */
const turn = (code: string, finished = false, thought = "hm") =>
  ScriptedLM.chat({ next_thought: thought, generated_code: code, finished })

const answer = ScriptedLM.chat({ reasoning: "so it is", answer: 8 })

const shape = (trajectory: Trajectory.Trajectory) =>
  trajectory.map(({ calls }) => calls.map(({ isFailure, observation }) => [isFailure, observation]))

describe("the loop", () => {
  it.live("runs code with the tools as functions, keeps its variables, and asks for the outputs", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        turn(
          "const [tea, cake] = await Promise.all(['tea', 'cake'].map((name) => get_price({ name })))\nconsole.log(tea)"
        ),
        turn("```js\nconst tea = await get_price('tea')\ntea + cake\n```", true, "I know it"),
        answer
      ])
      const prediction = yield* agent({ question: "Both?" }).pipe(Effect.provide(lm.layer))
      const { trajectory } = prediction
      assert.deepStrictEqual([prediction.answer, prediction.reasoning], [8, "so it is"])
      assert.deepStrictEqual(shape(trajectory), [[[false, "3\n"]], [[false, "=> 8"]]])
      assert.deepStrictEqual(trajectory[1], {
        iteration: 2,
        thought: "I know it",
        calls: [{
          id: "turn_2_1",
          tool: "javascript",
          arguments: { code: "const tea = await get_price('tea')\ntea + cake" },
          observation: "=> 8",
          isFailure: false,
          calls: [{
            id: "turn_2_1_1",
            tool: "get-price",
            arguments: { name: "tea" },
            observation: "3",
            isFailure: false
          }]
        }]
      })
      assert.lengthOf(trajectory[0]!.calls[0]!.calls!, 2)
      assert.strictEqual(Prediction.details(prediction).endReason, "finished")
      assert.strictEqual(Prediction.usage(prediction).calls, 3)
      const [first, second, third] = yield* lm.requests
      for (const word of ["- get_price: The price of a thing", "JavaScript", "generated_code", "finished"]) {
        assert.include(textAt(first, 0), word)
      }
      assert.include(textAt(second, -1), "3\n")
      assert.deepStrictEqual(second!.messages.slice(0, first!.messages.length), first!.messages)
      assert.deepStrictEqual(third!.messages.slice(0, second!.messages.length), second!.messages)
      yield* lm.assertComplete
    }))

  it.live("tells what went wrong, and goes on, also where the code was to be the last", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([
        turn("console.log('before')\nawait get_price({ name: 'gold' })"),
        turn("try { await get_price({ nam: 1 }) } catch ({ message }) { console.log(message) }"),
        turn("nope(", true),
        // The adapter asks for it once more by itself.
        "no turn at all",
        "{}",
        turn("for (;;);"),
        answer
      ])
      const quick = CodeAct.make("question -> answer: int", { tools: [price], time: "100 millis" })
      const { trajectory } = yield* quick({ question: "?" }).pipe(Effect.provide(lm.layer))
      const rows = shape(trajectory).map(([row]) => row)
      assert.deepStrictEqual(rows[0], [true, "before\nError: get-price: no price of gold (line 2)"])
      assert.match(String(rows[1]), /^false,get-price: .*name/s)
      assert.match(String(rows[2]), /^true,SyntaxError: .*line 1/)
      assert.isUndefined(rows[3])
      assert.match(trajectory[3]!.problem!, /generated_code/)
      assert.deepStrictEqual(rows[4], [true, "it computes for longer than the 100 ms that it may"])
      yield* lm.assertComplete
    }))

  it.live("ends after maxIterations, and where stopWhen says so, also of a tool that code called", () =>
    Effect.gen(function*() {
      const code = "await get_price('tea')"
      const one = yield* agent({ question: "?" }, { maxIterations: 1 }).pipe(
        Effect.provide(ScriptedLM.layer([turn("1"), answer]))
      )
      assert.strictEqual(Prediction.details(one).endReason, "maxIterations")
      const stopped = CodeAct.make("question -> answer: int", {
        tools: [price],
        stopWhen: StopWhen.toolCalled("get-price")
      })
      const two = yield* stopped({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([turn("1"), turn(code), answer]))
      )
      assert.deepStrictEqual([Prediction.details(two).endReason, two.trajectory.length], ["stopped", 2])
      const most = yield* agent({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([turn("1"), turn("2"), turn("3"), turn("4"), turn("5"), answer]))
      )
      assert.lengthOf(most.trajectory, 5)
    }))

  it.live("needs no code in the turn that ends it, and says so where code gave nothing", () =>
    Effect.gen(function*() {
      const { trajectory } = yield* agent({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([turn("const a = 1"), turn(" ", true), answer]))
      )
      assert.deepStrictEqual(shape(trajectory), [
        [[false, "(The code printed nothing, and its last line has no value.)"]],
        []
      ])
    }))

  it.live("bounds what it tells", () =>
    Effect.gen(function*() {
      const short = CodeAct.make("question -> answer: int", { tools: [], maxObservationLength: 10 })
      const { trajectory } = yield* short({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([turn("'x'.repeat(100)", true), answer]))
      )
      assert.deepStrictEqual(shape(trajectory), [[[false, "=> xxxxxxx\n[93 more characters were left out]"]]])
    }))
})

describe("tools", () => {
  it.live("of names that JavaScript has not get others, told apart", () =>
    Effect.gen(function*() {
      const tools = ["get-it", "get_it", "2nd", "class", "print"].map((name) => Tool.make(name, {}, () => name))
      const lm = yield* ScriptedLM.make([
        turn("await Promise.all([get_it(), get_it_(), _2nd(), class_(), print_()])", true),
        answer
      ])
      const { trajectory } = yield* CodeAct.make("question -> answer: int", { tools })({ question: "?" }).pipe(
        Effect.provide(lm.layer)
      )
      assert.deepStrictEqual(shape(trajectory), [
        [[false, "=> [\"get-it\", \"get_it\", \"2nd\", \"class\", \"print\"]"]]
      ])
    }))

  it.live("that need an approval are asked for, and refused ones throw", () =>
    Effect.gen(function*() {
      const buy = Tool.make("buy", { parameters: { amount: Schema.Int }, needsApproval: true }, ({ amount }) => amount)
      const shopper = CodeAct.make("question -> answer: int", { tools: [buy] })
      const approver = Approval.layer(({ arguments: { amount } }) =>
        Effect.succeed(Number(amount) > 9 ? Approval.refuse("too much") : Approval.approve({ amount: 5 }))
      )
      const events = yield* Streaming.streamify(shopper)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([
          ScriptedLM.layer([
            turn("console.log(await buy(7)); try { await buy(10) } catch (e) { e.message }", true),
            answer
          ]),
          approver
        ])
      )
      const asked = events.flatMap((event) => event._tag === "ApprovalRequested" ? [event.inputs] : [])
      assert.deepStrictEqual(asked, [{ amount: 7 }, { amount: 10 }])
      const last = events.at(-1)!
      if (last._tag !== "Prediction") return assert.fail("no prediction")
      const [{ calls, observation }] = last.trajectory[0]!.calls as never as [Trajectory.StepCall]
      assert.strictEqual(observation, "5\n=> buy: the call was refused: too much")
      assert.deepStrictEqual(calls![0]!.changedTo, { amount: 5 })
    }))

  it.live("that are modules stream under the agent", () =>
    Effect.gen(function*() {
      const translate = ModuleTool.make(Predict.make("text -> translation"), { name: "translate" })
      const outer = CodeAct.make("question -> answer: int", { tools: [translate] })
      const program = Streaming.streamify(outer, {
        streamListeners: [
          StreamListener.make({ signatureFieldName: "translation", predictName: "tools.translate" }),
          StreamListener.make({ signatureFieldName: "generated_code", predictName: "codeact" })
        ]
      })
      const events = yield* program({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([
          turn("(await translate({ text: 'tea' })).translation", true),
          ScriptedLM.chat({ translation: "Tee" }),
          answer
        ]))
      )
      const streamed = (field: string) =>
        events.flatMap((event) =>
          event._tag === "StreamResponse" && event.signatureFieldName === field ? [event.chunk] : []
        ).join("")
      assert.strictEqual(streamed("generated_code"), "(await translate({ text: 'tea' })).translation")
      assert.strictEqual(streamed("translation"), "Tee")
      const started = events.flatMap((event) => event._tag === "ToolStart" ? [event.toolName] : [])
      assert.deepStrictEqual(started, ["javascript", "translate"])
      const last = events.at(-1)!
      if (last._tag === "Prediction") assert.deepStrictEqual(shape(last.trajectory), [[[false, "=> Tee"]]])
    }))
})

describe("a module as others are", () => {
  it.live("is interrupted with its code and its tools", () =>
    Effect.gen(function*() {
      const called = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<void>()
      const wait = Tool.make("wait", {}, () =>
        Deferred.succeed(called, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
        ))
      const waiting = CodeAct.make("question -> answer", { tools: [wait] })
      for (const code of ["await wait()", "wait(); for (let i = 0; ; i++) if (i % 100 === 0) await null"]) {
        const fiber = yield* Effect.forkChild(
          waiting({ question: "?" }).pipe(
            Effect.provide([ScriptedLM.layer([turn(code)]), Sandbox.layer({ time: "1 minute" })])
          )
        )
        yield* Deferred.await(called)
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(ended)
      }
    }))

  it.live("runs at the same time as others, each with variables of its own", () =>
    Effect.gen(function*() {
      const lm = ScriptedLM.layer((request) => {
        const number = /is (\d+)\?/.exec(textAt(request, 1))?.[1]
        const turns = request.messages.filter(({ role }) => role === "assistant").length
        return turns === 0
          ? turn(`const n = ${number}`)
          : turns === 1
          ? turn("n * 2", true)
          : ScriptedLM.chat({ reasoning: "", answer: Number(/=> (\d+)/.exec(textAt(request, -1))![1]) })
      })
      const numbers = [1, 2, 3, 4, 5, 6]
      const all = Effect.forEach(numbers, (n) => agent({ question: `What is ${n}?` }), { concurrency: "unbounded" })
      const answers = yield* Effect.provide(all, lm)
      assert.deepStrictEqual(answers.map(({ answer }) => answer), numbers.map((n) => n * 2))
    }))

  it.live("sends its code again in a conversation, and native calls of another agent as code", () =>
    Effect.gen(function*() {
      const signature = "question, history: History -> answer: int"
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ id: "x", name: "get-price", arguments: "{\"name\":\"tea\"}" }], { text: "Asking." }),
        answer,
        turn("1 + 1", true, "Adding."),
        answer,
        turn("", true),
        answer
      ])
      const history = yield* Effect.gen(function*() {
        const first = yield* Session.make(ReAct.make(signature, { tools: [price] }))
        yield* first({ question: "a?" })
        const chat = yield* Session.make(CodeAct.make(signature, { tools: [price] }), {
          history: JSON.parse(JSON.stringify(yield* first.history))
        })
        yield* chat({ question: "b?" })
        yield* chat({ question: "c?" })
        return yield* chat.history
      }).pipe(Effect.provide(lm.layer))
      assert.lengthOf(history.messages, 3)
      const [, , asked, , again] = yield* lm.requests
      assert.include(JSON.stringify(asked), "await get-price({\\\"name\\\":\\\"tea\\\"})")
      assert.deepStrictEqual(again!.messages.slice(0, asked!.messages.length), asked!.messages)
      for (const word of ["Adding.", "1 + 1", "=> 2"]) assert.include(JSON.stringify(again), word)
    }))

  it.live("nests in an agent, and is saved and loaded", () =>
    Effect.gen(function*() {
      const outer = ReAct.make("question -> answer: int", {
        tools: [ModuleTool.make(agent, { name: "compute" })],
        toolCalls: "text"
      })
      const state = yield* Module.save(outer)
      assert.sameMembers(Object.keys(state.predictors), [
        "react",
        "extract",
        "tools.compute.codeact",
        "tools.compute.extract"
      ])
      const told = Module.mapPredictors(outer, (predict, path) =>
        path === "tools.compute.codeact" ? Predict.withInstructions(predict, "Compute.") : predict)
      const loaded = yield* Module.load(outer, yield* Module.save(told))
      const lm = yield* ScriptedLM.make([
        ScriptedLM.chat({ next_thought: "", next_tool_name: "compute", next_tool_args: { question: "q" } }),
        turn("1 + 1", true),
        answer,
        ScriptedLM.chat({ next_thought: "", next_tool_name: "finish", next_tool_args: {} }),
        answer
      ])
      assert.strictEqual((yield* loaded({ question: "?" }).pipe(Effect.provide(lm.layer))).answer, 8)
      assert.include(textAt((yield* lm.requests)[1], 0), "Compute.")
    }))

  it.live("fails with the model's error, with what it has done", () =>
    Effect.gen(function*() {
      const reason = new LMErrors.Authentication({ description: "no key" })
      const error = yield* agent({ question: "?" }).pipe(
        Effect.provide(ScriptedLM.layer([turn("1 + 1"), ScriptedLM.fail(reason)])),
        Effect.flip
      )
      assert(error._tag === "LMError")
      assert.deepStrictEqual(shape(Trajectory.ofError(error)), [[[false, "=> 2"]]])
    }))

  it.live("asks no model where there is no sandbox", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([turn("1")])
      const none = new SandboxError({
        reason: new SandboxReason.NotInstalled({ description: "npm install it" }),
        output: ""
      })
      const error = yield* agent({ question: "?" }).pipe(
        Effect.provide([lm.layer, Layer.succeed(Sandbox.Sandbox, { open: () => Effect.fail(none) })]),
        Effect.flip
      )
      assert.strictEqual(error, none)
      assert.deepStrictEqual(yield* lm.requests, [])
    }))
})
