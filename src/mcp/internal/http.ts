/**
 * A server at a URL (Streamable HTTP): a request is a POST, and its response is the answer, as JSON or as a stream of events.
 */
import { Clock } from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { HttpOptions } from "../Mcp.ts"
import type { Broken, Failure, Gone } from "./failure.ts"
import { bodyOf, isCut, type Place, read, toWords } from "./httpBody.ts"
import { notification, type Request, type Told } from "./message.ts"
import { headerValue } from "./parameterHeaders.ts"
import { plain } from "./secrets.ts"
import { type Connect, newestVersion } from "./wire.ts"

/** Speaks to the URL. `isDeaf` is called once, with the reason, where the server cannot tell us that its tools change. */
export const connector = (
  options: HttpOptions,
  isDeaf: (why: Broken) => Effect.Effect<void>
): Effect.Effect<Connect> => Effect.map(httpClient, (client) => connect(HttpClient.withScope(client), options, isDeaf))

const connect = (
  client: HttpClient.HttpClient.With<HttpClientError, Scope.Scope>,
  options: HttpOptions,
  isDeaf: (why: Broken) => Effect.Effect<void>
): Connect => {
  /** Until when the server wants to be left alone, in milliseconds since the epoch. It holds for all sessions. */
  let notBefore = 0
  let isSaid = false

  return (receive) =>
    Effect.gen(function*() {
      const own = Object.fromEntries(Object.entries(options.headers ?? {}).map(([name, value]) => [name, plain(value)]))
      /** What the handshake agreed on, if there was one. */
      let version: string | undefined
      let session: string | undefined
      let isOver = false

      const send = (request: HttpClientRequest.HttpClientRequest, headers: Readonly<Record<string, string>>) =>
        Effect.mapError(
          client.execute(HttpClientRequest.setHeaders(request, {
            ...own,
            ...headers,
            ...(version === undefined ? {} : { "mcp-protocol-version": version }),
            ...(session === undefined ? {} : { "mcp-session-id": session })
          })),
          (cause): Broken => ({ _tag: "Unreachable", said: "it cannot be reached", cause })
        )

      const post = (
        message: Request | Told,
        headers: Readonly<Record<string, string>> = {}
      ): Effect.Effect<HttpClientResponse, Failure, Scope.Scope> =>
        Effect.gen(function*() {
          const request = HttpClientRequest.bodyText(
            HttpClientRequest.post(options.url),
            JSON.stringify(message),
            "application/json"
          )
          const response = yield* send(request, { accept: "application/json, text/event-stream", ...headers })
          if (response.status >= 200 && response.status < 300) {
            session = response.headers["mcp-session-id"] ?? session
            return response
          }
          return yield* Effect.fail(yield* refused(response))
        })

      /** Why the server did not take it. */
      const refused = (response: HttpClientResponse): Effect.Effect<Broken | Gone> =>
        Effect.gen(function*() {
          const { currentTimeMillisUnsafe } = yield* Clock
          const { headers, status } = response
          const text = yield* Effect.orElseSucceed(bodyOf(response), () => "")
          const why = toWords(text)
          const now = currentTimeMillisUnsafe()
          const wait = retryAfter(headers["retry-after"], now)
          if (wait !== undefined) notBefore = now + Duration.toMillis(wait)
          const said = [
            `it answers with the HTTP status ${status}`,
            ...(why === "" ? [] : [why]),
            ...(wait === undefined ? [] : [`try again in ${Duration.format(wait)}`])
          ].join(": ")
          const failure: Broken = { _tag: "HttpStatus", said, status, retryAfter: wait }
          // Some servers say so with the status of a bad request.
          const isExpired = session !== undefined && (status === 404 || (status === 400 && /session/i.test(why)))
          isOver ||= isExpired
          return isExpired ? { _tag: "Gone", why: failure } satisfies Gone : failure
        })

      /**
       * The events that go on where others ended. Gives up where nothing is new several times in a row, or where the server
       * says that it will not be otherwise.
       */
      const resume = (
        place: Place,
        { longest, times }: { readonly times: number; readonly longest: Duration.Duration },
        request?: Request
      ): Effect.Effect<void, Broken> =>
        Effect.gen(function*() {
          let why: Broken | undefined
          for (let failed = 0; failed < times; failed++) {
            const first = place.retry ?? Duration.seconds(1)
            yield* Effect.sleep(Duration.min(Duration.times(first, 1.5 ** failed), longestPause))
            yield* pause(longest)
            const { count } = place
            const result = yield* Effect.result(follow(place, request))
            why = Result.isFailure(result) && result.failure._tag === "HttpStatus" ? result.failure : undefined
            if (why !== undefined && !isPassing(why)) break
            if (place.count > count) failed = -1
          }
          if (why !== undefined) return yield* Effect.fail(why)
        })

      const follow = (place: Place, request?: Request): Effect.Effect<void, Broken> =>
        Effect.scoped(Effect.gen(function*() {
          const last = place.id === undefined ? {} : { "last-event-id": place.id }
          const response = yield* send(HttpClientRequest.get(options.url), { accept: "text/event-stream", ...last })
          if (response.status !== 200) {
            const why = yield* refused(response)
            // The server has seen the request: another session may not send it again.
            return yield* Effect.fail(why._tag === "Gone" ? why.why : why)
          }
          yield* read(response, place, (message) => receive(message, request))
        }))

      const exchange = (request: Request, headers: Readonly<Record<string, string>>): Effect.Effect<never, Failure> =>
        Effect.gen(function*() {
          const place: Place = { id: undefined, retry: undefined, count: 0 }
          yield* pause(longestPause)
          const result = yield* Effect.result(Effect.scoped(Effect.flatMap(
            post(request, version === newestVersion ? { ...routing(request), ...headers } : {}),
            (response) => read(response, place, (message) => receive(message, request))
          )))
          if (Result.isFailure(result) && !isCut(result.failure)) return yield* Effect.fail(result.failure)
          if (place.id !== undefined && version !== newestVersion) {
            yield* resume(place, { times: 5, longest: longestPause }, request)
          }
          const said = "its response ended before the answer"
          return yield* Effect.fail(
            Result.isFailure(result) ? result.failure : { _tag: "Unreachable", said } satisfies Broken
          )
        })

      /** Waits as long as the server wants to be left alone. If that is longer than the given time, does not wait. */
      const pause = (longest: Duration.Duration): Effect.Effect<void, Broken> =>
        Effect.flatMap(Clock, ({ currentTimeMillisUnsafe }) => {
          const wait = Duration.millis(notBefore - currentTimeMillisUnsafe())
          if (Duration.isLessThanOrEqualTo(wait, Duration.zero)) return Effect.void
          if (Duration.isLessThanOrEqualTo(wait, longest)) return Effect.sleep(wait)
          const said = `it wants to be asked again in ${
            Duration.format(Duration.seconds(Math.ceil(Duration.toSeconds(wait))))
          }`
          return Effect.fail<Broken>({ _tag: "HttpStatus", said, status: 429, retryAfter: wait })
        })

      const tell = (message: Told) => Effect.scoped(Effect.asVoid(post(message)))

      // A session ends when it is told so.
      yield* Effect.addFinalizer(() =>
        session === undefined || isOver
          ? Effect.void
          : Effect.ignore(Effect.timeoutOption(
            Effect.interruptible(Effect.scoped(send(HttpClientRequest.delete(options.url), {}))),
            Duration.seconds(1)
          ))
      )

      return {
        exchange,
        tell,
        cancel: ({ id }) =>
          // In the newest protocol a response that is closed says so.
          version === newestVersion ? Effect.void : tell(notification("notifications/cancelled", { requestId: id })),
        speak: (agreed) => {
          version = agreed
        },
        listen: Effect.suspend(() => {
          const place: Place = { id: undefined, retry: undefined, count: 0 }
          return Effect.andThen(pause(Duration.infinity), follow(place)).pipe(
            Effect.catchIf(isPassing, () => Effect.void),
            Effect.andThen(resume(place, { times: Infinity, longest: Duration.infinity })),
            Effect.catch((why) => {
              // A server need not have it.
              if (isSaid || (why._tag === "HttpStatus" && why.status === 405)) return Effect.void
              isSaid = true
              return isDeaf(why)
            }),
            Effect.forkScoped,
            Effect.asVoid
          )
        })
      }
    })
}

