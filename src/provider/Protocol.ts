/**
 * How a service is spoken to: what is posted, how its response is read, what its refusals mean. Nothing in it knows how bytes
 * travel: every protocol has the same transport, limits, retries and secrets.
 *
 * @example
 * const echo = Protocol.make({
 *   name: "echo",
 *   path: "/echo",
 *   body: (request, { model }) => ({ model, text: LMRequest.textOf(request.messages.at(-1)!) }),
 *   reader: () => ({
 *     push: (chunk, out) => { out.push({ _tag: "TextDelta", index: 0, text: String(chunk) }) },
 *     end: (out) => { out.push({ _tag: "Finish", index: 0, reason: "stop" }) }
 *   })
 * })
 * const layer = Protocol.layer(echo, { provider: "acme", model: "echo-1", baseUrl: "http://localhost:4000" })
 */
import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as LM from "../lm/LM.ts"
import type * as LMError from "../lm/LMError.ts"
import type { LMEvent } from "../lm/LMEvent.ts"
import type { Feature, GenerationConfig, LMRequest } from "../lm/LMRequest.ts"
import type { LMResponse } from "../lm/LMResponse.ts"
import type * as Retry from "../policy/Retry.ts"
import type * as Timeouts from "../policy/Timeouts.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import * as Frames from "./internal/frames.ts"
import * as Given from "./internal/given.ts"
import * as Remote from "./internal/remote.ts"
import * as ProviderError from "./openai/errors/reason.ts"
import type * as SizeLimits from "./SizeLimits.ts"

// Models

/** How a service is spoken to. */
export interface Protocol {
  /** The name under which its provider data stands in messages. */
  readonly name: string
  /** Where requests go, below the base URL. */
  readonly path: (target: Target) => string
  /** What is posted, as JSON. The same request for the same target makes the same body. */
  readonly body: (request: LMRequest, target: Target) => Body
  /** Why a request cannot be said in this protocol, if it cannot; it is not sent then. */
  readonly problem?: ((request: LMRequest) => string | undefined) | undefined
  /** Reads one response to a request, for which this was posted. */
  readonly decoder: (request: LMRequest, body: Body, limits: SizeLimits.SizeLimits) => Decoder
  /** The headers that carry the key. */
  readonly authorization: (key: string) => Readonly<Record<string, string>>
  /** What a refusal means. */
  readonly failure: (refusal: Refusal) => LMError.Reason
  /** What of a body some servers do not have; a refusal of any other part is a mistake in the request. */
  readonly features: (body: Body) => ReadonlySet<Feature>
  /**
   * The request that goes on with an answer which the service has interrupted on its side, as it is to be sent back; nothing for an
   * answer that is over. All that is answered then is one answer.
   */
  readonly goOn?: ((request: LMRequest, soFar: LMResponse) => LMRequest | undefined) | undefined
}

/** The body of a request, before it is written as JSON. */
export type Body = Readonly<Record<string, unknown>>

/** Which model a request is for, and how it is to be asked. */
export interface Target {
  readonly model: string
  readonly mode: "stream" | "generate"
  /** What the server has said that it does not have: the body does without. */
  readonly lacks: ReadonlySet<Feature>
}

/** A response that is not a success. */
export interface Refusal {
  readonly status: number
  /** The body, parsed if it was JSON. */
  readonly payload: unknown
  readonly header: (name: string) => string | null
  /** The time now, in milliseconds since the epoch, for a Retry-After that names a date. */
  readonly now: number
}

/** Reads one body while its bytes arrive. */
export interface Decoder {
  /** Takes the bytes of one network read. */
  readonly push: (bytes: Uint8Array) => ReadonlyArray<LMEvent>
  /** Takes text that is decoded already. */
  readonly pushText: (text: string) => ReadonlyArray<LMEvent>
  /** The body is over, because of `cause` if something went wrong on the way. */
  readonly end: (cause?: LMError.Reason) => ReadonlyArray<LMEvent>
  /** Whether nothing more is needed, though more may come: all that was asked for is there, or no answer is to be expected. */
  readonly finished: () => boolean
  /** Whether nothing more is to come: the provider announced the end, or the response failed. */
  readonly over: () => boolean
  /** Why the response failed, once it has. The events before it count. */
  readonly failure: () => LMError.Reason | undefined
  /** How many completions are missing in an answer that is over. */
  readonly missing: () => number
}

/** Reads the JSON values of a response, one after the other, and writes the events that follow. */
export interface Reader {
  /**
   * Takes the next value; `event` is the name of a server-sent event, empty where there is none. Data that is no JSON comes as
   * text. Returns why the response failed, if the value says so.
   */
  readonly push: (chunk: unknown, out: Array<LMEvent>, event: string) => LMError.Reason | undefined | void
  /** The body is over. Returns why it is no whole answer, if it is none: `Truncated` where it has merely stopped. */
  readonly end: (out: Array<LMEvent>) => LMError.Reason | undefined | void
  /** Whether the provider has said that the answer is over; that the body has ended says it too if this is left out. */
  readonly finished?: (() => boolean) | undefined
}

/** What makes a protocol. */
export interface Definition {
  readonly name: string
  readonly path: string | ((target: Target) => string)
  readonly body: Protocol["body"]
  /** Why a request cannot be said in this protocol, if it cannot. Every request can if left out. */
  readonly problem?: Protocol["problem"]
  /** Reads the JSON values of a response: server-sent events, lines of JSON, or one value. */
  readonly reader: (request: LMRequest, body: Body) => Reader
  /** `authorization: Bearer KEY` if left out. */
  readonly authorization?: Protocol["authorization"] | undefined
  /** Read from the status and the words, as services of all kinds write them, if left out. */
  readonly failure?: Protocol["failure"] | undefined
  /** Nothing if left out: then a server that does not know a part of the body fails the request. */
  readonly features?: Protocol["features"] | undefined
  /** Every answer is over where it ends if left out. */
  readonly goOn?: Protocol["goOn"]
}

