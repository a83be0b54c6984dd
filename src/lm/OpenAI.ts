/**
 * Chat completions of OpenAI, and of the many services that speak the same protocol.
 *
 * Requests go through the `openai` SDK, which is loaded when a layer is built and not before. Its retries and time
 * limits are off (`Retry` and `Timeouts` have taken their place), and responses are decoded here, one network read at a
 * time.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type OpenAISdk from "openai"
import * as ChatBody from "./internal/chatBody.ts"
import type * as ChatStream from "./internal/chatStream.ts"
import * as ChatTransport from "./internal/chatTransport.ts"
import { asString, isRecord } from "./internal/json.ts"
import * as LM from "./LM.ts"
import * as LMError from "./LMError.ts"
import type { LMRequest } from "./LMRequest.ts"
import * as Providers from "./Providers.ts"
import * as Retry from "./Retry.ts"
import * as Timeouts from "./Timeouts.ts"

/** How to reach a model. */
export interface Options {
  /** The model's name as its provider knows it: `gpt-4o-mini`. */
  readonly model: string
  /** May be left out where the provider asks for none, or where `headers` hold what it asks for. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** Where the API is, up to and including `/v1`; the provider's own address if left out. */
  readonly baseUrl?: string | undefined
  /** Whose dialect to speak; what is known of the base URL, or OpenAI, if left out. */
  readonly provider?: Providers.Provider | undefined
  readonly organization?: string | undefined
  readonly project?: string | undefined
  /** Sent with every request. A redacted value appears in no error. */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted>> | undefined
  /** Members of the request body that only this provider knows; they win over ours. */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined
  /** Changes to `Timeouts.defaults`. */
  readonly timeouts?: Partial<Timeouts.Timeouts> | undefined
  /** Changes to `Retry.defaults`; `false` turns retries off. */
  readonly retry?: Partial<Retry.Policy> | false | undefined
}

/** What is sent for a request. */
export type Body = ChatBody.ChatBody & {
  readonly stream: boolean
  readonly stream_options?: OpenAISdk.ChatCompletionStreamOptions | undefined
}

/**
 * The body that is sent for a request: compiled, not sent. The same request makes the same body; `rolloutId` is no part
 * of it.
 */
export const toBody = (
  request: LMRequest,
  options: Pick<Options, "model" | "provider" | "baseUrl" | "extraBody">,
  mode: "stream" | "generate" = "generate"
): Body => {
  const { dialect } = options.provider ?? providerOf(options)
  const streamOptions = mode === "stream" ? dialect.streamOptions : undefined
  return {
    ...ChatBody.make(request, options.model, dialect),
    stream: mode === "stream",
    ...(streamOptions !== undefined && { stream_options: streamOptions }),
    ...options.extraBody
  }
}

/** The model as a service. Fails with `Authentication` where a key is needed and none is given. */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<LM.Service, LMError.LMError> {
  const provider = options.provider ?? providerOf(options)
  const { dialect } = provider
  const baseUrl = options.baseUrl ?? provider.baseUrl
  const model = `${provider.name}/${options.model}`
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => ({
    name,
    value: Redacted.isRedacted(value) ? Redacted.value(value) : value,
    secret: Redacted.isRedacted(value)
  }))
  const key = options.apiKey === undefined ? "" : Redacted.value(options.apiKey).trim()
  const authorized = headers.some(({ name }) => ["authorization", "api-key"].includes(name.toLowerCase()))

  const fail = (reason: LMError.Reason) => Effect.fail(new LMError.LMError({ model, reason }))
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    return yield* fail(
      new LMError.InvalidRequest({
        description: "the base URL has to begin with http:// or https://, and to hold no user or password"
      })
    )
  }
  if (key === "" && !provider.keyless && !authorized) {
    return yield* fail(
      new LMError.Authentication({ description: `there is no API key: set ${provider.prefix}_API_KEY, or pass apiKey` })
    )
  }

  const { OpenAI } = yield* Effect.promise(() => import("openai"))
  const client = new OpenAI({
    // The SDK wants a key; without one of ours, no authorization is sent.
    apiKey: key === "" ? "none" : key,
    adminAPIKey: null,
    organization: options.organization ?? null,
    project: options.project ?? null,
    baseURL: baseUrl,
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    logLevel: "off",
    fetch: fetchOwned,
    defaultHeaders: {
      ...(key === "" && { Authorization: null }),
      ...Object.fromEntries(headers.map(({ name, value }) => [name, value]))
    }
  })

  let streamOptionsRefused = false
  // The same request as `client.chat.completions.create` makes, which would watch each value of the body while it is
  // written, to find out whether it asks for a stream.
  const send = (body: Body, signal: AbortSignal): Promise<Response> =>
    client.post("/chat/completions", { body, fetchOptions: owned(signal) }).asResponse()
  const endpoint: ChatTransport.Endpoint<Body> = {
    model,
    baseUrl,
    secrets: [
      key,
      ...headers.filter(({ secret }) => secret).map(({ value }) => value),
      ...url.searchParams.values()
    ].filter(isSecret),
    timeouts: Timeouts.make(options.timeouts),
    send: ({ stream_options, ...body }, signal) =>
      stream_options === undefined || streamOptionsRefused
        ? send(body, signal)
        : send({ ...body, stream_options }, signal).catch((error: unknown) => {
          if (!refusesStreamOptions(error)) throw error
          streamOptionsRefused = true
          return send(body, signal)
        })
  }
  const compile = { model: options.model, provider, extraBody: options.extraBody }
  const service: LM.Service = {
    model,
    capabilities: { tools: dialect.tools, jsonSchema: dialect.jsonSchema },
    stream: (request) => ChatTransport.stream(endpoint, toBody(request, compile, "stream"), decoding(request, dialect)),
    generate: (request) => ChatTransport.generate(endpoint, toBody(request, compile), decoding(request, dialect))
  }
  return options.retry === false ? service : Retry.apply(service, Retry.make(options.retry))
})

