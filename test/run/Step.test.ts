/**
 * The seam through which a run acts in the world: a performer that stores what came of each step as JSON, and gives it again to a
 * run that is begun anew.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Data, Effect, Exit, Fiber, Layer, Schema, Stream } from "effect"
import {
  Approval,
  LMError,
  LMReason,
  Module,
  ModuleTool,
  Predict,
  Prediction,
  ReAct,
  Step,
  Streaming,
  StreamListener,
  Tool,
  ToolRegistry,
  Usage
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

/** What came of the steps, by where they were, what they asked and their place among equals. */
type Store = Map<string, string>

/** Stores the result of each step as JSON text, or gives what is stored; `done` lists what was really done. */
const durable = (store: Store, done: Array<string>): Step.Perform => {
  const counts = new Map<string, number>()
  return <A, E, R>(step: Step.Step<A, E>, self: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      const { _tag, asked, name, place } = step
      const key = JSON.stringify([place, _tag, name, asked])
      const nth = (counts.get(key) ?? 0) + 1
      counts.set(key, nth)
      const exit = Schema.toCodecJson(Schema.Exit(step.success, step.error, Schema.Defect()))
      const stored = store.get(`${key}#${nth}`)
      if (stored !== undefined) {
        const found = Schema.decodeUnknownSync(exit as never)(JSON.parse(stored)) as Exit.Exit<A, E>
        return Exit.isSuccess(found) && _tag === "LM"
          ? Effect.succeed({ ...found.value, givenAgain: true })
          : found
      }
      done.push(`${_tag} ${name} at ${place.path}${place.iteration === undefined ? "" : ` (${place.iteration})`}`)
      return Effect.onExit(self, (result) =>
        Effect.sync(() => {
          const json = Schema.encodeUnknownSync(exit as never)(result)
          store.set(`${key}#${nth}`, JSON.stringify(json))
        }))
    })
}

/** Runs a program, and once more from what was stored. */
const twice = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const store: Store = new Map()
    const [first, second]: [Array<string>, Array<string>] = [[], []]
    const one = yield* Effect.exit(Effect.provideService(program, Step.Performer, durable(store, first)))
    const two = yield* Effect.exit(Effect.provideService(program, Step.Performer, durable(store, second)))
    return { one, two, first, second }
  })

const usage = { inputTokens: 10, outputTokens: 2 }
const answer = (fields: Readonly<Record<string, unknown>>) => ScriptedLM.chat(fields, { usage, tokens: true })

/** Runs with the clock going on by itself. */
const hurried = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(self)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

let looked = 0
const look = Tool.make("look", { parameters: { at: Schema.String }, success: Schema.Date }, ({ at }) => {
  looked++
  return new Date(`${at}T00:00:00Z`)
})

const agent = ReAct.make("question -> answer", { tools: [look], toolCalls: "text" })
const script = [
  answer({ next_thought: "hm", next_tool_name: "look", next_tool_args: { at: "2026-01-02" } }),
  answer({ next_thought: "done", next_tool_name: "finish", next_tool_args: {} }),
  answer({ reasoning: "so", answer: "January" })
]