// Details

const longestPause = Duration.seconds(30)

/** Whether the same request may succeed later. */
const isPassing = (failure: Broken): boolean =>
  failure._tag !== "HttpStatus" || [408, 425, 429].includes(failure.status) ||
  (failure.status >= 500 && failure.status !== 501)

/** In seconds, or as a date. */
const retryAfter = (text: string | undefined, now: number): Duration.Duration | undefined => {
  if (text === undefined || text.trim() === "") return undefined
  const millis = Number.isNaN(Number(text)) ? Date.parse(text) - now : Number(text) * 1000
  return Number.isNaN(millis) ? undefined : Duration.seconds(Math.max(0, Math.ceil(millis / 1000)))
}

/** Headers by which the newest protocol finds its way. */
const routing = ({ method, params }: Request): Readonly<Record<string, string>> => ({
  "mcp-method": method,
  ...(method === "tools/call" && typeof params["name"] === "string" ? { "mcp-name": headerValue(params["name"]) } : {})
})

const httpClient = Effect.flatMap(Effect.serviceOption(HttpClient.HttpClient), (client) =>
  Option.isSome(client)
    ? Effect.succeed(client.value)
    : Effect.flatMap(
      Effect.promise(() => import("effect/http/FetchHttpClient")),
      ({ layer }) => Effect.provide(HttpClient.HttpClient, layer)
    ))