/** The model as a layer. */
export const layer = (options: Options): Layer.Layer<LM.LM, LMError.LMError> => Layer.effect(LM.LM, make(options))

/**
 * The model that the environment names: `OPENAI_API_KEY`, `OPENAI_BASE_URL` (any compatible service; most local ones
 * need no key) and `OPENAI_MODEL` (`gpt-4o-mini` if not set).
 */
export const layerConfig: Layer.Layer<LM.LM, LMError.LMError | Config.ConfigError> = Layer.effect(
  LM.LM,
  Effect.gen(function*() {
    const baseUrl = yield* variable("OPENAI_BASE_URL")
    const model = yield* variable("OPENAI_MODEL")
    const provider = baseUrl === undefined ? Providers.openai : { ...Providers.fromUrl(baseUrl), prefix: "OPENAI" }
    return yield* makeConfigured({ model: model ?? "gpt-4o-mini", provider, baseUrl })
  })
)

/**
 * A model by its full name, such as `openai/gpt-4o-mini`, `groq/llama-3.3-70b-versatile` or `ollama/llama3.2`. The key
 * and another base URL are read from the provider's variables (`GROQ_API_KEY`, `OLLAMA_BASE_URL`) unless `options` has
 * them. Fails with `UnsupportedModel` for a provider that is not in `Providers.all`.
 */
export const layerModel = (
  name: string,
  options?: Partial<Omit<Options, "model" | "provider">>
): Layer.Layer<LM.LM, LMError.LMError | Config.ConfigError> =>
  Layer.effect(
    LM.LM,
    Effect.gen(function*() {
      const { model, provider } = yield* Effect.fromResult(Providers.parse(name))
      const baseUrl = options?.baseUrl ?? (yield* variable(`${provider.prefix}_BASE_URL`))
      return yield* makeConfigured({ ...options, model, provider, baseUrl })
    })
  )

/**
 * The signal of a request travels to `fetch` beside the SDK's options, not through them: for each signal that it is
 * given, the SDK sets up weak references and finalizers, which cost a sixth of a whole local call.
 */
const owner: unique symbol = Symbol("effect-lm/lm/OpenAI/owner")

interface Owned {
  readonly [owner]?: AbortSignal
}

const owned = (signal: AbortSignal): NonNullable<OpenAISdk.RequestOptions["fetchOptions"]> & Owned => ({
  [owner]: signal
})

const fetchOwned = (url: string | URL | Request, init?: RequestInit & Owned) =>
  fetch(url, init?.[owner] === undefined ? init : { ...init, signal: init[owner] })

/** Reads the key where the options have none. */
const makeConfigured = Effect.fnUntraced(function*(options: Options & { readonly provider: Providers.Provider }) {
  const configured = yield* Config.option(Config.Redacted(`${options.provider.prefix}_API_KEY`))
  return yield* make({ ...options, apiKey: options.apiKey ?? Option.getOrUndefined(configured) })
})

/** A variable that is set and not blank. */
const variable = (name: string): Effect.Effect<string | undefined, Config.ConfigError> =>
  Effect.map(Config.option(Config.String(name)), (value) => Option.getOrElse(value, () => "").trim() || undefined)

const providerOf = (options: Pick<Options, "baseUrl">): Providers.Provider =>
  options.baseUrl === undefined ? Providers.openai : Providers.fromUrl(options.baseUrl)

const decoding = (request: LMRequest, dialect: Providers.Dialect): ChatStream.Options => {
  const first = request.replyShape?.pieces[0]
  // A reply that is asked to start with the tag means it.
  const asked = first?._tag === "Literal" && first.text.trimStart().startsWith("<think>")
  return { thinkTags: dialect.thinkTags && !asked, completions: request.config.n }
}

const refusesStreamOptions = (error: unknown): boolean =>
  isRecord(error) && typeof error["status"] === "number" && error["status"] >= 400 && error["status"] < 500 &&
  asString(error["message"]).includes("stream_options")

/** What is shorter than that is a word that a local server does not look at, and may well be in a message. */
const isSecret = (text: string): boolean => text.length >= 6