/** How to reach a model. */
export interface Options {
  /** Who serves it, as errors, logs and `providerOptions` name it. */
  readonly provider: string
  /** The model's name, as the service knows it. */
  readonly model: string
  /** Where the API is, without the protocol's own path. What it has behind a `?` is sent with every request. */
  readonly baseUrl: string
  /** The key, or what tells it for each request, where keys expire. None if left out. */
  readonly apiKey?: ApiKey | undefined
  /**
   * Sent with every request. A redacted value, and one whose name says that it is a key, appears in no error, in whatever
   * form a server repeats it. That holds for every secret of six characters or more: what is shorter is looked for nowhere,
   * since it may be a part of any word.
   */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted>> | undefined
  /**
   * Members of the request body that only this provider knows; they win over ours. They are JSON. A redacted value, at any
   * depth, is sent as it is, and appears nowhere else.
   */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined
  /** Generation settings of every request, below those of predictors and calls. */
  readonly config?: GenerationConfig | undefined
  /** What the model can do beyond answering in text; `{ tools: true }` if left out. */
  readonly capabilities?: LM.Capabilities | undefined
  /** Changes to `Timeouts.defaults`. */
  readonly timeouts?: Partial<Timeouts.Timeouts> | undefined
  /** Changes to `SizeLimits.defaults`. */
  readonly limits?: Partial<SizeLimits.SizeLimits> | undefined
  /** Changes to `Retry.defaults`; `false` turns retries off. */
  readonly retry?: Partial<Retry.Policy> | false | undefined
  /**
   * Sends requests in the place of what the platform has for it, which is Node's own HTTP on Node, and `fetch` elsewhere. On Node
   * `globalThis.fetch` is one, too, for programs that have set it up (`setGlobalDispatcher`, tests that replace it).
   */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Sends requests through a client of Effect's, with its spans, proxies and settings; a client in the context is not used unless
   * it is given here: `Effect.flatMap(HttpClient.HttpClient, (httpClient) => OpenAI.make({ ..., httpClient }))`. It should follow
   * no redirects and retry nothing: both is done here.
   */
  readonly httpClient?: HttpClient.HttpClient | undefined
  /**
   * Sends keys from a web page, where everybody who opens it can read them; refused unless this is `true`. A page may do it
   * with a key of its user's, and needs none for a server of its own (`baseUrl`) that adds the key. The service has to allow
   * the page's origin (CORS), and the headers `authorization` and `content-type`.
   */
  readonly allowKeysInBrowser?: boolean | undefined
}

/** A key, or what tells it for each request; what it fails of is an `Authentication` error. */
export type ApiKey = Redacted.Redacted | Effect.Effect<Redacted.Redacted, unknown>

// Constructors

const isTextOrFunction = (value: unknown) => typeof value === "string" || typeof value === "function"

/** Makes a protocol from what is posted and how the JSON values of a response are read. */
export const make = (definition: Definition): Protocol => {
  const { authorization, body, failure, features, goOn, name, path, problem, reader } = onlyKnown(
    "Protocol.make",
    definition,
    definitionNames
  )
  return {
    name,
    path: typeof path === "string" ? () => path : path,
    body,
    problem,
    decoder: (request, body, limits) => Frames.make(reader(request, body), limits),
    authorization: authorization ?? bearer,
    failure: failure ?? ProviderError.fromResponse,
    features: features ?? (() => new Set()),
    goOn
  }
}

const definitionNames: Names<Definition> = {
  name: Kinds.needed(Kinds.text),
  path: Kinds.needed(Kinds.make("a path below the base URL, or a function that gives one", isTextOrFunction)),
  body: Kinds.needed(Kinds.fn("a function of a request that gives what is posted")),
  problem: Kinds.fn("a function of a request that gives a sentence, or nothing"),
  reader: Kinds.needed(Kinds.fn("a function of a request that gives a reader of its response")),
  authorization: Kinds.fn("a function of a key that gives headers"),
  failure: Kinds.fn("a function of a refusal that gives a reason of LMError"),
  features: Kinds.fn("a function of what was posted"),
  goOn: Kinds.fn("a function of a request and its answer that gives a request, or nothing")
}

/** As most services want a key. */
export const bearer: Protocol["authorization"] = (key) => ({ authorization: `Bearer ${key}` })

/**
 * A model that is spoken to in this protocol, as a service. Fails with `InvalidRequest` for what cannot be sent, and with
 * `Authentication` for a key in a web page.
 */
export const service = (protocol: Protocol, options: Options): Effect.Effect<LM.Service, LMError.LMError> =>
  Remote.make(protocol, onlyKnown("Protocol.service", options, optionNames))

const optionNames: Names<Options> = {
  ...Given.connection,
  provider: Kinds.needed(Kinds.text),
  model: Kinds.needed(Kinds.text),
  baseUrl: Kinds.needed(Kinds.text),
  capabilities: Kinds.object
}

// Layers

/** A model that is spoken to in this protocol. */
export const layer = (protocol: Protocol, options: Options): Layer.Layer<LM.LM, LMError.LMError> =>
  Layer.effect(LM.LM, service(protocol, options))
