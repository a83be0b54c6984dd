import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Data, Deferred, Effect, Fiber, Layer, Schedule, Schema, Stream } from "effect"
import { Approval, type RunEvent, Tool, ToolError } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { TestClock } from "effect/testing"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { heardInto } from "../support/heard.ts"

class NoSuchCity extends Data.TaggedError("NoSuchCity")<{ readonly city: string }> {}

const weather = Tool.make("weather", {
  description: "The weather of a city",
  parameters: { city: Schema.String },
  success: Schema.String
}, ({ city }) => city === "Paris" ? Effect.succeed("sunny") : Effect.fail(new NoSuchCity({ city })))

const reasonOf = <A, R>(self: Effect.Effect<A, ToolError, R>) => Effect.map(Effect.flip(self), ({ reason }) => reason)

/** Runs an effect, and gives what an observer saw. */
const observed = Effect.fnUntraced(function*<A, E, R>(self: Effect.Effect<A, E, R>) {
  const events: Array<RunEvent.RunEvent> = []
  const exit = yield* Effect.exit(heardInto(events)(self))
  return { exit, events }
})

describe("a tool is a function", () => {
  it.live("that stops its own run, and fails after it, and leaves no rejection that nobody handles", () =>
    Effect.gen(function*() {
      const unhandled: Array<unknown> = []
      const note = (reason: unknown) => void unhandled.push(reason)
      process.on("unhandledRejection", note)
      for (const begins of [Effect.void, Effect.yieldNow]) {
        const controller = new AbortController()
        let hasRun = false
        const stop = Tool.make("stop", {}, async () => {
          hasRun = true
          controller.abort()
          throw new Error("stopped")
        })
        yield* Effect.promise(() =>
          Effect.runPromiseExit(Effect.andThen(begins, stop({})), { signal: controller.signal })
        )
        // Node says of a rejection that it is unhandled once the microtasks are done.
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        assert.isTrue(hasRun)
      }
      process.off("unhandledRejection", note)
      assert.deepStrictEqual(unhandled, [])
    }))

  it.effect("of a value, a promise or an Effect", () =>
    Effect.gen(function*() {
      const parameters = { n: Schema.Int }
      const ofValue = Tool.make("a", { parameters }, ({ n }) => n + 1)
      const ofPromise = Tool.make("b", { parameters }, ({ n }) => Promise.resolve(n + 2))
      const ofEffect = Tool.make("c", { parameters }, ({ n }) => Effect.succeed(n + 3))
      assert.deepStrictEqual(
        yield* Effect.all([ofValue({ n: 1 }), ofPromise({ n: 1 }), ofEffect({ n: 1 })]),
        [2, 3, 4]
      )
    }))

  it("with a name, a description and no way to change", () => {
    assert.strictEqual(weather.name, "weather")
    assert.strictEqual(weather.description, "The weather of a city")
    assert.strictEqual(String(weather), "Tool(weather)")
    assert.isTrue(Tool.isTool(weather))
    assert.isFalse(Tool.isTool(() => {}))
    assert.strictEqual(weather.pipe((tool) => tool.name), "weather")
    assert.throws(() => Object.assign(weather, { name: "other" }))
  })

  it("whose name providers take", () => {
    for (const name of ["", "a b", "a.b", "ä", "a/b", "x".repeat(65)]) {
      assert.throws(() => Tool.make(name, {}, () => 1), TypeError, /letters, digits/)
    }
    Tool.make(`_-${"x".repeat(62)}`, {}, () => 1)
  })

  it.effect("what an Effect fails of stays as it is, what is thrown or rejected with becomes a ToolError", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Effect.flip(weather({ city: "Atlantis" })), new NoSuchCity({ city: "Atlantis" }))
      const throwing = Tool.make("throwing", {}, (): number => {
        throw new RangeError("too far")
      })
      const rejecting = Tool.make("rejecting", {}, () => Promise.reject(new RangeError("too far")))
      for (const tool of [throwing, rejecting]) {
        const error = yield* Effect.flip(tool({}))
        assert.strictEqual(error.message, `${tool.name}: too far`)
        assert.instanceOf((error.reason as ToolError["reason"] & { cause: unknown }).cause, RangeError)
      }
    }))

  it.effect("whose parameters are checked, and get their defaults", () =>
    Effect.gen(function*() {
      const repeat = Tool.make("repeat", {
        parameters: {
          text: Schema.String,
          times: Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withConstructorDefault(Effect.succeed(2)))
        }
      }, ({ text, times }) => text.repeat(times))
      assert.strictEqual(yield* repeat({ text: "ab" }), "abab")
      assert.strictEqual(yield* repeat({ text: "ab", times: 1 }), "ab")
      const reason = yield* reasonOf(repeat({ text: "ab", times: 0 }))
      assert.deepInclude(reason, { _tag: "InvalidArguments" })
      assert.match(reason.message, /times: /)
    }))

  it.effect("which gets an id, and a signal that is aborted with the call", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<Tool.CallContext>()
      const slow = Tool.make("slow", {}, (_, context) => {
        context.signal.throwIfAborted()
        Deferred.doneUnsafe(begun, Effect.succeed(context))
        return new Promise<never>(() => {})
      })
      const fiber = yield* Effect.forkChild(slow({}))
      const { signal, toolCallId } = yield* Deferred.await(begun)
      assert.strictEqual(toolCallId, "self", "its place in the run, which is its own")
      assert.isFalse(signal.aborted)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(signal.aborted)
    }))

  it.effect("whose signal is aborted when it fails, however it does, and not when it succeeds", () =>
    Effect.gen(function*() {
      const boom = new Error("boom")
      const ends: ReadonlyArray<readonly [run: () => unknown, aborted: boolean]> = [
        [() => 1, false],
        [() => Promise.resolve(1), false],
        [() => Effect.succeed(1), false],
        [() => {
          throw boom
        }, true],
        [() => Promise.reject(boom), true],
        [() => Effect.fail(boom), true],
        [() => Effect.die(boom), true],
        [() => Effect.interrupt, true]
      ]
      for (const [run, aborted] of ends) {
        let seen: AbortSignal | undefined
        yield* Effect.exit(
          Tool.make("ending", {}, (_, { signal }) => {
            seen = signal
            return run()
          })({})
        )
        assert.strictEqual(seen?.aborted, aborted, String(run))
      }
    }))

  it.live("that fails closes the response it left unread", () =>
    Effect.gen(function*() {
      const closed = yield* Deferred.make<void>()
      const server = yield* Effect.acquireRelease(
        Effect.callback<Server>((resume) => {
          const server = createServer((_, response) => {
            response.once("close", () => Deferred.doneUnsafe(closed, Effect.void))
            response.writeHead(503).write("sorry, ")
          }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const { port } = server.address() as AddressInfo
      const page = Tool.make("page", {}, async (_, { signal }) => {
        const response = await fetch(`http://127.0.0.1:${port}/`, { signal })
        if (!response.ok) throw new Error(`it answers ${response.status}`)
        return response.text()
      })
      assert.strictEqual((yield* Effect.flip(page({}))).message, "page: it answers 503")
      yield* Deferred.await(closed)
    }))

  it.effect("whose scope is the call", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const tool = Tool.make("scoped", {}, () =>
        Effect.acquireRelease(
          Effect.sync(() => log.push("open")),
          () => Effect.sync(() => log.push("close"))
        ))
      yield* tool({})
      log.push("after")
      assert.deepStrictEqual(log, ["open", "close", "after"])
    }))
})

