/** The bridge for callers outside Effect: who owns what runs, and what is thrown where it is stopped. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, type Scope } from "effect"
import { AsyncProgram, OpenAI, Predict } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import * as WireServer from "../support/wireServer.ts"

const qa = Predict.make("question -> answer")

/** Begins an answer, and then says no more. */
const begun: WireServer.Handler = (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    yield* exchange.write(WireServer.chunk({ content: "[[ ## answer ## ]]\nIt began" }))
    yield* exchange.closed
  })

const connect = Effect.map(WireServer.make(begun), (server) => ({
  server,
  program: AsyncProgram.make(
    qa,
    OpenAI.layer({ model: "wire-1", baseUrl: server.baseUrl, retry: false })
  )
}))

type Program = Effect.Success<typeof connect>["program"]

/** Ways to run a program: each begins, and gives what comes of it in the end. */
const ways = {
  acall: (program: Program, signal?: AbortSignal) => program.acall({ question: "?" }, { signal }),
  "a stream that is waited for": (program: Program, signal?: AbortSignal) =>
    (async () => {
      for await (const _ of program.stream({ question: "?" }, { signal }));
    })(),
  "a web stream that is waited for": (program: Program, signal?: AbortSignal) =>
    program.readableStream({ question: "?" }, { signal }).pipeTo(new WritableStream())
} as const

const thrownBy = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error)

const scoped = (self: Effect.Effect<void, never, Scope.Scope>) => Effect.scoped(self)

describe("dispose", () => {
  for (const [name, run] of Object.entries(ways)) {
    it.live(`law 3: ends ${name}, and closes its socket`, () =>
      scoped(Effect.gen(function*() {
        const { program, server } = yield* connect
        const thrown = thrownBy(run(program))
        yield* server.nextRequest
        yield* Effect.promise(() => program.dispose())
        yield* server.nextAbandoned
        const error = yield* Effect.promise(() => thrown)
        assert.isTrue(error instanceof DOMException && error.name === "AbortError", String(error))
        assert.include(String(error), "Predict was disposed")
      })))
  }

  it.live("law 3: ends a stream that nobody pulls just now; what it has is still read, then the error", () =>
    scoped(Effect.gen(function*() {
      const { program, server } = yield* connect
      const events = program.stream({ question: "?" })[Symbol.asyncIterator]()
      const first = yield* Effect.promise(() => events.next())
      assert.strictEqual(first.value?._tag, "StreamResponse")
      yield* Effect.promise(() => program.dispose())
      yield* server.nextAbandoned
      const rest = yield* Effect.promise(async () => {
        const rest: Array<unknown> = []
        const error = await thrownBy((async () => {
          for (let next = await events.next(); next.done !== true; next = await events.next()) rest.push(next.value)
        })())
        return [...rest, error]
      })
      assert.isTrue(rest.at(-1) instanceof DOMException)
    })))

  it("waits for what it ends, and then releases the services", async () => {
    const log: Array<string> = []
    const asked = Promise.withResolvers<void>()
    const layer = Layer.merge(
      ScriptedLM.layer([ScriptedLM.hang(["[[ ## answer ## ]]\nHm"])]),
      Layer.effectDiscard(Effect.acquireRelease(Effect.void, () => Effect.sync(() => log.push("services"))))
    )
    const slow = qa.pipe((program) =>
      AsyncProgram.make(program, layer, {
        statusMessageProvider: { lmStart: () => (asked.resolve(), "") }
      })
    )
    const streamed = thrownBy((async () => {
      for await (const _ of slow.stream({ question: "?" }));
    })()).then(() => log.push("stream"))
    await asked.promise
    await slow.dispose()
    await streamed
    assert.deepStrictEqual(log.toSorted(), ["services", "stream"])
    await slow.dispose()
    for (const run of Object.values(ways)) {
      assert.include(String(await thrownBy(run(slow as unknown as Program))), "was disposed")
    }
  })

  it("ends a call whose services are still being built", async () => {
    const building = Deferred.makeUnsafe<void>()
    const never = Layer.effectDiscard(Effect.andThen(Deferred.succeed(building, undefined), Effect.never))
    const program = AsyncProgram.make(qa, Layer.merge(ScriptedLM.layer([]), never))
    const thrown = thrownBy(program.acall({ question: "?" }))
    await Effect.runPromise(Deferred.await(building))
    await program.dispose()
    assert.include(String(await thrown), "was disposed")
  })
})

describe("a signal", () => {
  for (const [name, run] of Object.entries(ways)) {
    it.live(`law 3: ends ${name} with its reason, and closes its socket`, () =>
      scoped(Effect.gen(function*() {
        const { program, server } = yield* connect
        for (const reason of [undefined, new Error("enough")]) {
          const abort = new AbortController()
          const thrown = thrownBy(run(program, abort.signal))
          yield* server.nextRequest
          abort.abort(reason)
          const error = yield* Effect.promise(() => thrown)
          assert.strictEqual(error, abort.signal.reason)
          if (reason === undefined) assert.strictEqual((error as DOMException).name, "AbortError")
          yield* server.nextAbandoned
        }
        yield* Effect.promise(() => program.dispose())
      })))

    it.live(`${name}: nothing is sent once it is aborted`, () =>
      scoped(Effect.gen(function*() {
        const { program, server } = yield* connect
        const signal = AbortSignal.abort()
        assert.strictEqual(yield* Effect.promise(() => thrownBy(run(program, signal))), signal.reason)
        assert.strictEqual(server.requests.length, 0)
      })))
  }
})
