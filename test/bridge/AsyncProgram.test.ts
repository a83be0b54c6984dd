/** The bridge for callers outside Effect: who owns what runs, and what is thrown where it is stopped. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Schema, type Scope } from "effect"
import { AsyncProgram, Module, OpenAI, Predict, Signature } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { getEventListeners } from "node:events"
import { createServer } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { begun } from "../support/begun.ts"
import * as WireServer from "../support/wireServer.ts"

const qa = Predict.make("question -> answer")

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

/** The lines of a response, as JSON. */
const linesOf = (response: Response): Promise<ReadonlyArray<any>> =>
  response.text().then((text) => {
    assert.isTrue(text.endsWith("\n"))
    return text.slice(0, -1).split("\n").map((line) => JSON.parse(line))
  })

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

  it("waits for a run that takes its time to end, before the services are released", async () => {
    const log: Array<string> = []
    const [begun, ending, gate] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers()
    ]
    const slow = Module.make("Slow", {}, () => (_input: object) =>
      Effect.onInterrupt(
        Effect.andThen(Effect.sync(begun.resolve), Effect.never),
        () =>
          Effect.andThen(Effect.sync(ending.resolve), Effect.promise(() => gate.promise.then(() => log.push("run"))))
      ))
    const program = AsyncProgram.make(
      slow,
      Layer.effectDiscard(Effect.acquireRelease(Effect.void, () => Effect.sync(() => log.push("services"))))
    )
    const thrown = thrownBy(program.acall({}))
    await begun.promise
    const disposed = program.dispose().then(() => log.push("disposed"))
    await ending.promise
    await new Promise((resume) => void setImmediate(resume))
    assert.deepStrictEqual(log, [])
    gate.resolve(undefined)
    await Promise.all([disposed, thrown])
    assert.deepStrictEqual(log, ["run", "services", "disposed"])
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

describe("options of a call", () => {
  const answering = () => AsyncProgram.make(qa, ScriptedLM.layer(() => ScriptedLM.chat({ answer: "Yes" })))
  const input = { question: "?" }
  const sentences = [
    [{ sgnal: 1 }, "a call of Predict has no option 'sgnal': did you mean 'signal'?"],
    [{ turns: 1 }, "a call of Predict has no option 'turns': there are config, maxIterations, signal"],
    [{ seed: 1 }, "a call of Predict has no option 'seed': write { config: { seed } }"],
    [{ signal: {} }, "`signal` is an object: it is an AbortSignal, as new AbortController().signal is one"],
    [{ config: { stop: "." } }, "`stop` is a string: it is a list of strings"]
  ] as const

  for (const [options, sentence] of sentences) {
    it(`${JSON.stringify(options)} are refused, as a rejection by a call, however the program is run`, async () => {
      await using program = answering()
      const wrong = options as never
      assert.strictEqual(((await thrownBy(program.acall(input, wrong))) as Error).message, sentence)
      const loop = async () => {
        for await (const _ of program.stream(input, wrong));
      }
      assert.strictEqual(((await thrownBy(loop())) as Error).message, sentence)
    })
  }

  it("that are wrong make no stream and no response", async () => {
    await using program = answering()
    for (const run of [program.stream, program.readableStream, program.bytes]) {
      assert.throws(() => run(input, { sgnal: 1 } as never), TypeError, "did you mean 'signal'?")
    }
  })

  it("a signal is listened to no longer than the call takes", async () => {
    await using program = answering()
    const { signal } = new AbortController()
    await program.acall(input, { signal })
    for await (const _ of program.stream(input, { signal }));
    assert.lengthOf(getEventListeners(signal, "abort"), 0)
  })
})

describe("a program that is interrupted, and by nobody who waits for it,", () => {
  const itself = Module.make("Itself", {}, () => (_input: object) => Effect.as(Effect.interrupt, {}))

  it("says so, whichever way it is run", async () => {
    await using program = AsyncProgram.make(itself, Layer.empty)
    const loop = async () => {
      for await (const _ of program.stream({}));
    }
    for (const run of [() => program.acall({}), loop, () => program.readableStream({}).pipeTo(new WritableStream())]) {
      const error = await thrownBy(run())
      assert.instanceOf(error, DOMException)
      assert.deepStrictEqual([error.name, error.message], ["AbortError", "Itself was interrupted"])
    }
    const [line] = await linesOf(new Response(program.bytes({})))
    assert.deepStrictEqual(line.error, { _tag: "AbortError", $: "Error", message: "Itself was interrupted" })
  })
})

describe("a layer", () => {
  it("that could not be built is tried again by the next use, once for all who wait, and leaves nothing behind", async () => {
    const log: Array<string> = []
    const gate = Promise.withResolvers<void>()
    let builds = 0
    const layer = Layer.effectDiscard(Effect.acquireRelease(
      Effect.sync(() => log.push(`acquired ${++builds}`)),
      () => Effect.sync(() => log.push("released"))
    )).pipe(
      Layer.provideMerge(ScriptedLM.layer(() => ScriptedLM.chat({ answer: "ok" }))),
      Layer.tap(() =>
        builds > 2 ? Effect.void : Effect.andThen(
          Effect.promise(() => gate.promise),
          Effect.fail(new Error(`not up yet (${builds})`))
        )
      )
    )
    const program = AsyncProgram.make(qa, layer)
    const failed = [
      thrownBy(program.acall({ question: "?" })),
      thrownBy(ways["a stream that is waited for"](program as any))
    ]
    gate.resolve()
    for (const error of await Promise.all(failed)) assert.include(String(error), "not up yet (1)")
    assert.deepStrictEqual(log, ["acquired 1", "released"])
    const [line] = await linesOf(new Response(program.bytes({ question: "?" })))
    assert.deepStrictEqual(line, { _tag: "Failure", error: { _tag: "Error", $: "Error", message: "not up yet (2)" } })
    for (const _ of [1, 2]) assert.strictEqual((await program.acall({ question: "?" })).answer, "ok")
    await program.dispose()
    assert.deepStrictEqual(log, ["acquired 1", "released", "acquired 2", "released", "acquired 3", "released"])
  })
})

describe("bytes", () => {
  it("are a line of JSON an event: values as the signature's schemas encode them, the failure last, without its stack", async () => {
    const dated = Predict.make(Signature.fromSchemas({
      inputs: { question: Schema.String },
      outputs: { answer: Schema.String, due: Schema.DateFromString }
    }))
    const program = AsyncProgram.make(
      dated,
      ScriptedLM.layer([
        ScriptedLM.chat({ answer: "one\ntwo \ud83d\ude00", due: "2026-01-02" }, { tokens: true }),
        ScriptedLM.fail(new LMErrors.Server({ description: "it broke" }), ["[[ ## answer ## ]]\nA"])
      ])
    )
    const lines = await linesOf(new Response(program.bytes({ question: "?" })))
    const text = lines.map((line) => line.signatureFieldName === "answer" ? line.chunk : "").join("")
    assert.strictEqual(text, "one\ntwo \ud83d\ude00")
    const { _tag, fields } = lines.at(-1)
    assert.strictEqual(_tag, "Prediction")
    assert.deepStrictEqual(fields.due, "2026-01-02T00:00:00.000Z")
    const failed = await linesOf(new Response(program.bytes({ question: "?" })))
    assert.strictEqual(failed[0]._tag, "StreamResponse")
    const { _tag: tag, error } = failed.at(-1)
    assert.strictEqual(tag, "Failure")
    assert.deepInclude(error, {
      _tag: "LMError",
      message: "Predict (scripted/test): it broke",
      model: "scripted/test",
      partial: { answer: "A" }
    })
    assert.deepInclude(error.reason, { _tag: "Server", description: "it broke" })
    assert.notProperty(error, "stack")
    await program.dispose()
  })

  it("tell what JSON has no word for", async () => {
    const circle: Record<string, unknown> = { big: 1n }
    circle["self"] = circle
    const odd = Module.make("Odd", {}, () => (_input: object) => Effect.succeed({ big: 10n ** 20n, circle }))
    const program = AsyncProgram.make(odd, Layer.empty)
    const [line] = await linesOf(new Response(program.bytes({})))
    assert.include(JSON.stringify(line), "100000000000000000000")
    await program.dispose()
  })

  it.live("law 3: a client that goes away interrupts the run and closes its request", () =>
    scoped(Effect.gen(function*() {
      const { program, server } = yield* connect
      const web = createServer((_, response) => {
        const { body } = new Response(program.bytes({ question: "?" }))
        void pipeline(Readable.fromWeb(body as never), response).catch(() => {})
      })
      const address = yield* Effect.promise(() =>
        new Promise<string>((resume) =>
          web.listen(0, "127.0.0.1", () => resume(`http://127.0.0.1:${(web.address() as { port: number }).port}`))
        )
      )
      const abort = new AbortController()
      const first = yield* Effect.promise(async () => {
        const { body } = await fetch(address, { signal: abort.signal })
        return body!.getReader().read()
      })
      assert.include(new TextDecoder().decode(first.value), "\"chunk\":\"It began\"")
      abort.abort()
      yield* server.nextAbandoned
      yield* Effect.promise(() => program.dispose())
      web.close()
    })))
})