describe("limits", () => {
  it.effect("timeout: of each attempt, and aborts it", () =>
    Effect.gen(function*() {
      const signals: Array<AbortSignal> = []
      const slow = Tool.make("slow", { timeout: "2 seconds", retry: 1 }, (_, { signal }) => {
        signals.push(signal)
        return new Promise<never>(() => {})
      })
      const fiber = yield* Effect.forkChild(reasonOf(slow({})))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(signals.map(({ aborted }) => aborted), [true])
      yield* TestClock.adjust("100 millis")
      yield* TestClock.adjust("1999 millis")
      assert.deepStrictEqual(signals.map(({ aborted }) => aborted), [true, false])
      yield* TestClock.adjust("1 millis")
      const reason = yield* Fiber.join(fiber)
      assert.strictEqual(reason._tag, "TimedOut")
      assert.strictEqual(reason.message, "not finished within 2s")
    }))

  it.effect("retry: a number, with waits that double", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const flaky = Tool.make("flaky", { retry: 2 }, () =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          times.push(now)
          return times.length < 3 ? Effect.fail("not yet") : Effect.succeed("now")
        }))
      const fiber = yield* Effect.forkChild(flaky({}))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), "now")
      assert.deepStrictEqual(times, [0, 100, 300])
    }))

  it.effect("retry: a schedule; the last failure stays", () =>
    Effect.gen(function*() {
      let calls = 0
      const broken = Tool.make("broken", { retry: Schedule.recurs(4) }, () => Effect.fail(++calls))
      assert.strictEqual(yield* Effect.flip(broken({})), 5)
    }))

  it.effect("concurrency: of all calls of the tool; who waits is not timed out", () =>
    Effect.gen(function*() {
      let running = 0
      let most = 0
      const busy = Tool.make("busy", { concurrency: 2, timeout: "1 second" }, () =>
        Effect.sync(() => {
          most = Math.max(most, ++running)
        }).pipe(Effect.andThen(Effect.sleep("900 millis")), Effect.ensuring(Effect.sync(() => running--))))
      const fiber = yield* Effect.forkChild(
        Effect.forEach([1, 2, 3, 4, 5], () => busy({}), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(most, 2)
    }))

  it.effect("concurrency: a call that waits for its next attempt holds nobody up", () =>
    Effect.gen(function*() {
      const calls: Array<string> = []
      const flaky = Tool.make(
        "flaky",
        { parameters: { name: Schema.String }, concurrency: 1, retry: Schedule.spaced("10 seconds") },
        ({ name }) => {
          calls.push(name)
          return calls.length === 1 ? Effect.fail("not yet") : Effect.succeed(name)
        }
      )
      const fiber = yield* Effect.forkChild(
        Effect.forEach(["a", "b"], (name) => flaky({ name }), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(calls, ["a", "b"])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["a", "b"])
      assert.deepStrictEqual(calls, ["a", "b", "a"])
    }))

  it("concurrency: none at all is a mistake", () => {
    assert.throws(
      () => Tool.make("none", { concurrency: 0 }, () => 1),
      TypeError,
      /`concurrency` of the tool 'none' is 0/
    )
  })
})

describe("approval", () => {
  const asked: Array<number> = []
  const pay = Tool.make("pay", {
    parameters: { amount: Schema.NumberFromString },
    needsApproval: ({ amount }) => {
      asked.push(amount)
      return amount > 100
    }
  }, ({ amount }) => amount)

  it.effect("is asked for where the parameters need it, with the arguments as JSON", () =>
    Effect.gen(function*() {
      const requests: Array<Approval.Request> = []
      const approver = Approval.layer((request) => {
        requests.push(request)
        return Effect.succeed(Approval.approve())
      })
      assert.strictEqual(yield* Effect.provide(pay({ amount: 5 }), approver), 5)
      assert.isEmpty(requests)
      assert.strictEqual(yield* Effect.provide(pay({ amount: 500 }), approver), 500)
      assert.deepStrictEqual(requests.map(({ arguments: args, tool }) => [tool, args]), [["pay", { amount: "500" }]])
      assert.deepStrictEqual(asked, [5, 500])
    }))

  it.effect("may change the arguments, which are then decoded", () =>
    Effect.gen(function*() {
      const changing = (args: Record<string, unknown>) => Approval.layer(() => Effect.succeed(Approval.approve(args)))
      assert.strictEqual(yield* Effect.provide(pay({ amount: 500 }), changing({ amount: "50" })), 50)
      const reason = yield* reasonOf(Effect.provide(pay({ amount: 500 }), changing({ amount: 50 })))
      assert.strictEqual(reason._tag, "InvalidArguments")
    }))

  it.effect("is refused where nobody can give it", () =>
    Effect.gen(function*() {
      const reason = yield* reasonOf(pay({ amount: 500 }))
      assert.deepInclude(reason, { _tag: "Refused", description: "nobody is there who could approve it" })
    }))

  it.effect("of an Effect, and an approver that dies refuses", () =>
    Effect.gen(function*() {
      const tool = Tool.make("careful", { needsApproval: () => Effect.succeed(true) }, () => 1)
      const dying = Approval.layer(() => Effect.die(new Error("lost")))
      assert.strictEqual((yield* reasonOf(Effect.provide(tool({}), dying)))._tag, "Refused")
      assert.strictEqual((yield* reasonOf(Effect.provide(tool({}), Approval.layerRefuse("no"))))._tag, "Refused")
    }))
})

describe("observers", () => {
  it.effect("see a call with its inputs, progress and result", () =>
    Effect.gen(function*() {
      const tool = Tool.make("steps", { parameters: { n: Schema.Int } }, ({ n }, { progress }) =>
        Effect.as(Effect.forEach([1, 2], progress), n))
      const { events } = yield* observed(tool({ n: 7 }))
      assert.deepStrictEqual(
        events.map(({ _tag }) =>
          _tag
        ),
        ["ToolStart", "ToolProgress", "ToolProgress", "ToolEnd"]
      )
      assert.deepInclude(events[0], { inputs: { n: 7 } })
      assert.deepInclude(events[2], { value: 2 })
      assert.deepInclude(events[3], { outcome: { _tag: "Success", value: 7 } })
    }))

  it.effect("see failures, refusals and interruption", () =>
    Effect.gen(function*() {
      const outcome = (events: ReadonlyArray<RunEvent.RunEvent>) => {
        const last = events.at(-1)
        return last?._tag === "ToolEnd" ? last.outcome : undefined
      }
      const failed = yield* observed(weather({ city: "Atlantis" }))
      assert.deepStrictEqual(outcome(failed.events), { _tag: "Failure", error: new NoSuchCity({ city: "Atlantis" }) })

      const refused = yield* observed(Tool.make("t", { needsApproval: true }, () => 1)({}))
      assert.deepStrictEqual(refused.events.map(({ _tag }) => _tag), [
        "ToolStart",
        "ApprovalRequested",
        "ApprovalAnswered",
        "ToolEnd"
      ])
      assert.deepInclude(refused.events[2], { approved: false, reason: "nobody is there who could approve it" })

      const interrupted = yield* observed(Effect.timeoutOption(Tool.make("t", {}, () => Effect.never)({}), 0))
      assert.deepStrictEqual(outcome(interrupted.events), { _tag: "Interrupted" })
    }).pipe(TestClock.withLive))
})

describe("definitions", () => {
  class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}

  const greet = Tool.make("greet", {
    parameters: { name: Schema.String },
    success: Schema.String
  }, ({ name }) => Effect.map(Greeting, (greeting) => `${greeting}, ${name}`))

  it.effect("are tools of effect/ai, whose handlers are the tools", () =>
    Effect.gen(function*() {
      const toolkit = Toolkit.make(greet.definition, weather.definition)
      const handlers = Tool.layerHandlers(greet, weather).pipe(Layer.provide(Layer.succeed(Greeting, "Hello")))
      const { handle } = yield* Effect.provide(toolkit, handlers)
      const results = yield* handle("greet", { name: "you" }).pipe(Stream.unwrap, Stream.runCollect)
      assert.deepStrictEqual(results.map(({ encodedResult }) => encodedResult), ["Hello, you"])
      const error = yield* handle("weather", { city: "Atlantis" }).pipe(Stream.unwrap, Stream.runDrain, Effect.flip)
      assert.instanceOf(error, ToolError)
    }))

  it("are made once, and say what the tool says", () => {
    assert.strictEqual(weather.definition, weather.definition)
    assert.strictEqual(AiTool.getDescription(weather.definition), "The weather of a city")
    assert.deepStrictEqual(AiTool.getJsonSchema(Tool.make("nothing", {}, () => 1).definition), {
      type: "object",
      additionalProperties: false
    })
  })
})
