/**
 * Chat completions of OpenAI, and of the many services that speak the same protocol.
 *
 * Requests go through the `openai` SDK, which is loaded when a layer is built and not before. Its retries and time
 * limits are off (`Retry` and `Timeouts` have taken their place), and responses are decoded here, one network read at a
 * time.
 */
import * as Arr from "effect/Array"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type OpenAISdk from "openai"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as ChatBody from "./internal/chatBody.ts"
import type * as ChatDecoder from "./internal/chatDecoder.ts"
import * as ChatTransport from "./internal/chatTransport.ts"
import * as ErrorBody from "./internal/errorBody.ts"
import { Unsendable } from "./internal/failure.ts"
import { asString, isRecord } from "./internal/json.ts"
import * as Secrets from "./internal/secrets.ts"
import * as Sendable from "./internal/sendable.ts"
import * as LM from "./LM.ts"
import * as LMError from "./LMError.ts"
import type { LMEvent } from "./LMEvent.ts"
import type { LMRequest } from "./LMRequest.ts"
import type { LMResponse } from "./LMResponse.ts"
import * as Providers from "./Providers.ts"
import * as Retry from "./Retry.ts"
import * as SizeLimits from "./SizeLimits.ts"
import * as Timeouts from "./Timeouts.ts"

/** How to reach a model. */
export interface Options {
  /**
   * The model's name, which means what it means in `OPENAI_MODEL`: see {@link Providers.resolve}. Without a `baseUrl` it is a
   * model of OpenAI's: `gpt-4o-mini`, or `openai/gpt-4o-mini`; any other name with a slash is refused. Models of other
   * providers are for {@link layerModel}, which knows their keys. Beside a `provider` it is that provider's own name, as it is.
   */
  readonly model: string
  /** May be left out where the provider asks for none, or where `headers` hold what it asks for. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** Where the API is, up to and including `/v1`; the provider's own address if left out. */
  readonly baseUrl?: string | undefined
  /** Whose dialect to speak; what is known of the base URL, or OpenAI, if left out. */
  readonly provider?: Providers.Provider | undefined
  readonly organization?: string | undefined
  readonly project?: string | undefined
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
  /** Changes to `Timeouts.defaults`. */
  readonly timeouts?: Partial<Timeouts.Timeouts> | undefined
  /** Changes to `SizeLimits.defaults`. */
  readonly limits?: Partial<SizeLimits.SizeLimits> | undefined
  /** Changes to `Retry.defaults`; `false` turns retries off. */
  readonly retry?: Partial<Retry.Policy> | false | undefined
  /**
   * Sends keys from a web page, where everybody who opens it can read them; refused unless this is `true`. A page may do it
   * with a key of its user's, and needs none for a server of its own (`baseUrl`) that adds the key. The service has to allow
   * the page's origin (CORS), and the headers `authorization` and `content-type`.
   */
  readonly allowKeysInBrowser?: boolean | undefined
}

/** What is sent for a request. */
export type Body = ChatBody.ChatBody & {
  readonly stream: boolean
  readonly stream_options?: Providers.StreamOptions | undefined
}

/**
 * The body that is sent for a request: compiled, not sent. The same request makes the same body; `rolloutId` is no part
 * of it. What is redacted in `extraBody` is so here too, until it is sent.
 */
export const toBody = (
  request: LMRequest,
  options: Pick<Options, "model" | "provider" | "baseUrl" | "extraBody">,
  mode: "stream" | "generate" = "generate"
): Body => {
  const { model, provider: { dialect } } = served(options)
  const streamOptions = mode === "stream" ? dialect.streamOptions : undefined
  return {
    ...ChatBody.make(request, model, dialect),
    stream: mode === "stream",
    ...(streamOptions !== undefined && { stream_options: streamOptions }),
    ...options.extraBody
  }
}

/**
 * The model as a service. Reads no environment: it fails with `Authentication` where a key is needed and none is given, with
 * `UnsupportedModel` for a model of another provider without a `baseUrl`, and with `InvalidRequest` for what cannot be sent.
 */
export const make = (options: Options): Effect.Effect<LM.Service, LMError.LMError> =>
  fromOptions(onlyKnown("OpenAI.make", options, optionNames), undefined)

const secret = Kinds.make(
  "a string, or Redacted.make of one",
  (value) => typeof value === "string" || Redacted.isRedacted(value)
)

