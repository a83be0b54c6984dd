/**
 * Requests that go through an `HttpClient` of Effect's: with its spans, its proxies, its ways of tests. It is loaded only where
 * somebody gives one.
 */
import * as NodeSender from "#node/provider/internal/node/sender"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { FetchReply } from "./fetchSender.ts"
import type { Reply, Sender } from "./reply.ts"

/** Sends with a client of Effect's, in the context of the fiber that asks. */
export const make = (client: HttpClient.HttpClient): Sender => ({ body, context, headers, url }, abort) =>
  new Promise((resolve, reject) => {
    const request = HttpClientRequest.post(url).pipe(
      HttpClientRequest.bodyText(body, headers["content-type"]),
      HttpClientRequest.setHeaders(headers)
    )
    const fiber = Effect.runForkWith(context)(
      // Redirects are followed by `redirects.ts`; a client that sends with `fetch` would follow them in its way.
      Effect.provideService(client.execute(request), FetchHttpClient.RequestInit, { redirect: "manual" })
    )
    abort.onAbort(() => fiber.interruptUnsafe())
    fiber.addObserver((exit) => {
      if (Exit.isFailure(exit)) return reject(Cause.squash(exit.cause))
      const reply = replyOf(exit.value, context)
      abort.onAbort(() => void Promise.resolve(reply).then((reply) => reply.cancel(), () => {}))
      resolve(reply)
    })
  })

const replyOf = (
  response: HttpClientResponse.HttpClientResponse,
  context: Context.Context<never>
): Reply | Promise<Reply> => {
  const web = HttpClientResponse.toWeb(response)
  // Bodies of `fetch` are as they were before they were compressed, and those of a browser.
  if (Option.isSome(web)) return new FetchReply(web.value)
  const { status } = response
  const headers = Object.entries(response.headers)
  const stream = Stream.toReadableStreamWith(response.stream, context, { strategy: { highWaterMark: 0 } })
  return NodeSender.inflated({ status, headers: headers.flat() }, stream) ??
    new FetchReply({ status, headers, body: stream, text: () => textOf(stream) })
}

const textOf = (stream: ReadableStream<Uint8Array>): Promise<string> => {
  const reader = stream.getReader()
  const utf8 = new TextDecoder()
  const next = (text: string): Promise<string> =>
    reader.read().then(({ value }) =>
      value === undefined ? text + utf8.decode() : next(text + utf8.decode(value, { stream: true }))
    )
  return next("")
}
