/** A budget that keeps a call back, with which an agent answers from what it has. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import {
  Budget,
  ChainOfThought,
  LMError,
  Module,
  ModuleTool,
  Predict,
  Prediction,
  ReAct,
  Streaming,
  StreamListener,
  Tool,
  Trajectory
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const question = { question: "?" }
const usage = { inputTokens: 100, outputTokens: 20 }
const look = Tool.make("look", {}, () => "a fact")
const isConcluding = (request: unknown) => JSON.stringify(request).includes("The work is over")
const outputs = ScriptedLM.chat({ reasoning: "so", answer: "from what I have" }, { usage })
const looking = {
  text: ScriptedLM.chat({ next_thought: "hm", next_tool_name: "look", next_tool_args: {} }, { usage }),
  native: ScriptedLM.toolCalls([{ name: "look", arguments: {} }], { text: "hm", usage })
}

/** A model that looks for ever, unless it is asked for the outputs. */
const restless = (toolCalls: "text" | "native") =>
  ScriptedLM.make((request) => isConcluding(request) ? outputs : looking[toolCalls])

const reasonOf = (error: unknown) =>
  error instanceof LMError && error.reason._tag === "OverBudget" ? error.reason : undefined

for (const toolCalls of ["text", "native"] as const) {
  const agent = ReAct.make("question -> answer", { tools: [look], toolCalls })

  describe(`an agent (${toolCalls}) at its budget`, () => {
    it.effect("answers from what it has, with the last call", () =>
      Effect.gen(function*() {
        const lm = yield* restless(toolCalls)
        const prediction = yield* agent(question).pipe(
          Budget.within({ calls: 4, atLimit: "answer" }),
          Effect.provide(lm.layer)
        )
        assert.strictEqual(prediction.answer, "from what I have")
        assert.strictEqual(prediction.trajectory.length, 3)
        assert.strictEqual(Prediction.details(prediction).endReason, "budget")
        assert.strictEqual((yield* lm.requests).length, 4)
        // The prompt of the answer begins as that of the turn before.
        const [, , before, last] = yield* lm.requests
        assert.deepStrictEqual(last!.messages.slice(0, before!.messages.length), before!.messages)
      }))

    it.effect("answers with one call beyond another bound", () =>
      Effect.gen(function*() {
        for (const limits of [{ tokens: 1000 }, { usd: 1, prices: { test: { input: 1000, output: 5000 } } }]) {
          const lm = yield* restless(toolCalls)
          const { answer } = yield* agent(question).pipe(
            Budget.within({ ...limits, atLimit: "answer" }),
            Effect.provide(lm.layer)
          )
          assert.strictEqual(answer, "from what I have")
          assert.isAbove((yield* lm.requests).length, 2)
        }
      }))

    it.effect("fails with its trajectory where nothing is kept back", () =>
      Effect.gen(function*() {
        const lm = yield* restless(toolCalls)
        const error = yield* agent(question).pipe(Budget.within({ calls: 4 }), Effect.flip, Effect.provide(lm.layer))
        assert.deepInclude(reasonOf(error), { bound: "calls", used: 4, mayAnswer: false })
        assert.strictEqual(Trajectory.ofError(error as LMError)?.length, 4)
      }))

    it.effect("answers in a stream as at any other end", () =>
      Effect.gen(function*() {
        const lm = yield* restless(toolCalls)
        const events = yield* Streaming.streamify(agent, {
          streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
        })(question).pipe(
          Budget.within({ calls: 2, atLimit: "answer" }),
          Stream.runCollect,
          Effect.provide(lm.layer)
        )
        const shown = events.flatMap((event) => event._tag === "StreamResponse" ? [event.chunk] : []).join("")
        assert.strictEqual(shown, "from what I have")
      }))
  })
}

describe("the call that is kept back", () => {
  const agent = ReAct.make("question -> answer", { tools: [look], toolCalls: "text" })

  it.effect("also pays the answer of an agent that had all its turns", () =>
    Effect.gen(function*() {
      const lm = yield* restless("text")
      const prediction = yield* agent(question, { maxIterations: 2 }).pipe(
        Budget.within({ calls: 3, atLimit: "answer" }),
        Effect.provide(lm.layer)
      )
      assert.strictEqual(Prediction.details(prediction).endReason, "maxIterations")
    }))

  it.effect("is not for an agent inside of another one's tool", () =>
    Effect.gen(function*() {
      const inner = ModuleTool.make(agent, { name: "look" })
      const outer = ReAct.make("question -> answer", { tools: [inner], toolCalls: "text" })
      const lm = yield* ScriptedLM.make((request) => {
        if (isConcluding(request)) return outputs
        const args = { question: "deeper" }
        return ScriptedLM.chat({ next_thought: "hm", next_tool_name: "look", next_tool_args: args })
      })
      const prediction = yield* outer(question).pipe(
        Budget.within({ calls: 4, atLimit: "answer" }),
        Effect.provide(lm.layer)
      )
      assert.strictEqual(Prediction.details(prediction).endReason, "budget")
      assert.strictEqual((yield* lm.requests).length, 4)
      const [step] = prediction.trajectory
      assert.isTrue(step!.calls[0]!.isFailure)
      assert.include(step!.calls[0]!.observation, "budget")
    }))

  it.effect("is for an agent in a tool, where the budget is around that one", () =>
    Effect.gen(function*() {
      const careful = Tool.make("look", {}, () =>
        Effect.map(
          agent({ question: "deeper" }).pipe(Budget.within({ calls: 2, atLimit: "answer" })),
          ({ answer }) => answer
        ).pipe(Effect.orDie))
      const outer = ReAct.make("question -> answer", { tools: [careful], toolCalls: "text" })
      const lm = yield* restless("text")
      const { trajectory } = yield* outer(question, { maxIterations: 1 }).pipe(Effect.provide(lm.layer))
      assert.strictEqual(trajectory[0]!.calls[0]!.observation, "from what I have")
    }))

  it.effect("is one, whoever comes first", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make((request) =>
        isConcluding(request)
          ? ScriptedLM.chat({ reasoning: "so", answer: "done" }, { delay: "1 second" })
          : ScriptedLM.chat({ next_thought: "hm", next_tool_name: "look", next_tool_args: {} }, { delay: "1 second" })
      )
      const fiber = yield* Effect.all([agent(question), agent(question)].map(Effect.result), {
        concurrency: "unbounded"
      }).pipe(Budget.within({ calls: 5, atLimit: "answer" }), Effect.provide(lm.layer), Effect.forkChild)
      yield* TestClock.adjust("1 minute")
      const results = yield* Fiber.join(fiber)
      assert.deepStrictEqual(results.map(({ _tag }) => _tag).toSorted(), ["Failure", "Success"])
      assert.strictEqual((yield* lm.requests).length, 5)
    }))

  it.effect("is for agents alone", () =>
    Effect.gen(function*() {
      const program = Module.make(
        "Steps",
        { one: Predict.make("question -> answer"), two: ChainOfThought.make("question -> answer") },
        ({ one, two }) => (input: { readonly question: string }) => Effect.andThen(one(input), two(input))
      )
      const error = yield* program(question).pipe(
        Budget.within({ calls: 2, atLimit: "answer" }),
        Effect.flip,
        Effect.provide(ScriptedLM.layer(() => outputs))
      )
      assert.deepInclude(reasonOf(error), { used: 1, mayAnswer: true })
      assert.include(error.message, "1 is kept back for an agent's answer")
    }))
})