const optionNames: Names<Options> = {
  model: Kinds.needed(Kinds.text),
  apiKey: secret,
  baseUrl: Kinds.text,
  provider: Kinds.make("a provider, as Providers.find(\"groq\") gives one", isRecord),
  organization: Kinds.text,
  project: Kinds.text,
  headers: Kinds.recordOf("an object of texts by the names of headers", secret),
  extraBody: Kinds.object,
  // With names of their own, as what they are in.
  timeouts: (_, value) => Timeouts.make(value as Options["timeouts"]),
  limits: (_, value) => SizeLimits.make(value as Options["limits"]),
  retry: Kinds.or((_, value) => Retry.make(value as Partial<Retry.Policy>), false),
  allowKeysInBrowser: Kinds.flag
}

/** `variable` is the one in which a key was looked for, if in any. */
const fromOptions = Effect.fnUntraced(function*(
  options: Options,
  variable: string | undefined
): Effect.fn.Return<LM.Service, LMError.LMError> {
  const { model: name, provider } = served(options)
  const { dialect } = provider
  // What is copied from a manual is often where completions are.
  const baseUrl = (options.baseUrl ?? provider.baseUrl).trim().replace(/\/chat\/completions\/?(?=\?|$)/, "")
  const model = `${provider.name}/${name}`
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => ({
    name,
    value: Redacted.isRedacted(value) ? Redacted.value(value) : value,
    secret: Redacted.isRedacted(value) || /auth|key|token|secret|cookie|passw/i.test(name)
  }))
  // Plain JavaScript may give the key as text.
  const given: unknown = options.apiKey ?? ""
  const key = String(Redacted.isRedacted(given) ? Redacted.value(given) : given).trim()
  const authorized = headers.some(({ name }) => ["authorization", "api-key"].includes(name.toLowerCase()))

  const fail = (reason: LMError.Reason) => Effect.fail(new LMError.LMError({ model, reason }))
  const elsewhere = elsewhereOf(options, variable !== undefined)
  if (elsewhere !== undefined) return yield* fail(new LMError.UnsupportedModel({ description: elsewhere }))
  const misplaced = Sendable.urlProblem(baseUrl)
  if (misplaced !== undefined) return yield* fail(new LMError.InvalidRequest({ description: misplaced }))
  if (key === "" && !provider.keyless && !authorized) {
    return yield* fail(
      new LMError.Authentication({
        description: variable === undefined
          ? "there is no API key: pass apiKey (OpenAI.layerModel and OpenAI.layerConfig read it from the environment)"
          : `there is no API key: set ${variable}, or pass apiKey`
      })
    )
  }
  const unsendable = [
    Sendable.headerProblem("the API key", key),
    Sendable.headerProblem("the organization", options.organization ?? ""),
    Sendable.headerProblem("the project", options.project ?? ""),
    ...headers.map(({ name, value }) => Sendable.headerProblem(`the header ${JSON.stringify(name)}`, value, name)),
    Sendable.jsonProblem("extraBody", options.extraBody)
  ].find((problem) => problem !== undefined)
  if (unsendable !== undefined) return yield* fail(new LMError.InvalidRequest({ description: unsendable }))

  const inBody = Secrets.within(options.extraBody)
  const isPage = inBrowser()
  if (isPage && options.allowKeysInBrowser !== true) {
    if (key !== "" || inBody.length > 0 || headers.some(({ secret }) => secret)) {
      return yield* fail(
        new LMError.Authentication({
          description:
            "keys are not sent from a web page, where everybody can read them: ask a server of your own, which " +
            "adds the key (baseUrl, without apiKey), or pass allowKeysInBrowser: true where the key is the user's own"
        })
      )
    }
  }

  const { APIError, OpenAI } = yield* Effect.promise(() => import("openai"))
  class Client extends OpenAI {
    /** The SDK keeps the member `error` of a body only, and providers say more beside it. */
    protected override makeStatusError(
      status: number,
      body: object | undefined,
      message: string | undefined,
      headers: Headers
    ) {
      return APIError.generate(status, { error: body }, message, headers)
    }
  }
  const limits = SizeLimits.make(options.limits)
  const client = new Client({
    // The SDK wants a key; without one of ours, no authorization is sent.
    apiKey: key === "" ? "none" : key,
    adminAPIKey: null,
    organization: options.organization ?? null,
    project: options.project ?? null,
    baseURL: baseUrl,
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    logLevel: "off",
    // What must not be sent was refused above.
    dangerouslyAllowBrowser: true,
    fetch: (url, init) =>
      fetchOwned(url, isPage ? unadorned(init) : init).then((response) =>
        ErrorBody.bounded(response, limits.errorBody)
      ),
    defaultHeaders: {
      ...(key === "" && { Authorization: null }),
      ...Object.fromEntries(headers.map(({ name, value }) => [name, value]))
    }
  })

  let streamOptionsRefused = false
  // The same request as `client.chat.completions.create` makes, which would watch each value of the body while it is
  // written, to find out whether it asks for a stream.
  const revealed = inBody.length === 0 ? undefined : Secrets.reveal(options.extraBody)
  const send = (body: Body, signal: AbortSignal): Promise<Response> => {
    const halved = Sendable.textProblem(body.messages)
    if (halved !== undefined) return Promise.reject(new Unsendable(halved))
    return client.post("/chat/completions", {
      body: isRecord(revealed) ? { ...body, ...revealed } : body,
      fetchOptions: owned(signal)
    }).asResponse().catch((error: unknown) => {
      // To the SDK, what JSON does not have is a failed connection.
      const problem = isRecord(error) && error["status"] !== undefined
        ? undefined
        : Sendable.jsonProblem("the request", body)
      throw problem === undefined ? error : new Unsendable(problem)
    })
  }
  const secrets = [
    key,
    ...headers.filter(({ secret }) => secret).map(({ value }) => value),
    ...inBody,
    ...new URL(baseUrl).searchParams.values()
  ].filter(Secrets.isSecret)
  const hidden = (detail: string) => Secrets.hide(detail, secrets)
  const endpoint: ChatTransport.Endpoint<Body> = {
    model,
    baseUrl,
    secrets,
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
  const compile = { model: name, provider, extraBody: options.extraBody }
  const service: LM.Service = {
    model,
    capabilities: { tools: dialect.tools, jsonSchema: dialect.jsonSchema },
    stream: (request) => {
      const body = toBody(request, compile, "stream")
      return Stream.mapArray(
        ChatTransport.stream(endpoint, body, { ...decoding(request, body, dialect), limits }),
        (events) => events.some(hasDetail) ? Arr.map(events, (event) => withDetail(event, hidden)) : events
      )
    },
    generate: (request) => {
      const body = toBody(request, compile)
      return Effect.map(
        ChatTransport.generate(endpoint, body, { ...decoding(request, body, dialect), limits }),
        (response): LMResponse => ({
          ...response,
          completions: response.completions.map((completion) => withDetail(completion, hidden))
        })
      )
    }
  }
  return options.retry === false ? service : Retry.apply(service, Retry.make(options.retry))
})

