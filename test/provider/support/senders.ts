/**
 * The ways in which requests are sent: what a test says of the transport holds over each.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, type Layer, ManagedRuntime, Redacted } from "effect"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { FetchHttpClient, HttpClient } from "effect/http"
import * as WireServer from "../../support/wireServer.ts"

/** What is given to a model to send in this way. */
export type Sending = Pick<OpenAI.Options, "fetch" | "httpClient">

const clientOf = async (layer: Layer.Layer<HttpClient.HttpClient>) => ({
  httpClient: await ManagedRuntime.make(layer).runPromise(HttpClient.HttpClient)
})

const overFetch = await clientOf(FetchHttpClient.layer)

/** The three of them. */
export const all: Readonly<Record<"node:http" | "fetch" | "HttpClient", Sending>> = {
  "node:http": {},
  fetch: { fetch: (url, init) => globalThis.fetch(url, init) },
  HttpClient: overFetch
}

/** Those of Effect's clients that do not send with `fetch`, too. */
export const every: Readonly<Record<string, Sending>> = {
  ...all,
  "HttpClient over node:http": await clientOf(NodeHttpClient.layerNodeHttpOptions({ keepAlive: true })),
  "HttpClient over undici": await clientOf(NodeHttpClient.layerUndici)
}

/** A client of Effect's that sends with this function. */
export const clientWith = (fetch: typeof globalThis.fetch): Sending => ({
  httpClient: HttpClient.transformResponse(
    overFetch.httpClient,
    Effect.provideService(FetchHttpClient.Fetch, fetch)
  )
})

/** The key of models that {@link connectWith} makes. */
export const key = "sk-secret-0123456789"

/** A server with this handler, and a model that talks to it in this way, without retries unless asked for. */
export const connectWith = (sending: Sending) =>
  Effect.fnUntraced(function*(
    handler: WireServer.Handler | ReadonlyArray<WireServer.Handler>,
    options: Partial<OpenAI.Options> = {}
  ) {
    const server = yield* WireServer.make(handler)
    const lm = yield* OpenAI.make({
      model: "wire-1",
      apiKey: Redacted.make(key),
      baseUrl: server.baseUrl,
      retry: false,
      ...sending,
      ...options
    })
    return { server, lm }
  })
