/**
 * Embeddings of OpenAI, and of the many services that speak the same protocol: local servers, too.
 *
 * Keys, addresses, retries, time limits and errors are those of {@link OpenAI}, and the names of providers as well.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Batching, Embedder, type Service } from "../lm/Embedder.ts"
import { batchingNames } from "../lm/internal/batching.ts"
import * as LMError from "../lm/LMError.ts"
import { retrying } from "../policy/internal/waits.ts"
import * as Retry from "../policy/Retry.ts"
import * as Timeouts from "../policy/Timeouts.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { ask } from "./internal/asking.ts"
import * as Connection from "./internal/connection.ts"
import type * as OpenAI from "./OpenAI.ts"
import * as Access from "./openai/access.ts"
import * as Embeddings from "./openai/embeddings.ts"
import * as ProviderError from "./openai/errors/reason.ts"
import { optionNames as ofModels } from "./openai/optionNames.ts"
import * as SdkClient from "./openai/sdkClient.ts"
import { bearer } from "./Protocol.ts"
import * as Providers from "./Providers.ts"
import type * as SizeLimits from "./SizeLimits.ts"

// Models

export type { EncodingFormat } from "./openai/embeddings.ts"

/** How to reach an embedding model, and how it is asked. */
export interface Options extends Omit<OpenAI.Options, "config" | "inputs" | "timeouts" | "limits" | "retry">, Batching {
  /** Changes to `Timeouts.defaults`: how long one request may take. */
  readonly timeouts?: Partial<Pick<Timeouts.Timeouts, "reply">> | undefined
  /** Changes to `SizeLimits.defaults`. */
  readonly limits?: Partial<Pick<SizeLimits.SizeLimits, "reply" | "errorBody">> | undefined
  /** Changes to `Retry.defaults`, for each request; `false` turns retries off. */
  readonly retry?: Partial<Omit<Retry.Policy, "restart">> | false | undefined
  /** How many numbers a vector is to have, for models that let one choose. Another number of them is an `InvalidResponse`. */
  readonly dimensions?: number | undefined
  /**
   * How vectors are to be written; both are read, whatever is asked for. If left out, `base64` (a quarter as long) of OpenAI, and
   * what they like of others, some of which refuse to be asked.
   */
  readonly encodingFormat?: Embeddings.EncodingFormat | undefined
}

// Constructors

/**
 * The embedder as a service. Reads no environment, and fails as `OpenAI.make` does.
 *
 * @example
 * const embedder = yield* OpenAIEmbedder.make({ model: "text-embedding-3-small", apiKey: Redacted.make("sk-...") })
 * const { vectors } = yield* embedder.embed(["a cat", "a kitten"])
 */
export const make = (options: Options): Effect.Effect<Service, LMError.LMError> =>
  fromOptions(onlyKnown("OpenAIEmbedder.make", options, optionNames), undefined)

const { config: _config, inputs: _inputs, ...shared } = ofModels

const optionNames: Names<Options> = {
  ...shared,
  ...batchingNames,
  dimensions: Kinds.wholeFrom(1),
  encodingFormat: Kinds.oneOf("float", "base64")
}

/** `variable` is the one in which a key was looked for, if in any. */
const fromOptions = Effect.fnUntraced(function*(
  { client, organization, project, ...options }: Options,
  variable: string | undefined
): Effect.fn.Return<Service, LMError.LMError> {
  const given = { ...options, client, organization, project, module: "OpenAIEmbedder" }
  const { baseUrl, headers, model, provider } = yield* Access.of(given, variable)
  const connection = yield* Connection.make(
    { ...options, provider: provider.name, model, baseUrl, headers },
    bearer,
    client === undefined ? undefined : SdkClient.post(client, "/embeddings")
  )
  const { dimensions, encodingFormat = provider === Providers.openai ? "base64" : undefined } = options
  const { reply } = Timeouts.make(options.timeouts)
  const policy = Retry.make(options.retry === false ? { times: 0 } : options.retry)

  const embed = (texts: ReadonlyArray<string>) => {
    const problem = Embeddings.problem(texts)
    if (problem !== undefined) {
      return Effect.fail(
        new LMError.LMError({
          model: connection.model,
          reason: new LMError.InvalidRequest({ description: problem })
        })
      )
    }
    const asked = ask(connection, reply, {
      path: "/embeddings",
      body: Embeddings.body(texts, { model, dimensions, encodingFormat }),
      failure: ProviderError.fromResponse,
      read: (payload) => Embeddings.read(payload, texts.length, dimensions)
    })
    return retrying(asked, policy)
  }
  return Embedder.make({
    model: connection.model,
    embed,
    batchSize: options.batchSize,
    concurrency: options.concurrency
  })
})

// Layers

/** The embedder as a layer. */
export const layer = (options: Options): Layer.Layer<Embedder, LMError.LMError> =>
  Layer.effect(Embedder, fromOptions(onlyKnown("OpenAIEmbedder.layer", options, optionNames), undefined))

/**
 * The embedder that the environment names: `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENAI_EMBEDDING_MODEL`
 * (`text-embedding-3-small` if not set), which is read as {@link Providers.resolve} says.
 */
export const layerConfig: Layer.Layer<Embedder, LMError.LMError | Config.ConfigError> = Layer.effect(
  Embedder,
  Access.ofVariable("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small", fromOptions)
)

/**
 * An embedder by its full name, such as `openai/text-embedding-3-small`, `mistral/mistral-embed` or `ollama/nomic-embed-text`. The
 * key and another base URL are read from the provider's variables (`MISTRAL_API_KEY`, `OLLAMA_BASE_URL`) unless `options` has
 * them. Fails with `UnsupportedModel` for a provider that is not in `Providers.all`.
 *
 * @example
 * const embedder = OpenAIEmbedder.layerModel("openai/text-embedding-3-small", { dimensions: 512 })
 */
export const layerModel = (
  name: string,
  options: Partial<Omit<Options, "model" | "provider">> = {}
): Layer.Layer<Embedder, LMError.LMError | Config.ConfigError> => {
  given("OpenAIEmbedder.layerModel", { name: Kinds.text }, [name])
  const { model: _model, provider: _provider, ...names } = optionNames
  onlyKnown("OpenAIEmbedder.layerModel", options, names)
  return Layer.effect(Embedder, Access.ofName(name, options, fromOptions))
}
