import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schema, Stream } from "effect"
import { Blocking, type BlockingError, ChainOfThought, Streaming, StreamListener, Tool, Toolbox } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type * as Work from "./fixtures/work.ts"

const file = new URL("./fixtures/work.ts", import.meta.url)
const work = Blocking.module<typeof Work>(file)

const reasonOf = <A, R>(self: Effect.Effect<A, BlockingError, R>) =>
  Effect.map(Effect.flip(self), ({ reason }) => reason)

const flags = () => new Int32Array(new SharedArrayBuffer(8))

/** Waits, without blocking this thread, until the other side has set the first flag. */
const begun = (flags: Int32Array) => Effect.promise(() => Promise.resolve(Atomics.waitAsync(flags, 0, 0).value))

const release = (flags: Int32Array) =>
  Effect.sync(() => {
    Atomics.store(flags, 1, 7)
    Atomics.notify(flags, 1)
  })

/** An own pool for each test: what one leaves behind is not there for the next. */
const inPool = (size: number) => Effect.provide(Blocking.layer({ size }))

describe("functions in workers", () => {
  it.live("have the arguments, the results and the types that they have", () =>
    Effect.gen(function*() {
      const results = yield* Effect.all([work("fib")({ n: 15 }), work("add")(1, 2)])
      assert.deepStrictEqual(results, [610, 3])
      assert.notStrictEqual(yield* work("thread")(), 0)
    }).pipe(inPool(2)))

  it.live("work without a pool of one's own, one worker for one call after the other", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* work("thread")(), yield* work("thread")())
    }))

  it.live("fail with what they threw", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(work("fail")("too far"))
      assert.strictEqual(error.message, "fail: too far")
      assert.instanceOf((error.reason as { cause?: unknown }).cause, RangeError)
    }).pipe(inPool(1)))

  it.live("fail with what they threw that is no error, in words", () =>
    Effect.gen(function*() {
      const rows: ReadonlyArray<readonly [thrown: unknown, said: string]> = [
        ["too far", "too far"],
        [{ my: 1 }, "{\"my\":1}"],
        [[1, "a"], "[1,\"a\"]"],
        [{ message: "too far", code: 7 }, "too far"],
        [7, "7"],
        [7n, "7"],
        [null, "null"],
        [undefined, "undefined"],
        [new RangeError(), "RangeError"]
      ]
      for (const [thrown, said] of rows) {
        const reason = yield* reasonOf(work("fling")(thrown))
        assert.deepInclude(reason, { _tag: "Failed", description: said })
      }
      assert.deepInclude(yield* reasonOf(work("flingFunction")()), { _tag: "Failed", description: "{\"code\":7}" })
      assert.deepInclude(yield* reasonOf(work("flingCircle")()), { _tag: "Failed", description: "[object Object]" })
    }).pipe(inPool(1)))

  it.live("fail where something cannot be cloned, and the worker goes on", () =>
    Effect.gen(function*() {
      const thread = yield* work("thread")()
      // @ts-expect-error a function is no number
      const given = yield* reasonOf(work("add")(() => 1, 2))
      assert.deepInclude(given, { _tag: "NotCloneable" })
      assert.match(given.description, /^the arguments cannot be sent to another thread: /)
      const taken = yield* reasonOf(work("give")())
      assert.deepInclude(taken, { _tag: "NotCloneable" })
      assert.match(taken.description, /^the result cannot be sent to another thread: /)
      assert.strictEqual(yield* work("thread")(), thread)
    }).pipe(inPool(1)))

  it.live("fail where there is no such function or module", () =>
    Effect.gen(function*() {
      // @ts-expect-error no function of this name
      assert.deepInclude(yield* reasonOf(work("toString")()), { _tag: "NotFound" })
      // @ts-expect-error not a function
      assert.deepInclude(yield* reasonOf(work("answer")()), { _tag: "NotFound" })
      const nowhere = Blocking.module<typeof Work>(new URL("./fixtures/nowhere.ts", import.meta.url))
      assert.deepInclude(yield* reasonOf(nowhere("thread")()), { _tag: "NotFound" })
    }).pipe(inPool(1)))

  it.live("whose worker dies fail, and the next call has another", () =>
    Effect.gen(function*() {
      const thread = yield* work("thread")()
      const left = yield* reasonOf(work("leave")(3))
      assert.deepInclude(left, { _tag: "Died" })
      assert.match(left.description, /ended \(exit code 3\)/)
      assert.notStrictEqual(yield* work("thread")(), thread)
    }).pipe(inPool(1)))

  it.live("whose module speaks for itself to plain worker threads have their own answers, and no other", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* work("talk")("before the answer"), "talked")
      const results = yield* Effect.forEach([1, 2, 3], (n) => work("add")(n, n), { concurrency: "unbounded" })
      assert.deepStrictEqual(results, [2, 4, 6])
    }).pipe(inPool(1)))

  it.live("whose worker ends right after the answer have the answer, and the next call has another worker", () =>
    Effect.gen(function*() {
      // Which of the two is heard first differs from time to time.
      for (let round = 0; round < 5; round++) {
        const left = flags()
        const thread = yield* work("thread")()
        const answer = yield* Effect.forkChild(work("leaveAfter")(left, "its answer"), { startImmediately: true })
        // Nothing is heard here before the worker has both answered and ended.
        Atomics.wait(left, 0, 0)
        assert.strictEqual(yield* Fiber.join(answer), "its answer")
        yield* Effect.sleep("20 millis")
        // A call that comes before the end of the worker is known here fails; one after that must not wait for it.
        assert.notStrictEqual(yield* Effect.retry(work("thread")(), { times: 1 }), thread)
      }
    }).pipe(inPool(1)))

  it("a pool has one worker at least", () => {
    for (const size of [0, -1, 1.5, NaN, Infinity, "2" as never]) {
      assert.throws(() => Blocking.layer({ size }), TypeError, /its size is 1 or more/)
    }
  })

  it.live("wait for a free worker, and do not when they stop waiting", () =>
    Effect.gen(function*() {
      const busy = flags()
      const first = yield* Effect.forkChild(work("wait")(busy))
      yield* begun(busy)
      const second = yield* Effect.forkChild(work("thread")(), { startImmediately: true })
      const third = yield* Effect.forkChild(work("thread")(), { startImmediately: true })
      yield* Fiber.interrupt(second)
      assert.isUndefined(third.pollUnsafe())
      yield* release(busy)
      assert.strictEqual(yield* Fiber.join(first), 7)
      assert.isAbove(yield* Fiber.join(third), 0)
    }).pipe(inPool(1)))
})