/** The model as a layer. */
export const layer = (options: Options): Layer.Layer<LM.LM, LMError.LMError> =>
  Layer.effect(LM.LM, fromOptions(onlyKnown("OpenAI.layer", options, optionNames), undefined))

/**
 * The model that the environment names: `OPENAI_API_KEY`, `OPENAI_BASE_URL` (any compatible service; most local ones
 * need no key) and `OPENAI_MODEL` (`gpt-4o-mini` if not set), which is read as {@link Providers.resolve} says.
 */
export const layerConfig: Layer.Layer<LM.LM, LMError.LMError | Config.ConfigError> = Layer.effect(
  LM.LM,
  Effect.gen(function*() {
    const baseUrl = yield* variable("OPENAI_BASE_URL")
    const model = yield* variable("OPENAI_MODEL")
    const named = Providers.resolve(model ?? "gpt-4o-mini", baseUrl)
    return yield* makeConfigured({
      ...named,
      baseUrl: named.provider.prefix === "OPENAI" ? baseUrl : yield* variable(`${named.provider.prefix}_BASE_URL`)
    })
  })
)

/**
 * A model by its full name, such as `openai/gpt-4o-mini`, `groq/llama-3.3-70b-versatile` or `ollama/llama3.2`. The key
 * and another base URL are read from the provider's variables (`GROQ_API_KEY`, `OLLAMA_BASE_URL`) unless `options` has
 * them. Fails with `UnsupportedModel` for a provider that is not in `Providers.all`.
 *
 * @example
 * const fast = OpenAI.layerModel("groq/llama-3.3-70b-versatile")
 */
