/**
 * Claude models over Anthropic's Messages, at Anthropic's own address or at a gateway that speaks the same protocol.
 *
 * Thoughts are the `reasoning` of a prediction, and go back with their signatures as they came. Settings that a model refuses
 * (newer ones take no `temperature`, say) are left out.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as LM from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Messages from "./anthropic/protocol.ts"
import * as Request from "./anthropic/request.ts"
import * as Given from "./internal/given.ts"
import * as Remote from "./internal/remote.ts"
import * as Sendable from "./internal/sendable.ts"
import type * as Protocol from "./Protocol.ts"

// Models

/** How to reach a model. */
export interface Options extends Omit<Protocol.Options, "provider" | "baseUrl" | "capabilities"> {
  /** The model's name: `claude-sonnet-5`, or `anthropic/claude-sonnet-5`. */
  readonly model: string
  /**
   * The key (`x-api-key`), or a token of a subscription (`sk-ant-oat...`, sent as a bearer's). It may be left out where `headers`
   * hold what is asked for, and for another address.
   */
  readonly apiKey?: Protocol.ApiKey | undefined
  /** Where the API is, up to and including `/v1`; Anthropic's own address if left out. */
  readonly baseUrl?: string | undefined
}

/**
 * The body that is sent for a request: compiled, not sent. The same request makes the same body. What is redacted in `extraBody` is
 * so here too, until it is sent.
 */
export const toBody = (
  request: LMRequest,
  options: Pick<Options, "model" | "extraBody">,
  mode: "stream" | "generate" = "generate"
): Protocol.Body => ({
  ...Request.body(request, { model: nameOf(options.model), mode, lacks: new Set() }),
  ...options.extraBody
})

// Constructors

/**
 * The model as a service. Reads no environment: it fails with `Authentication` where a key is needed and none is given, and with
 * `InvalidRequest` for what cannot be sent.
 */
export const make = (options: Options): Effect.Effect<LM.Service, LMError.LMError> =>
  fromOptions(onlyKnown("Anthropic.make", options, optionNames), "pass apiKey")

const optionNames: Names<Options> = {
  ...Given.connection,
  model: Kinds.needed(Kinds.text),
  baseUrl: Kinds.text
}

/** `advice` says where a key may come from. */
const fromOptions = Effect.fnUntraced(function*(
  options: Options,
  advice: string
): Effect.fn.Return<LM.Service, LMError.LMError> {
  const model = nameOf(options.model)
  const fail = (reason: LMError.Reason) => Effect.fail(new LMError.LMError({ model: `${provider}/${model}`, reason }))
  if (model === "") return yield* fail(new LMError.UnsupportedModel({ description: "the model has no name" }))
  const headers = { "anthropic-version": version, ...lowerCase(options.headers) }
  const isAuthorized = "x-api-key" in headers || "authorization" in headers
  if (options.apiKey === undefined && options.baseUrl === undefined && !isAuthorized) {
    return yield* fail(new LMError.Authentication({ description: `there is no API key: ${advice}` }))
  }
  // What is copied from a manual is often where messages are.
  const baseUrl = (options.baseUrl ?? address).trim().replace(/\/messages\/?(?=\?|$)/, "")
  const misplaced = Sendable.urlProblem(baseUrl)
  if (misplaced !== undefined) return yield* fail(new LMError.InvalidRequest({ description: misplaced }))
  return yield* Remote.make(Messages.messages, {
    ...options,
    provider,
    model,
    baseUrl,
    headers: options.allowKeysInBrowser === true
      ? { "anthropic-dangerous-direct-browser-access": "true", ...headers }
      : headers,
    capabilities: { tools: true, inputs: ["images", "files"] }
  })
})

// Layers

/** The model as a layer. */
export const layer = (options: Options): Layer.Layer<LM.LM, LMError.LMError> =>
  Layer.effect(LM.LM, fromOptions(onlyKnown("Anthropic.layer", options, optionNames), "pass apiKey"))

/**
 * The model of this name, with the key and another address from the environment (`ANTHROPIC_API_KEY`, `ANTHROPIC_BASE_URL`) unless
 * `options` has them.
 *
 * @example
 * const claude = Anthropic.layerModel("claude-sonnet-5", { config: { reasoningEffort: "medium" } })
 */
export const layerModel = (
  name: string,
  options: Partial<Omit<Options, "model">> = {}
): Layer.Layer<LM.LM, LMError.LMError | Config.ConfigError> => {
  given("Anthropic.layerModel", { name: Kinds.text }, [name])
  const { model: _, ...names } = optionNames
  onlyKnown("Anthropic.layerModel", options, names)
  return Layer.effect(LM.LM, configured(name, options))
}

/** The model that is asked where none is named. */
export const defaultModel = "claude-sonnet-5"

/** The model that `ANTHROPIC_MODEL` names ({@link defaultModel} if not set), with the variables of {@link layerModel}. */
export const layerConfig: Layer.Layer<LM.LM, LMError.LMError | Config.ConfigError> = Layer.effect(
  LM.LM,
  Effect.flatMap(variable("ANTHROPIC_MODEL"), (name) => configured(name ?? defaultModel, {}))
)

// Details

const configured = Effect.fnUntraced(function*(model: string, options: Partial<Omit<Options, "model">>) {
  const apiKey = options.apiKey ?? Option.getOrUndefined(yield* Config.option(Config.Redacted("ANTHROPIC_API_KEY")))
  const baseUrl = options.baseUrl ?? (yield* variable("ANTHROPIC_BASE_URL"))
  return yield* fromOptions({ ...options, model, apiKey, baseUrl }, "set ANTHROPIC_API_KEY, or pass apiKey")
})

/** A variable that is set and not blank. */
function variable(name: string): Effect.Effect<string | undefined, Config.ConfigError> {
  return Effect.map(
    Config.option(Config.String(name)),
    (value) => Option.getOrElse(value, () => "").trim() || undefined
  )
}

const provider = "anthropic"

const address = "https://api.anthropic.com/v1"

/** The version of the protocol that is spoken. */
const version = "2023-06-01"

const nameOf = (name: string): string => name.trim().replace(/^anthropic\//, "")

const lowerCase = (headers: Options["headers"] = {}): NonNullable<Options["headers"]> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
