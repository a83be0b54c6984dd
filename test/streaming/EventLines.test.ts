/** Events over HTTP: a route that sends a program's lines, and a client that reads them back typed. Public imports only. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Result, Schema, Stream } from "effect"
import {
  AsyncProgram,
  Emission,
  EventCodec,
  EventCodecError,
  LMError,
  LMReason,
  Module,
  Predict,
  Prediction,
  ReAct,
  Signature,
  Streaming,
  StreamListener,
  Tool,
  Watched
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { createServer, type Server } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"

class NoSuchPlace extends Schema.TaggedError<NoSuchPlace>("test/lines/NoSuchPlace")("NoSuchPlace", {
  place: Schema.String,
  tried: Schema.BigInt
}) {}

// What both sides have

const program = Predict.make(Signature.fromSchemas({
  inputs: { question: Schema.String },
  outputs: { answer: Schema.String, due: Schema.DateFromString, size: Schema.BigInt }
}))
const codec = EventCodec.make(program)
const reply = ScriptedLM.chat({
  answer: "Soon 🌊\nor later",
  due: "2026-01-02T00:00:00.000Z",
  size: "123456789012345678901"
}, {
  tokens: true
})

// The server

const serve = (body: () => ReadableStream<Uint8Array<ArrayBuffer>>): Effect.Effect<string, never, any> =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer((_, response) => {
        response.writeHead(200, { "content-type": "application/x-ndjson" })
        void pipeline(Readable.fromWeb(body() as never), response).catch(() => {})
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`))

// The client

const read = <Event, E>(codec: EventCodec.EventCodec<Event, E>, url: string) =>
  codec.decodeLines(
    Stream.unwrap(Effect.map(
      Effect.promise(() => fetch(url)),
      ({ body }) => Stream.fromReadableStream({ evaluate: () => body!, onError: (cause) => cause as Error })
    ))
  )

/** The events that came, and how the stream ended. */
const outcomeOf = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.gen(function*() {
    const events: Array<A> = []
    const exit = yield* Effect.exit(Stream.runForEach(stream, (event) => Effect.sync(() => void events.push(event))))
    return { events, exit }
  })

const errorOf = (exit: Exit.Exit<unknown, unknown>): any => Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined

describe("a route and its client", () => {
  it.live("the events are those of the program, the prediction with its types and all that is known of it", () =>
    Effect.gen(function*() {
      const layer = ScriptedLM.layer(() => reply)
      const local = yield* Streaming.streamify(program)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(layer)
      )
      const service = AsyncProgram.make(program, layer)
      const url = yield* serve(() => service.bytes({ question: "?" }))
      const events = yield* Stream.runCollect(read(codec, url))
      // Other calls, of another run: what they are called is the same.
      assert.deepStrictEqual(events.slice(0, -1), local.slice(0, -1))
      assert.isAbove(events.length, 5)
      for (const event of events) {
        if (event._tag === "StreamResponse" && event.signatureFieldName === "answer") {
          assert.strictEqual(event.callId, "self")
        }
      }
      const prediction = events.at(-1)!
      const original = local.at(-1)!
      if (prediction._tag !== "Prediction" || original._tag !== "Prediction") return assert.fail("no prediction")
      // Typed: a date and a big number.
      assert.strictEqual(prediction.due.getTime(), Date.UTC(2026, 0, 2))
      assert.strictEqual(prediction.size + 1n, 123456789012345678902n)
      assert.deepStrictEqual(Prediction.fields(prediction), Prediction.fields(original))
      assert.deepStrictEqual(Prediction.details(prediction), Prediction.details(original))
      yield* Effect.promise(() => service.dispose())
    }).pipe(Effect.scoped))

  it.live("law 4: what was sent stays, then comes the program's error, an instance again", () =>
    Effect.gen(function*() {
      const service = AsyncProgram.make(
        program,
        ScriptedLM.layer(() =>
          ScriptedLM.fail(new LMReason.RateLimited({ description: "slow down" }), ["[[ ## answer ## ]]\nA"])
        )
      )
      const { events, exit } = yield* outcomeOf(read(codec, yield* serve(() => service.bytes({ question: "?" }))))
      assert.strictEqual(events[0]?._tag, "StreamResponse")
      const error = errorOf(exit)
      assert.instanceOf(error, LMError)
      assert.strictEqual(error.reason._tag, "RateLimited")
      assert.isTrue(error.isRetryable)
      assert.deepStrictEqual(error.partial, { answer: "A" })
      yield* Effect.promise(() => service.dispose())
    }).pipe(Effect.scoped))

  it.live("an error of the program's own is caught by its tag; a defect is one", () =>
    Effect.gen(function*() {
      const own = Module.make("Own", {}, () => (input: { readonly how: "fail" | "die" }) =>
        input.how === "fail"
          ? Effect.fail(new NoSuchPlace({ place: "p", tried: 3n }))
          : Effect.as(Effect.die(new TypeError("a bug")), {}))
      const service = AsyncProgram.make(own, Layer.empty)
      const reader = EventCodec.make(own, { errors: [NoSuchPlace] })
      const failing = yield* serve(() => service.bytes({ how: "fail" }))
      const caught = yield* read(reader, failing).pipe(
        Stream.catchTag("NoSuchPlace", (error) => Stream.succeed(error.tried + 1n)),
        Stream.runCollect
      )
      assert.deepStrictEqual(caught, [4n])
      const { exit } = yield* outcomeOf(read(reader, yield* serve(() => service.bytes({ how: "die" }))))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.instanceOf(errorOf(exit), TypeError)
      yield* Effect.promise(() => service.dispose())
    }).pipe(Effect.scoped))
})

describe("values of the program's own", () => {
  const Found = Emission.channel("found", Schema.Struct({ at: Schema.Date, size: Schema.BigInt }))
  const Hint = Emission.channel("hint", Schema.Record(Schema.String, Schema.String))
  const emitting = Module.make(
    "Emitting",
    {},
    () => (_input: object) =>
      Streaming.emit(Found, { at: new Date(0), size: 7n }).pipe(
        Effect.andThen(Streaming.emit(Hint, { $: "Date", value: "x" })),
        Effect.as({})
      )
  )
  const lines = EventCodec.make(emitting).encodeLines(Streaming.streamify(emitting)({})).pipe(Stream.encodeText)

  it.effect("come as their channels' Schemas have them; on a channel that the reader does not know, as JSON", () =>
    Effect.gen(function*() {
      const known = EventCodec.make(emitting, { channels: [Found, Hint] })
      const events = yield* Stream.runCollect(known.decodeLines(lines))
      const [found, hint] = events
      if (!Found.is(found) || !Hint.is(hint)) return assert.fail("not what was said")
      assert.strictEqual(found.value.at.getTime(), 0)
      assert.strictEqual(found.value.size + 1n, 8n)
      assert.deepStrictEqual(hint, {
        _tag: "Emitted",
        name: "hint",
        value: { $: "Date", value: "x" },
        path: "self",
        callId: "self"
      })
      // Written again by who has read them, and by who knows the channels from the options alone.
      assert.deepStrictEqual([found, hint].map((event) => Result.getOrThrow(known.decode(known.encode(event)))), [
        found,
        hint
      ])
      const unknown = yield* Stream.runCollect(EventCodec.make(emitting).decodeLines(lines))
      assert.deepInclude(unknown[0], { value: { at: "1970-01-01T00:00:00.000Z", size: "7" } })
      assert.deepInclude(unknown[1], { value: { $: "Date", value: "x" } })
    }))
})

