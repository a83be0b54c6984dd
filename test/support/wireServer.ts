/**
 * A real HTTP server on a real socket that does exactly what a test tells it, for what no well-behaved server does.
 *
 * `make` takes a handler for each request (or a list: the nth request gets the nth handler, and the last one stays) and
 * lives as long as its scope. A handler is an Effect that writes byte pieces through an `Exchange`; between pieces it
 * may wait for a gate (a `Deferred`) of the test's, so nothing depends on time. The server records every request, and
 * tells when a client goes away before its reply was over.
 *
 * ```ts
 * const gate = yield* Deferred.make<void>()
 * const server = yield* WireServer.make((exchange) =>
 *   Effect.gen(function*() {
 *     yield* exchange.head(200, WireServer.eventStream)
 *     yield* exchange.write(WireServer.chunk({ content: "Hel" }))
 *     yield* Deferred.await(gate)
 *     yield* exchange.reset
 *   })
 * )
 * const layer = OpenAI.layer({ model: "m", baseUrl: server.baseUrl })
 * ...
 * const request = yield* server.nextRequest // what the client sent
 * const gone = yield* server.nextAbandoned  // waits until a client has gone before its reply was over
 * ```
 */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** What a client sent. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body, parsed; `undefined` if it is not JSON. */
  readonly json: any
}

/** One request and its reply. */
export interface Exchange {
  readonly request: WireRequest
  /** Sends status line and headers at once, before any body. */
  readonly head: (status: number, headers?: Readonly<Record<string, string>>) => Effect.Effect<void>
  /** Sends the pieces one after the other, and waits until the socket has taken each: a client that does not read makes it wait. */
  readonly write: (...pieces: ReadonlyArray<string | Uint8Array>) => Effect.Effect<void>
  /** Ends the body as it should end. */
  readonly end: Effect.Effect<void>
  /** Closes the connection in the middle of the body. */
  readonly cut: Effect.Effect<void>
  /** Resets the connection (RST). */
  readonly reset: Effect.Effect<void>
  /** Waits until the connection is closed or the reply is over. */
  readonly closed: Effect.Effect<void>
  /** How many bytes of the body the socket has taken so far. */
  readonly written: () => number
}

export type Handler = (exchange: Exchange) => Effect.Effect<void>

export interface WireServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** The same with `/v1`, as clients of the chat protocol want it. */
  readonly baseUrl: string
  /** All requests so far. */
  readonly requests: ReadonlyArray<WireRequest>
  /** The next request that the test has not taken yet; waits for it. */
  readonly nextRequest: Effect.Effect<WireRequest>
  /** The next exchange whose client went away before the reply was over; waits for it. */
  readonly nextAbandoned: Effect.Effect<Exchange>
  /** How many connections are open now. */
  readonly connections: () => number
  /** How many connections there have been: less than the requests, where clients use one again. */
  readonly accepted: () => number
}

/** Starts a server that is closed, with all its connections, when the scope is. */
export const make = (handler: Handler | ReadonlyArray<Handler>): Effect.Effect<WireServer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const handlers = typeof handler === "function" ? [handler] : handler
    const requests: Array<WireRequest> = []
    const arrived = yield* Queue.unbounded<WireRequest>()
    const abandoned = yield* Queue.unbounded<Exchange>()
    const run = yield* FiberSet.makeRuntime<never>()
    let connections = 0
    let accepted = 0

    const server = createServer((incoming, response) => {
      readBody(incoming, (text) => {
        const request = toRequest(incoming, text)
        const exchange = toExchange(request, response, () => Queue.offerUnsafe(abandoned, exchange))
        const nth = Math.min(requests.length, handlers.length - 1)
        requests.push(request)
        Queue.offerUnsafe(arrived, request)
        run(handlers[nth]!(exchange))
      })
    })
    server.on("connection", (socket) => {
      connections++
      accepted++
      socket.on("close", () => connections--)
    })
    const url = yield* Effect.acquireRelease(
      Effect.callback<string>((resume) => {
        server.listen(
          0,
          "127.0.0.1",
          () => resume(Effect.succeed(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
        )
      }),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    return {
      url,
      baseUrl: `${url}/v1`,
      requests,
      nextRequest: Queue.take(arrived),
      nextAbandoned: Queue.take(abandoned),
      connections: () => connections,
      accepted: () => accepted
    }
  })

// Replies

/** Headers of an event stream. */
export const eventStream = { "content-type": "text/event-stream" }

/** A reply that is all there: status, headers and the pieces of the body. */
export const reply = (
  status: number,
  headers: Readonly<Record<string, string>>,
  ...pieces: ReadonlyArray<string | Uint8Array>
): Handler =>
(exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(status, headers)
    yield* exchange.write(...pieces)
    yield* exchange.end
  })