describe("interruption", () => {
  it.live("ends the worker of a function that never returns, and another takes its place", () =>
    Effect.gen(function*() {
      const spinning = flags()
      const thread = yield* work("thread")()
      const fiber = yield* Effect.forkChild(work("spin")(spinning))
      yield* begun(spinning)
      yield* Fiber.interrupt(fiber)
      // What was counted up to the interruption is not counted on: the thread is gone.
      const counted = Atomics.load(spinning, 0)
      assert.isAbove(counted, 0)
      assert.notStrictEqual(yield* work("thread")(), thread)
      assert.strictEqual(Atomics.load(spinning, 0), counted)
    }).pipe(inPool(1)))

  it.live("a timeout of a tool is one", () =>
    Effect.gen(function*() {
      const spinning = flags()
      const tool = Tool.make("spin", { timeout: "300 millis" }, () => work("spin")(spinning))
      const box = yield* Toolbox.resolve([tool])
      const observation = yield* box.call({ name: "spin", arguments: { _tag: "Json", value: {} } })
      assert.deepInclude(observation, { _tag: "Failure", kind: "TimedOut" })
      const counted = Atomics.load(spinning, 0)
      yield* work("thread")()
      assert.strictEqual(Atomics.load(spinning, 0), counted)
    }).pipe(inPool(1)))

  it.live("closing a pool ends its workers in the middle of a call", () =>
    Effect.gen(function*() {
      const busy = flags()
      const pool = yield* Deferred.make<void>()
      const call = yield* Deferred.make<BlockingError["reason"]>()
      const fiber = yield* Effect.forkChild(Effect.scoped(Effect.gen(function*() {
        const context = yield* Layer.build(Blocking.layer({ size: 1 }))
        yield* reasonOf(work("wait")(busy)).pipe(
          Effect.flatMap((reason) => Deferred.succeed(call, reason)),
          Effect.provide(context),
          Effect.forkDetach
        )
        yield* Deferred.await(pool)
      })))
      yield* begun(busy)
      yield* Deferred.succeed(pool, undefined)
      yield* Fiber.join(fiber)
      assert.deepInclude(yield* Deferred.await(call), { _tag: "Died" })
    }))
})

describe("the event loop", () => {
  it.live("a stream goes on while a tool blocks its worker", () =>
    Effect.gen(function*() {
      const blocked = flags()
      const tool = Tool.make("wait", {}, () => work("wait")(blocked))
      const running = yield* Effect.forkChild(tool({}))
      yield* begun(blocked)
      // All deltas arrive while the worker blocks: it is set free after the last one only.
      const answer = "one delta after the other"
      const events = yield* Streaming.streamify(ChainOfThought.make("question -> answer"), {
        streamListeners: [StreamListener.make({ signatureFieldName: "answer" })]
      })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([
          ScriptedLM.chat({ reasoning: "none", answer }, { tokens: true, delay: "1 millis" })
        ]))
      )
      const text = events.map((event) => event._tag === "StreamResponse" ? event.chunk : "").join("")
      assert.strictEqual(text, answer)
      assert.isUndefined(running.pollUnsafe())
      yield* release(blocked)
      assert.strictEqual(yield* Fiber.join(running), 7)
    }).pipe(inPool(1)))

  it("idle workers of the default pool keep no process alive", () => {
    const program = `
      import { Effect } from "effect"
      import { Blocking } from "effect-lm/worker"
      const work = Blocking.module(new URL(${JSON.stringify(file.href)}))
      console.log(await Effect.runPromise(work("add")(1, 2)))`
    const { signal, status, stdout } = spawnSync(
      process.execPath,
      ["--conditions=effect-lm-source", "--input-type=module", "--eval", program],
      { encoding: "utf8", timeout: 15_000, cwd: join(import.meta.dirname, "../..") }
    )
    assert.deepStrictEqual({ stdout, status, signal }, { stdout: "3\n", status: 0, signal: null })
  }, 20_000)
})

describe("tools", () => {
  it.live("a function in a worker is a tool's function as it is; its failures are observations", () =>
    Effect.gen(function*() {
      const fib = Tool.make("fib", { parameters: { n: Schema.Int }, success: Schema.Int }, work("fib"))
      assert.strictEqual(yield* fib({ n: 10 }), 55)
      const read = Tool.make("read", {}, () => work("fail")(`cannot read ${pathToFileURL("/srv/secret/file").href}`))
      const box = yield* Toolbox.resolve([fib, read])
      const call = (name: string, value: unknown) => box.call({ name, arguments: { _tag: "Json", value } })
      assert.deepInclude(yield* call("fib", { n: 10 }), { _tag: "Success", value: 55 })
      assert.deepInclude(yield* call("fib", { n: "10" }), { kind: "InvalidArguments" })
      assert.deepInclude(yield* call("read", {}), { kind: "Failed", text: "read: fail: cannot read <path>" })
    }).pipe(inPool(1)))
})
