/** Law 3 for agents, on real sockets and workers: leaving a run closes and ends what it has opened, and starts nothing more. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { Blocking, OpenAI, ReAct, Streaming, Tool } from "effect-lm"
import * as WireServer from "../support/wireServer.ts"
import type * as Work from "../worker/fixtures/work.ts"

const hanging: WireServer.Handler = (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    yield* exchange.write(WireServer.chunk({ content: "Let me think" }))
    yield* exchange.closed
  })

/** Calls these tools, each once. */
const calling = (...names: ReadonlyArray<string>): WireServer.Handler => (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    const calls = names.map((name, index) => ({ index, id: `call_${index}`, function: { name, arguments: "{}" } }))
    yield* exchange.write(
      WireServer.chunk({ tool_calls: calls }),
      WireServer.chunk({}, { finish_reason: "tool_calls" }),
      WireServer.done
    )
    yield* exchange.end
  })

const provider = (server: WireServer.WireServer) =>
  OpenAI.layer({ model: "wire-1", baseUrl: server.baseUrl, retry: false })

/** Starts the agent's stream, and tells when this has come of it. */
const started = Effect.fnUntraced(
  function*(agent: ReturnType<typeof make>, server: WireServer.WireServer, tag: string) {
    const fiber = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
      Stream.runDrain,
      Effect.provide(provider(server)),
      Effect.forkScoped
    )
    const events = yield* Streaming.streamify(agent)({ question: "?" }).pipe(
      Stream.takeUntil((event) => event._tag === tag),
      Stream.runCollect,
      Effect.provide(provider(server))
    )
    assert.strictEqual(events.at(-1)!._tag, tag)
    return fiber
  }
)

const make = (...tools: ReadonlyArray<Tool.Tool<string, {}, unknown, never, never>>) =>
  ReAct.make("question -> answer", { tools })

describe("law 3: leaving an agent", () => {
  it.live("during a model call closes the provider's socket", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(hanging)
      const fiber = yield* started(make(), server, "StreamResponse")
      yield* server.nextAbandoned // the stream that was left after its first event
      yield* Fiber.interrupt(fiber)
      yield* server.nextAbandoned
      assert.lengthOf(server.requests, 2)
    })))

  it.live("during tool calls closes their sockets, all of them, and asks the model nothing more", () =>
    Effect.scoped(Effect.gen(function*() {
      const web = yield* WireServer.make(hanging)
      const server = yield* WireServer.make(calling("page", "site"))
      const get = (name: string) =>
        Tool.make(name, {}, async (_, { signal }) => (await fetch(web.url, { signal })).text())
      const fiber = yield* Streaming.streamify(ReAct.make("question -> answer", { tools: [get("page"), get("site")] }))(
        {
          question: "?"
        }
      ).pipe(Stream.runDrain, Effect.provide(provider(server)), Effect.forkScoped)
      yield* Effect.all([web.nextRequest, web.nextRequest])
      yield* Fiber.interrupt(fiber)
      yield* Effect.all([web.nextAbandoned, web.nextAbandoned])
      assert.lengthOf(server.requests, 1)
    })))

  it.live("during a blocking tool ends its worker, even in an endless loop", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(calling("spin"))
      const work = Blocking.module<typeof Work>(new URL("../worker/fixtures/work.ts", import.meta.url))
      const begun = new Int32Array(new SharedArrayBuffer(4))
      const agent = ReAct.make("question -> answer", { tools: [Tool.make("spin", {}, () => work("spin")(begun))] })
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(agent({ question: "?" }).pipe(Effect.provide(provider(server))))
        yield* Effect.promise(async () => await Atomics.waitAsync(begun, 0, 0).value)
        yield* Fiber.interrupt(fiber)
        // There is one place for a worker: it is free again.
        assert.strictEqual(yield* work("fib")({ n: 10 }), 55)
      }).pipe(Effect.provide(Blocking.layer({ size: 1 })))
      assert.lengthOf(server.requests, 1)
    })))
})