/** A reply in JSON. */
export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Handler =>
  reply(status, { "content-type": "application/json", ...headers }, JSON.stringify(body))

/** An event stream of these pieces, sent one by one. */
export const events = (...pieces: ReadonlyArray<string | Uint8Array>): Handler => reply(200, eventStream, ...pieces)

/** A whole chat completion with this text, streamed or not as the request asks. */
export const answer = (text: string): Handler => (exchange) =>
  exchange.request.json?.stream === true
    ? events(chunk({ content: text }), chunk({}, { finish_reason: "stop" }), done)(exchange)
    : json(200, completion({ content: text }))(exchange)

/** Never answers. */
export const silence: Handler = (exchange) => exchange.closed

/** One event whose data is this JSON. */
export const data = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`

/** A chunk with one choice, as an event. `extra` goes into the choice. */
export const chunk = (delta: unknown, extra: Readonly<Record<string, unknown>> = {}): string =>
  data({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "wire-1",
    choices: [{ index: 0, delta, finish_reason: null, ...extra }]
  })

/** The chunk with which a model ends its answer. */
export const stop = chunk({}, { finish_reason: "stop" })

/** The event that ends a stream. */
export const done = "data: [DONE]\n\n"

/** A whole completion with one choice. `extra` goes into the choice. */
export const completion = (message: unknown, extra: Readonly<Record<string, unknown>> = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "wire-1",
  choices: [{ index: 0, message, finish_reason: "stop", ...extra }]
})

// Plumbing

const readBody = (incoming: IncomingMessage, then: (text: string) => void) => {
  const pieces: Array<Buffer> = []
  incoming.on("data", (piece: Buffer) => pieces.push(piece))
  incoming.on("end", () => then(Buffer.concat(pieces).toString("utf8")))
  incoming.on("error", () => {})
}

const toRequest = (incoming: IncomingMessage, text: string): WireRequest => ({
  method: incoming.method ?? "",
  path: incoming.url ?? "",
  headers: incoming.headers,
  text,
  json: parse(text)
})

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const toExchange = (request: WireRequest, response: ServerResponse, onAbandoned: () => void): Exchange => {
  let written = 0
  let broken = false
  response.on("error", () => {})
  response.on("close", () => {
    if (!response.writableFinished && !broken) onAbandoned()
  })
  const breakWith = (how: () => void) =>
    Effect.sync(() => {
      broken = true
      how()
    })
  return {
    request,
    head: (status, headers) =>
      Effect.sync(() => {
        response.writeHead(status, { ...headers })
        response.flushHeaders()
      }),
    write: (...pieces) =>
      Effect.forEach(pieces, (piece) =>
        Effect.callback<void>((resume) => {
          const size = typeof piece === "string" ? Buffer.byteLength(piece) : piece.length
          response.write(piece, (error) => {
            if (error === null || error === undefined) written += size
            // The client gets a turn, so that it may read this piece before the next one comes.
            setImmediate(() => resume(Effect.void))
          })
        }), { discard: true }),
    end: Effect.callback((resume) => {
      response.end(() => resume(Effect.void))
    }),
    cut: breakWith(() => response.socket?.destroy()),
    reset: breakWith(() => response.socket?.resetAndDestroy()),
    closed: Effect.callback((resume) => {
      if (response.closed) resume(Effect.void)
      else response.on("close", () => resume(Effect.void))
    }),
    written: () => written
  }
}