describe("lines", () => {
  const bytes = new TextEncoder()
  const layer = ScriptedLM.layer(() => reply)
  const body = codec.encodeLines(Streaming.streamify(program)({ question: "?" })).pipe(
    Stream.mkString,
    Effect.provide(layer)
  )
  const decode = (text: string, size = text.length) => {
    const all = bytes.encode(text)
    const pieces: Array<Uint8Array> = []
    for (let at = 0; at < all.length; at += size) pieces.push(all.slice(at, at + size))
    return codec.decodeLines(Stream.fromIterable(pieces).pipe(Stream.rechunk(1)))
  }

  it.effect("however they are cut, down to one byte, with empty lines and ends of any kind", () =>
    Effect.gen(function*() {
      const text = yield* body
      const whole = yield* Stream.runCollect(decode(text))
      for (const size of [1, 2, 3, 7, 100]) assert.deepStrictEqual(yield* Stream.runCollect(decode(text, size)), whole)
      assert.deepStrictEqual(yield* Stream.runCollect(decode(`\n${text.replaceAll("\n", "\r\n\r\n")}`)), whole)
    }))

  it.effect("law 5: a body that was cut is an error, after what came before", () =>
    Effect.gen(function*() {
      const text = yield* body
      const lines = text.split("\n")
      const whole = yield* Stream.runCollect(decode(text))
      for (const length of [0, 1, lines.length - 2]) {
        const { events, exit } = yield* outcomeOf(decode(lines.slice(0, length).map((line) => `${line}\n`).join("")))
        assert.deepStrictEqual(events, whole.slice(0, length))
        assert.instanceOf(errorOf(exit), EventCodecError)
        assert.include(errorOf(exit).message, "ended before the run did")
      }
      const { events, exit } = yield* outcomeOf(decode(text.slice(0, -10)))
      assert.deepStrictEqual(events, whole.slice(0, -1))
      assert.include(errorOf(exit).message, "is not JSON")
      // One that promises no prediction ends where it ends.
      const open = EventCodec.make(program, { includeFinalPredictionInOutputStream: false })
      const shown = yield* Stream.runCollect(open.decodeLines(Stream.make(bytes.encode(`${lines[0]}\n`))))
      assert.deepStrictEqual(shown, whole.slice(0, 1))
    }))

  it.effect("that are none are told by what is wrong, and nothing is read after them", () =>
    Effect.gen(function*() {
      const [first] = (yield* body).split("\n")
      for (
        const [line, words] of [
          ["{\"_tag\":\"Foo\"}", "there is no event \"Foo\""],
          ["nonsense", "is not JSON"],
          ["[]", "no event of Predict"]
        ] as const
      ) {
        const { events, exit } = yield* outcomeOf(decode(`${first}\n${line}\n${first}\n`))
        assert.lengthOf(events, 1)
        assert.include(errorOf(exit).message, words)
      }
      const { exit } = yield* outcomeOf(codec.decodeLines(Stream.make(Uint8Array.of(0xff, 0x0a))))
      assert.include(errorOf(exit).message, "UTF-8")
    }))

  it.effect("law 8: a line without an end is refused, and not kept", () =>
    Effect.gen(function*() {
      let sent = 0
      const endless = Stream.range(1, 100).pipe(
        Stream.rechunk(1),
        Stream.map(() => {
          sent++
          return new Uint8Array(8 * 1024 * 1024).fill(0x61)
        })
      )
      const { exit } = yield* outcomeOf(codec.decodeLines(endless))
      assert.include(errorOf(exit).message, "more than 67108864 bytes")
      assert.isBelow(sent, 20)
    }))
})

