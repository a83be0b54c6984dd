/**
 * Chat completions of OpenAI, and of the many services that speak the same protocol.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as LM from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import { isRecord } from "../text/json/values.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Given from "./internal/given.ts"
import * as Remote from "./internal/remote.ts"
import * as Sendable from "./internal/sendable.ts"
import * as ChatProtocol from "./openai/protocol.ts"
import * as SdkClient from "./openai/sdkClient.ts"
import type * as Protocol from "./Protocol.ts"
import * as Providers from "./Providers.ts"

// Models

/** How to reach a model. */
export interface Options extends Omit<Protocol.Options, "provider" | "baseUrl" | "capabilities"> {
  /**
   * The model's name, which means what it means in `OPENAI_MODEL`: see {@link Providers.resolve}. Without a `baseUrl` it is a
   * model of OpenAI's: `gpt-4o-mini`, or `openai/gpt-4o-mini`; any other name with a slash is refused. Models of other
   * providers are for {@link layerModel}, which knows their keys. Beside a `provider` it is that provider's own name, as it is.
   */
  readonly model: string
  /** May be left out where the provider asks for none, or where `headers` hold what it asks for. */
  readonly apiKey?: Protocol.ApiKey | undefined
  /** Where the API is, up to and including `/v1`; the provider's own address if left out. */
  readonly baseUrl?: string | undefined
  /** Whose dialect to speak; what is known of the base URL, or OpenAI, if left out. */
  readonly provider?: Providers.Provider | undefined
  /**
   * Which content the model reads beside text: `[]` for one that reads text alone. What else is in a request fails with
   * `NotSupported` before anything is sent. What is known of the provider if left out; of what is not known, the provider says it.
   */
  readonly inputs?: ReadonlyArray<LM.Input> | undefined
  readonly organization?: string | undefined
  readonly project?: string | undefined
  /**
   * A client of the `openai` SDK that sends the requests in its own way: `new AzureOpenAI({ ... })`. It has its own address and
   * key, so none are given beside it.
   */
  readonly client?: Client | undefined
}

/** What is sent for a request. */
export type Body = ChatProtocol.ChatRequest

/** What is used of a client of the `openai` SDK, whose own types bring Node's globals with them. */
export interface Client {
  readonly baseURL: string
  readonly post: (path: string, options: RequestOptions) => { readonly asResponse: () => Promise<Response> }
}

/** What a client of the `openai` SDK is asked with: a request that is tried once, under the time limits of the layer. */
export interface RequestOptions {
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly maxRetries: number
  readonly timeout: number
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
  return { ...ChatProtocol.bodyOf(dialect, request, { model, mode, lacks: new Set() }), ...options.extraBody }
}

// Constructors

/**
 * The model as a service. Reads no environment: it fails with `Authentication` where a key is needed and none is given, with
 * `UnsupportedModel` for a model of another provider without a `baseUrl`, and with `InvalidRequest` for what cannot be sent.
 */
export const make = (options: Options): Effect.Effect<LM.Service, LMError.LMError> =>
  fromOptions(onlyKnown("OpenAI.make", options, optionNames), undefined)

const optionNames: Names<Options> = {
  model: Kinds.needed(Kinds.text),
  ...Given.connection,
  baseUrl: Kinds.text,
  provider: Kinds.objectOf("a provider, as Providers.find(\"groq\") gives one"),
  inputs: Kinds.listOf("inputs", Kinds.oneOf("images", "audio", "files")),
  organization: Kinds.text,
  project: Kinds.text,
  client: Kinds.make("a client of the openai SDK", (value) => isRecord(value) && typeof value["post"] === "function")
}

/** `variable` is the one in which a key was looked for, if in any. */
const fromOptions = Effect.fnUntraced(function*(
  { client, inputs, organization, project, ...options }: Options,
  variable: string | undefined
): Effect.fn.Return<LM.Service, LMError.LMError> {
  const { model, provider } = served(options)
  const known = inputs ?? provider.dialect.inputs
  // What is copied from a manual is often where completions are.
  const baseUrl = (client?.baseURL ?? options.baseUrl ?? provider.baseUrl).trim()
    .replace(/\/chat\/completions\/?(?=\?|$)/, "")
  const fail = (reason: LMError.Reason) =>
    Effect.fail(new LMError.LMError({ model: `${provider.name}/${model}`, reason }))

  const elsewhere = client === undefined ? elsewhereOf(options, variable !== undefined) : undefined
  if (elsewhere !== undefined) return yield* fail(new LMError.UnsupportedModel({ description: elsewhere }))
  const isAuthorized = Object.keys(options.headers ?? {})
    .some((name) => ["authorization", "api-key"].includes(name.toLowerCase()))
  if (client === undefined && !hasKey(options.apiKey) && !provider.keyless && !isAuthorized) {
    const misplaced = Sendable.urlProblem(baseUrl)
    if (misplaced !== undefined) return yield* fail(new LMError.InvalidRequest({ description: misplaced }))
    return yield* fail(
      new LMError.Authentication({
        description: variable === undefined
          ? "there is no API key: pass apiKey (OpenAI.layerModel and OpenAI.layerConfig read it from the environment)"
          : `there is no API key: set ${variable}, or pass apiKey`
      })
    )
  }
  const unsendable = Sendable.headerProblem("the organization", organization ?? "") ??
    Sendable.headerProblem("the project", project ?? "")
  if (unsendable !== undefined) return yield* fail(new LMError.InvalidRequest({ description: unsendable }))

  return yield* Remote.make(
    ChatProtocol.make(provider.dialect),
    {
      ...options,
      provider: provider.name,
      model,
      baseUrl,
      headers: {
        ...(organization !== undefined && { "openai-organization": organization }),
        ...(project !== undefined && { "openai-project": project }),
        ...options.headers
      },
      capabilities: { tools: provider.dialect.tools, ...(known !== undefined && { inputs: known }) }
    },
    client === undefined ? undefined : SdkClient.post(client, "/chat/completions")
  )
})

const hasKey = (apiKey: Protocol.ApiKey | undefined): boolean => {
  // Plain JavaScript may give the key as text.
  const given: unknown = Redacted.isRedacted(apiKey) ? Redacted.value(apiKey) : apiKey
  return typeof given === "string" ? given.trim() !== "" : given !== undefined
}

// Layers

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

// Details

/** Reads the key where the options have none. */
const makeConfigured = Effect.fnUntraced(function*(options: Options & { readonly provider: Providers.Provider }) {
  const variable = `${options.provider.prefix}_API_KEY`
  const configured = yield* Config.option(Config.Redacted(variable))
  return yield* fromOptions({ ...options, apiKey: options.apiKey ?? Option.getOrUndefined(configured) }, variable)
})

/** A variable that is set and not blank. */
const variable = (name: string): Effect.Effect<string | undefined, Config.ConfigError> =>
  Effect.map(Config.option(Config.String(name)), (value) => Option.getOrElse(value, () => "").trim() || undefined)

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