describe("steps", () => {
  it.effect("a run that is begun again asks for nothing that was stored", () =>
    Effect.gen(function*() {
      looked = 0
      const lm = yield* ScriptedLM.make(script)
      const { first, one, second, two } = yield* Effect.provide(twice(agent({ question: "When?" })), lm.layer)
      yield* lm.assertComplete
      assert.deepStrictEqual(first, [
        "LM scripted/test at react (1)",
        "Tool look at self (1)",
        "LM scripted/test at react (2)",
        "LM scripted/test at extract (3)"
      ])
      assert.deepStrictEqual([second, looked], [[], 1])
      assert.deepStrictEqual(two, one)
    }))

  it.effect("what is given again was paid before", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make(script)
      const { one, two } = yield* Effect.provide(twice(agent({ question: "When?" })), lm.layer)
      const usageOf = (exit: typeof one) => Exit.isSuccess(exit) ? Prediction.usage(exit.value) : undefined
      assert.deepStrictEqual(usageOf(one), { ...Usage.empty, inputTokens: 30, outputTokens: 6, calls: 3 })
      assert.deepStrictEqual(usageOf(two), Usage.empty)
    }))

  it.effect("a stream shows the same fields, though nothing streams", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([answer({ answer: "a long answer" })])
      const streamed = Streaming.streamify(Predict.make("question -> answer"), {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })
      const texts = Stream.runCollect(streamed({ question: "?" })).pipe(
        Effect.map((events) => ({
          text: events.map((event) => event._tag === "StreamResponse" ? event.chunk : "").join(""),
          pieces: events.filter(({ _tag }) => _tag === "StreamResponse").length,
          last: events.filter((event) => event._tag === "StreamResponse" && event.isLastChunk).length
        }))
      )
      const { one, two } = yield* Effect.provide(twice(texts), lm.layer)
      assert.deepStrictEqual(two, Exit.succeed({ text: "a long answer", pieces: 1, last: 1 }))
      assert.isTrue(Exit.isSuccess(one) && one.value.text === "a long answer" && one.value.pieces > 1)
    }))

  it.effect("the last events of a reply are told inside of its step", () =>
    Effect.gen(function*() {
      const lm = yield* ScriptedLM.make([answer({ answer: "Paris" })])
      const told: Array<string> = []
      const streamed = Streaming.streamify(Predict.make("question -> answer"))
      yield* streamed({ question: "?" }).pipe(
        Stream.runForEach((event) => Effect.sync(() => void told.push(event._tag))),
        Effect.provideService(Step.Performer, (_, self) =>
          Effect.ensuring(
            self,
            Effect.yieldNow.pipe(Effect.andThen(Effect.sync(() => void told.push("step over"))))
          )),
        Effect.provide(lm.layer)
      )
      assert.isAbove(told.indexOf("step over"), told.lastIndexOf("StreamResponse"))
    }))

  it.effect("a failure is stored as the error that it was", () =>
    Effect.gen(function*() {
      const reason = new LMReason.InvalidRequest({ description: "no" })
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(reason)])
      const { first, one, second, two } = yield* Effect.provide(
        twice(Predict.make("question -> answer")({ question: "?" })),
        lm.layer
      )
      assert.deepStrictEqual([first.length, second.length], [1, 0])
      const errorOf = (exit: typeof one) => Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.instanceOf(errorOf(two), LMError)
      assert.deepStrictEqual(errorOf(two), errorOf(one))
    }))

  it.effect("an approval is asked for once", () =>
    Effect.gen(function*() {
      let asked = 0
      const approver = Approval.layer(() =>
        Effect.sync(() => {
          asked++
          return Approval.approve({ at: "2026-02-03" })
        })
      )
      const guarded = Tool.make("look", { parameters: { at: Schema.String }, needsApproval: true }, ({ at }) => at)
      const program = ReAct.make("question -> answer", { tools: [guarded], toolCalls: "text" })
      const lm = yield* ScriptedLM.make(script)
      const { first, one, second, two } = yield* Effect.provide(
        twice(program({ question: "?" })),
        Layer.merge(lm.layer, approver)
      )
      assert.deepStrictEqual(first.slice(1, 3), ["Approval look at self (1)", "Tool look at self (1)"])
      assert.deepStrictEqual([asked, second], [1, []])
      assert.deepStrictEqual(two, one)
    }))

  it.effect("a tool that a program calls is a step, with its own types and errors", () =>
    Effect.gen(function*() {
      class Closed extends Data.TaggedError("Closed")<{ readonly message: string }> {}
      const shop = Tool.make(
        "shop",
        { parameters: { open: Schema.Boolean }, success: Schema.Date },
        ({ open }) => open ? Effect.succeed(new Date(0)) : Effect.fail(new Closed({ message: "closed" }))
      )
      const program = Module.make("Shopping", {}, () => () =>
        Effect.gen(function*() {
          const at = yield* shop({ open: true })
          const error = yield* Effect.flip(shop({ open: false }))
          return { at, said: error.message }
        }))
      const { first, one, second, two } = yield* twice(program({}))
      assert.deepStrictEqual(first, ["Tool shop at self", "Tool shop at self"])
      assert.deepStrictEqual(second, [])
      assert.deepStrictEqual(two, one)
      assert.isTrue(Exit.isSuccess(two) && two.value.at.getTime() === 0 && two.value.said === "closed")
    }))

  it.effect("a registered tool is a step of the run that calls it, wherever it was registered", () =>
    Effect.gen(function*() {
      const other: Array<string> = []
      const registry = ToolRegistry.layerTools(look).pipe(
        Layer.provide(Layer.succeed(Step.Performer, durable(new Map(), other)))
      )
      const program = ReAct.make("question -> answer", { tools: ToolRegistry, toolCalls: "text" })
      const lm = yield* ScriptedLM.make(script)
      const { first, second } = yield* Effect.provide(
        twice(program({ question: "?" })),
        Layer.merge(lm.layer, registry)
      )
      assert.deepStrictEqual([first[1], second, other], ["Tool look at self (1)", [], []])
    }))

  it.effect("a module that is a tool is no step: its own steps are", () =>
    Effect.gen(function*() {
      const inner = ModuleTool.make(Predict.make("at -> date"), { name: "look" })
      const program = ReAct.make("question -> answer", { tools: [inner], toolCalls: "text" })
      const lm = yield* ScriptedLM.make([script[0]!, answer({ date: "today" }), ...script.slice(1)])
      const { first, one, second, two } = yield* Effect.provide(twice(program({ question: "?" })), lm.layer)
      assert.deepStrictEqual(first.slice(0, 3), [
        "LM scripted/test at react (1)",
        "LM scripted/test at tools.look (1)",
        "LM scripted/test at react (2)"
      ])
      assert.deepStrictEqual(second, [])
      assert.deepStrictEqual(two, one)
    }))

  it.effect("agents at the same time find their own steps again, in whatever order they run", () =>
    Effect.gen(function*() {
      for (const toolCalls of ["text", "native"] as const) {
        let paid = 0
        const pay = Tool.make("pay", { parameters: { to: Schema.String } }, ({ to }) => {
          paid++
          return `paid ${to}`
        })
        const payer = ReAct.make("name -> answer", { tools: [pay], toolCalls })
        const both = Module.make(
          "Both",
          { one: payer, two: payer },
          ({ one, two }) => (input: { readonly slow: string }) =>
            Effect.all(
              [one, two].map((agent, at) => {
                const name = at === 0 ? "one" : "two"
                // What is slow in one run need not be so in the next.
                return Effect.andThen(name === input.slow ? Effect.sleep("1 second") : Effect.void, agent({ name }))
              }),
              { concurrency: "unbounded" }
            ).pipe(Effect.map((all) => ({ answers: all.map(({ answer }) => answer) })))
        )
        const lm = yield* ScriptedLM.make((request) => {
          const asked = JSON.stringify(request.messages)
          const isPaid = asked.includes("paid ")
          if (asked.includes("The work is over")) return answer({ reasoning: "so", answer: "done" })
          const to = asked.includes("\\none\\n") ? "one" : "two"
          if (toolCalls === "native") {
            return isPaid
              ? ScriptedLM.text("done")
              : ScriptedLM.toolCalls([{ id: "call_0", name: "pay", arguments: { to } }], { text: "hm" })
          }
          return answer({
            next_thought: "hm",
            next_tool_name: isPaid ? "finish" : "pay",
            next_tool_args: isPaid ? {} : { to }
          })
        })
        const store: Store = new Map()
        const run = (slow: string, done: Array<string>) =>
          hurried(both({ slow })).pipe(
            Effect.provideService(Step.Performer, durable(store, done)),
            Effect.provide(lm.layer)
          )
        const [first, second]: [Array<string>, Array<string>] = [[], []]
        const one = yield* run("one", first)
        const two = yield* run("two", second)
        assert.deepStrictEqual([first.length, second, paid], [8, [], 2], toolCalls)
        assert.deepStrictEqual({ ...two }, { ...one })
      }
    }))

  it.effect("a tool's own error comes back as what it was, where its Schema is given", () =>
    Effect.gen(function*() {
      class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { id: Schema.Finite }) {}
      const find = Tool.make(
        "find",
        { parameters: { id: Schema.Finite }, failure: NotFound },
        ({ id }) => Effect.fail(new NotFound({ id }))
      )
      const program = Module.make("Find", {}, () => () =>
        find({ id: 7 }).pipe(
          Effect.as({ found: true }),
          Effect.catchTag("NotFound", ({ id }) => Effect.succeed({ missing: id }))
        ))
      const { one, second, two } = yield* twice(program({}))
      assert.deepStrictEqual(second, [])
      assert.deepStrictEqual(two, one)
    }))

  it.effect("a failure that is given again was paid before", () =>
    Effect.gen(function*() {
      const error = new LMError({
        model: "m",
        reason: new LMReason.Server({ description: "no" }),
        usage: { ...Usage.empty, inputTokens: 100, calls: 1 },
        givenAgain: true
      })
      const qa = Predict.make("question -> answer")
      const failed = yield* qa({ question: "?" }).pipe(
        Effect.flip,
        Effect.provideService(Step.Performer, () => Effect.fail(error) as never),
        Effect.provide(ScriptedLM.layer([]))
      )
      assert.deepStrictEqual(failed._tag === "LMError" && failed.usage, Usage.empty)
    }))

  it.effect("a program has steps of its own, and random numbers that come again", () =>
    Effect.gen(function*() {
      let asked = 0
      const now = Step.make(
        { name: "now", asked: null, success: Schema.Date },
        Effect.sync(() => new Date(++asked))
      )
      const { first, one, two } = yield* twice(Effect.all([now, now, Step.random, Step.random]))
      assert.deepStrictEqual(first.map((step) => step.split(" ")[0]), ["Other", "Other", "Random", "Random"])
      assert.strictEqual(asked, 2)
      assert.deepStrictEqual(two, one)
    }))

  it.effect("without a performer nothing is made of a step", () =>
    Effect.gen(function*() {
      const asked = {
        get toJSON(): never {
          throw new Error("nobody looks at it")
        }
      }
      assert.strictEqual(yield* Step.make({ name: "free", asked, success: Schema.Finite }, Effect.succeed(1)), 1)
    }))
})