describe("what calls are called", () => {
  const search = Tool.make("search", { parameters: { q: Schema.String } }, ({ q }) => Effect.succeed(`about ${q}`))
  const research = Module.make("Research", {
    agent: ReAct.make("question -> facts", { tools: [search] }),
    write: Predict.make("facts -> answer")
  }, ({ agent, write }) => (input: { readonly question: string }) =>
    Effect.gen(function*() {
      const { facts } = yield* agent(input)
      const [first, second] = yield* Effect.all([write({ facts }), write({ facts })], { concurrency: 2 })
      const looked = yield* Watched.tool("look.up", {}, write({ facts }))
      yield* Watched.tool("look.up", {}, Effect.void)
      return { answers: [first.answer, second.answer, looked.answer] }
    }))
  const layer = ScriptedLM.layer((request) =>
    request.tools !== undefined && request.toolChoice !== "none" &&
      !request.messages.some(({ role }) => role === "tool")
      ? ScriptedLM.toolCalls(["a", "b"].map((q) => ({ name: "search", arguments: { q } })))
      : request.tools !== undefined && request.toolChoice !== "none"
      ? ScriptedLM.text("done")
      : ScriptedLM.chat({ reasoning: "r", facts: "f", answer: "a" })
  )
  const streaming = Streaming.streamify(research, {
    statusMessageProvider: { moduleStart: ({ name }) => name, lmStart: ({ name }) => name }
  })

  it.effect("is their place in the run: unique there, and the same in each", () =>
    Effect.gen(function*() {
      const runs = yield* Effect.forEach([1, 2, 3], () => Stream.runCollect(streaming({ question: "?" })), {
        concurrency: "unbounded"
      }).pipe(Effect.provide(layer))
      const [first] = runs
      for (const events of runs) {
        assert.deepStrictEqual(events.slice(0, -1).map(untimed), first!.slice(0, -1).map(untimed))
      }
      const started = first!.flatMap((event) =>
        event._tag === "StatusMessage" && event.kind.endsWith("Start") || event._tag === "ToolStart" ? [event] : []
      )
      const calls = started.filter(({ _tag }) => _tag === "StatusMessage").map(({ callId }) => callId)
      assert.strictEqual(new Set(calls).size, calls.length)
      assert.deepStrictEqual(
        started.flatMap((event) =>
          event._tag === "StatusMessage" && event.kind === "moduleStart" ? [event.callId] : []
        ),
        [
          "self",
          "agent",
          "agent@1.react",
          "agent@2.react",
          "agent@3.extract",
          "write",
          "write#2",
          "self>look%2Eup.write"
        ]
      )
      assert.deepStrictEqual(
        started.flatMap((event) => event._tag === "ToolStart" ? [[event.callId, event.toolCallId]] : []),
        [
          ["agent@1>search", "call_1"],
          ["agent@1>search#2", "call_2"],
          ["self>look%2Eup", "self>look%2Eup"],
          ["self>look%2Eup#2", "self>look%2Eup#2"]
        ]
      )
      assert.include(calls, "agent@1.react>scripted/test")
      const within = first!.filter((event) => "withinToolCall" in event)
      assert.isAbove(within.length, 0)
      for (const event of within) assert.strictEqual((event as any).withinToolCall, "self>look%2Eup")
    }))

  const untimed = (event: object) => ({ ...event, durationMillis: 0 })
})

describe("types", () => {
  it("events, predictions and errors are the program's", () => {
    const listening = EventCodec.make(program, {
      streamListeners: [StreamListener.make({ signatureFieldName: "answer" })],
      errors: [NoSuchPlace]
    })
    const event = Result.getOrThrow(
      listening.decode({
        _tag: "StreamResponse",
        predictName: "self",
        signatureFieldName: "answer",
        chunk: "c",
        isLastChunk: true,
        callId: "self",
        attempt: 1,
        completion: 0
      })
    )
    if (event._tag === "StreamResponse") {
      const name: "answer" = event.signatureFieldName
      assert.strictEqual(name, "answer")
    }
    const failed = (
      self: EventCodec.Failure<EventCodec.Read<LMError | NoSuchPlace | "text", [typeof NoSuchPlace]>>
    ) => {
      const error: LMError | NoSuchPlace | "text" = self.error
      return error
    }
    const unknown = (self: EventCodec.Read<NoSuchPlace, []>) => {
      // @ts-expect-error a class that was not given is read as a plain Error
      const error: NoSuchPlace = self
      return error
    }
    assert.isFunction(failed)
    assert.isFunction(unknown)
  })
})
