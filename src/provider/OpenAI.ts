/**
 * Chat completions of OpenAI, and of the many services that speak the same protocol.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LM from "../lm/LM.ts"
import type * as LMError from "../lm/LMError.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import * as Kinds from "../text/kinds.ts"
import { given, onlyKnown } from "../text/options.ts"
import * as Remote from "./internal/remote.ts"
import * as Access from "./openai/access.ts"
import { optionNames } from "./openai/optionNames.ts"
import * as ChatProtocol from "./openai/protocol.ts"
import * as SdkClient from "./openai/sdkClient.ts"
import type * as Protocol from "./Protocol.ts"
import type * as Providers from "./Providers.ts"

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
  const { model, provider: { dialect } } = Access.served(options)
  return { ...ChatProtocol.bodyOf(dialect, request, { model, mode, lacks: new Set() }), ...options.extraBody }
}

// Constructors

/**
 * The model as a service. Reads no environment: it fails with `Authentication` where a key is needed and none is given, with
 * `UnsupportedModel` for a model of another provider without a `baseUrl`, and with `InvalidRequest` for what cannot be sent.
 */
export const make = (options: Options): Effect.Effect<LM.Service, LMError.LMError> =>
  fromOptions(onlyKnown("OpenAI.make", options, optionNames), undefined)

/** `variable` is the one in which a key was looked for, if in any. */
const fromOptions = Effect.fnUntraced(function*(
  { client, inputs, organization, project, ...options }: Options,
  variable: string | undefined
): Effect.fn.Return<LM.Service, LMError.LMError> {
  const given = { ...options, client, organization, project, module: "OpenAI" }
  const { baseUrl, headers, model, provider } = yield* Access.of(given, variable)
  const known = inputs ?? provider.dialect.inputs
  return yield* Remote.make(
    ChatProtocol.make(provider.dialect),
    {
      ...options,
      provider: provider.name,
      model,
      baseUrl,
      headers,
      capabilities: { tools: provider.dialect.tools, ...(known !== undefined && { inputs: known }) }
    },
    client === undefined ? undefined : SdkClient.post(client, "/chat/completions")
  )
})

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
  Access.ofVariable("OPENAI_MODEL", "gpt-4o-mini", fromOptions)
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
  return Layer.effect(LM.LM, Access.ofName(name, options, fromOptions))
}