export const layerModel = (
  name: string,
  options: Partial<Omit<Options, "model" | "provider">> = {}
): Layer.Layer<LM.LM, LMError.LMError | Config.ConfigError> => {
  given("OpenAI.layerModel", { name: Kinds.text }, [name])
  const { model: _model, provider: _provider, ...names } = optionNames
  onlyKnown("OpenAI.layerModel", options, names)
  return Layer.effect(
    LM.LM,
    Effect.gen(function*() {
      const named = yield* Effect.fromResult(Providers.parse(name))
      const { provider } = named
      const baseUrl = options.baseUrl ?? (yield* variable(`${provider.prefix}_BASE_URL`))
      return yield* makeConfigured({
        ...options,
        model: Providers.relocated(name, named, baseUrl),
        provider,
        baseUrl
      })
    })
  )
}

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

/** Whether this is a web page, or a worker of one. */
const inBrowser = (): boolean => globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true

/** What the SDK tells of itself is left out: few services allow pages to send it. */
const unadorned = (init: RequestInit & Owned = {}): RequestInit & Owned => {
  const headers = [...new Headers(init.headers)].filter(([name]) => !name.startsWith("x-stainless-"))
  return { ...init, headers }
}

/** Reads the key where the options have none. */
const makeConfigured = Effect.fnUntraced(function*(options: Options & { readonly provider: Providers.Provider }) {
  const variable = `${options.provider.prefix}_API_KEY`
  const configured = yield* Config.option(Config.Redacted(variable))
  return yield* fromOptions({ ...options, apiKey: options.apiKey ?? Option.getOrUndefined(configured) }, variable)
})

/** A variable that is set and not blank. */
const variable = (name: string): Effect.Effect<string | undefined, Config.ConfigError> =>
  Effect.map(Config.option(Config.String(name)), (value) => Option.getOrElse(value, () => "").trim() || undefined)

const decoding = (request: LMRequest, body: Body, dialect: Providers.Dialect): ChatDecoder.Options => {
  const first = request.replyShape?.pieces[0]
  // A reply that is asked to start with the tag means it.
  const asked = first?._tag === "Literal" && /^\s*<(?:think|thinking|thought)>/i.test(first.text)
  return { thinkTags: dialect.thinkTags && !asked, completions: typeof body.n === "number" ? body.n : 1 }
}

const refusesStreamOptions = (error: unknown): boolean =>
  isRecord(error) && typeof error["status"] === "number" && error["status"] >= 400 && error["status"] < 500 &&
  asString(error["message"]).includes("stream_options")

/** Who is asked, and for which model. OpenAI's own address needs no base URL to be known. */
const served = ({ baseUrl, model, provider }: Pick<Options, "model" | "baseUrl" | "provider">): Providers.Model => {
  if (provider !== undefined && (provider !== Providers.openai || baseUrl !== undefined)) {
    return { model: model.trim(), provider }
  }
  const found = Providers.resolve(model, baseUrl)
  // The key is not for another provider: see `elsewhereOf`.
  return baseUrl === undefined && found.provider !== Providers.openai
    ? { model: model.trim(), provider: Providers.openai }
    : found
}

/**
 * Why a model cannot be asked for: it has no name, or is none of OpenAI's where OpenAI would be asked, and given the key. The
 * names of OpenAI's models have no slashes. `configured` says whether the environment is read.
 */
const elsewhereOf = (options: Options, configured: boolean): string | undefined => {
  const { model: name, provider } = served(options)
  if (name === "") return "the model has no name"
  if (options.baseUrl !== undefined || provider !== Providers.openai || !name.includes("/") || name.startsWith("ft:")) {
    return undefined
  }
  const known = Providers.parse(name)
  const service = `give the base URL of a service that knows this name (baseUrl${
    configured ? ", or OPENAI_BASE_URL" : ""
  })`
  return Result.isSuccess(known)
    ? `${name} is a model of ${known.success.provider.name}, and this layer asks OpenAI: write ` +
      `OpenAI.layerModel("${name}"), or ${service}`
    : `${name} is no model of OpenAI's: ${service}, or name its provider (OpenAI.layerModel). As provider/model, ` +
      known.failure.reason.description
}

const hasDetail = (event: LMEvent): boolean => event._tag === "Finish" && event.detail !== undefined

/** What the provider said of a refusal or a filter may repeat a secret. */
const withDetail = <A extends object>(self: A, hidden: (detail: string) => string): A =>
  "detail" in self && typeof self.detail === "string" ? { ...self, detail: hidden(self.detail) } : self
