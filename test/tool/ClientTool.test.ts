/** Tools without a function: what is asked of the client, and what its answers come to. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schema, Stream } from "effect"
import { Approval, ClientTool, Prediction, ReAct, Step, Streaming, Tool, Toolbox } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

const confirm = Tool.client("confirm", {
  description: "Asks the buyer",
  parameters: { amount: Schema.Finite, at: Schema.optionalKey(Schema.Date) },
  success: Schema.Boolean
})
const agent = ReAct.make("question -> answer", { tools: [confirm] })
const script = [
  ScriptedLM.toolCalls([{ id: "x", name: "confirm", arguments: { amount: 5, at: "2026-01-02T00:00:00.000Z" } }]),
  ScriptedLM.chat({ reasoning: "r", answer: "bought" })
]

const call = (answer: unknown) =>
  Effect.flatMap(
    Toolbox.resolve([confirm]),
    (box) => box.call({ name: "confirm", arguments: { _tag: "Json", value: { amount: 1 } } })
  ).pipe(
    Effect.provide(ClientTool.layer(() => Effect.succeed(answer as ClientTool.Answer)))
  )

describe("a call of a tool of the client", () => {
  it.effect("is a request of JSON, by an event and in an inbox, and goes on with the answer", () =>
    Effect.gen(function*() {
      const inbox = yield* ClientTool.makeInbox
      const lm = yield* ScriptedLM.make(script)
      const fiber = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([lm.layer, inbox.layer]),
        Effect.forkChild
      )
      const [request] = yield* inbox.requests.pipe(Stream.take(1), Stream.runCollect)
      const { id, ...rest } = Schema.decodeUnknownSync(ClientTool.Request)(JSON.parse(JSON.stringify(request)))
      assert.deepStrictEqual(rest, {
        tool: "confirm",
        description: "Asks the buyer",
        arguments: { amount: 5, at: "2026-01-02T00:00:00.000Z" },
        toolCallId: "x",
        path: "self",
        agent: "ReAct"
      })
      assert.isTrue(yield* inbox.answer(id, ClientTool.answered(true)))
      assert.isFalse(yield* inbox.answer(id, ClientTool.answered(false)))
      const events = yield* Fiber.join(fiber)
      const told = events.flatMap((event) => "toolName" in event && event._tag !== "ToolCallDelta" ? [event] : [])
      assert.deepStrictEqual(told.map(({ _tag }) => _tag), ["ToolStart", "ClientRequested", "ToolEnd"])
      assert.deepInclude(told[1], { requestId: id, toolCallId: "x", inputs: rest.arguments })
      const last = events.at(-1)!
      if (last._tag !== "Prediction") return assert.fail("no prediction")
      assert.deepInclude(last.trajectory[0]!.calls[0], { observation: "true", isFailure: false })
      yield* lm.assertComplete
    }))

  it.effect("may need approval first, whose arguments are those that the client is asked", () =>
    Effect.gen(function*() {
      const careful = Tool.client("pay", { parameters: { amount: Schema.Finite }, needsApproval: true })
      const paid = yield* careful({ amount: 5 }).pipe(Effect.provide([
        Approval.layer(() => Effect.succeed(Approval.approve({ amount: 3 }))),
        ClientTool.layer((request) => Effect.succeed(ClientTool.answered(request.arguments)))
      ]))
      assert.deepStrictEqual(paid, { amount: 3 })
    }))

  it.effect("is a step of the run: what was stored is not asked again", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const stored: Step.Perform = (step, self) => {
        seen.push(step._tag)
        return step._tag === "Tool"
          ? Schema.decodeUnknownEffect(step.success)({ value: true }).pipe(Effect.orDie)
          : self
      }
      const { trajectory } = yield* agent({ question: "?" }).pipe(
        Effect.provideService(Step.Performer, stored),
        Effect.provide([ScriptedLM.layer(script), ClientTool.layer(() => Effect.die("it was asked"))])
      )
      assert.deepStrictEqual(seen, ["LM", "Tool", "LM"])
      assert.strictEqual(trajectory[0]!.calls[0]!.observation, "true")
    }))

  it.effect("ends with the run that asks: nothing waits any more", () =>
    Effect.gen(function*() {
      const inbox = yield* ClientTool.makeInbox
      const asked = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(Effect.provide(confirm({ amount: 1 }), inbox.layer))
      yield* Effect.forkChild(Stream.runForEach(inbox.requests, () => Deferred.succeed(asked, undefined)))
      yield* Deferred.await(asked)
      assert.lengthOf(yield* inbox.pending, 1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* inbox.pending, [])
    }))
})

describe("what an answer comes to", () => {
  it.effect("a failure, an answer of another type and no answer at all are told to the model", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [unknown, RegExp]> = [
        [ClientTool.failed("the buyer has left"), /the buyer has left/],
        [ClientTool.answered("yes"), /boolean/i],
        [true, /ClientTool\.answered\(value\)/]
      ]
      for (const [answer, words] of cases) {
        const observation = yield* call(answer)
        assert.strictEqual(observation._tag, "Failure")
        assert.match(observation.text, words)
      }
    }))

  it.effect("may be answered by plain JavaScript as it is, or by a promise, as an approver may", () =>
    Effect.gen(function*() {
      const params = { amount: 1 }
      for (const execute of [() => ClientTool.answered(true), async () => ClientTool.answered(true)]) {
        const layer = ClientTool.layer(execute as never)
        assert.strictEqual(yield* confirm(params).pipe(Effect.provide(layer)), true)
      }
      const error = yield* Effect.flip(confirm(params).pipe(Effect.provide(ClientTool.layer((() => true) as never))))
      assert.match(error.message, /the client answered with a boolean: it gives ClientTool\.answered\(value\)/)
    }))

  it.effect("without a client a call fails, and says what to provide", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(confirm({ amount: 1 }))
      assert.match(error.message, /nobody is there who could execute it/)
    }))

  it.effect("an agent goes on after a failure", () =>
    Effect.gen(function*() {
      const prediction = yield* agent({ question: "?" }).pipe(Effect.provide(ScriptedLM.layer(script)))
      assert.isTrue(prediction.trajectory[0]!.calls[0]!.isFailure)
      assert.strictEqual(Prediction.details(prediction).endReason, "answered")
    }))
})

it("what plain JavaScript gives is refused in a sentence", () => {
  type Unchecked = never
  assert.throws(
    () => ClientTool.failed(3 as Unchecked),
    /the message of ClientTool.failed.* is a number: it is a string/
  )
  assert.throws(() => ClientTool.layer({} as Unchecked), /a function that executes/)
  assert.throws(() => Tool.client("t", { parameter: {} } as Unchecked), /the tool 't' has no option 'parameter'/)
  assert.throws(() => Tool.client("a b", {}), /a tool's name/)
})
