/**
 * Bodies on their way out: they are written as JSON, sent in the way that the options name, and sent on where the server
 * redirects.
 */
import * as NodeSender from "#node/provider/internal/node/sender"
import type * as Context from "effect/Context"
import type * as HttpClient from "effect/http/HttpClient"
import type { Body } from "../Protocol.ts"
import { Unsendable } from "./failure.ts"
import * as FetchSender from "./fetchSender.ts"
import * as Redirects from "./redirects.ts"
import type { Abort, Outgoing, Reply, Sender } from "./reply.ts"
import * as Sendable from "./sendable.ts"

/** A body that is no text yet, for a path below the base URL. */
export interface Posted {
  readonly body: Body
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly context: Context.Context<never>
}

export type Post = (posted: Posted, abort: Abort) => Promise<Reply>

/** The options that decide how requests are sent. */
export interface Options {
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly httpClient?: HttpClient.HttpClient | undefined
}

/** Posts to paths below a base URL. */
export const make = (baseUrl: string, options: Options): Post => {
  const send = senderOf(options)
  const at = baseUrl.indexOf("?")
  const [base, search] = at === -1 ? [baseUrl, ""] : [baseUrl.slice(0, at), baseUrl.slice(at)]
  const root = base.replace(/\/+$/, "")
  const deliver = (outgoing: Outgoing, abort: Abort, followed: number): Promise<Reply> =>
    send(outgoing, abort).then((reply) =>
      Redirects.isRedirect(reply)
        ? deliver(Redirects.next(reply, outgoing, followed), abort, followed + 1)
        : reply
    )
  return ({ body, context, headers, path }, abort) => {
    const text = jsonOf(body)
    return typeof text === "string"
      // What the base URL has behind a `?` is sent with every request.
      ? deliver({ url: `${root}${path}${search}`, headers, body: text, context }, abort, 0)
      : Promise.reject(text)
  }
}

const senderOf = ({ fetch, httpClient }: Options): Sender => {
  if (httpClient === undefined) {
    return fetch === undefined
      ? NodeSender.sender() ?? FetchSender.make()
      : FetchSender.make(fetch)
  }
  // The module for Effect's client is loaded only where a client is given.
  const loaded = import("./httpClientSender.ts").then(({ make }) => make(httpClient))
  return (outgoing, abort) => loaded.then((send) => send(outgoing, abort))
}

const jsonOf = (body: Body): string | Unsendable => {
  // The one place where what cannot be written is found out.
  try {
    return JSON.stringify(body)
  } catch {
    return new Unsendable(Sendable.jsonProblem("the request", body) ?? "the request cannot be written as JSON")
  }
}
