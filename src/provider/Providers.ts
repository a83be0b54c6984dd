/**
 * OpenAI and the services that speak its chat protocol: where they are, which variables configure them, and where they
 * differ.
 *
 * A provider's key is read from `<PREFIX>_API_KEY` and another base URL from `<PREFIX>_BASE_URL`, whoever it is.
 */
import * as Result from "effect/Result"
import type { Input } from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"

/** What a service makes of the chat protocol. */
export interface Dialect {
  /** Native function calling. */
  readonly tools: boolean
  /** `response_format` of type `json_schema` is honoured. */
  readonly jsonSchema: boolean
  /** `response_format` of type `json_object` is honoured. */
  readonly jsonObject: boolean
  /** What the limit on generated tokens is called. */
  readonly maxTokens: "max_completion_tokens" | "max_tokens"
  /** What the seed is called. */
  readonly seed: "seed" | "random_seed"
  /** What asks for the usage of a streamed response, where it has to be asked for. */
  readonly streamOptions: StreamOptions | undefined
  /** Whether `top_k` is known. */
  readonly topK: boolean
  /** Whether a message may be marked as the end of what a prompt cache keeps (`cache_control`, as Anthropic's models want it). */
  readonly cacheControl: boolean
  /** Whether models may leave their reasoning in the text, between `<think>` tags. */
  readonly thinkTags: boolean
  /** Which content its models read beside text, at most; `undefined` where that is not known, and everything is tried. */
  readonly inputs: ReadonlyArray<Input> | undefined
  /** Whether a file may be given by its address. */
  readonly fileUrls: boolean
}

/** As the protocol has it in `stream_options`. */
export interface StreamOptions {
  readonly include_usage?: boolean
  readonly include_obfuscation?: boolean
}

/** A service that speaks the chat protocol. */
export interface Provider {
  readonly name: string
  /** Other names it goes by. */
  readonly aliases: ReadonlyArray<string>
  readonly baseUrl: string
  /** What the names of its environment variables begin with. */
  readonly prefix: string
  /** Whether it answers without a key. */
  readonly keyless: boolean
  readonly dialect: Dialect
}

/** A model and who serves it. */
export interface Model {
  readonly provider: Provider
  readonly model: string
}

/** What a service that we know nothing of is taken to understand. */
export const compatible: Dialect = {
  tools: true,
  jsonSchema: true,
  jsonObject: true,
  maxTokens: "max_tokens",
  seed: "seed",
  streamOptions: { include_usage: true },
  topK: true,
  cacheControl: false,
  thinkTags: true,
  inputs: undefined,
  fileUrls: true
}

const hosted = (
  name: string,
  baseUrl: string,
  differences: Partial<Dialect> = {},
  aliases: ReadonlyArray<string> = []
): Provider => ({
  name,
  aliases,
  baseUrl,
  prefix: name.toUpperCase(),
  keyless: false,
  dialect: { ...compatible, ...differences }
})

const local = (
  name: string,
  port: number,
  aliases: ReadonlyArray<string> = [],
  differences: Partial<Dialect> = {}
): Provider => ({
  name,
  aliases,
  baseUrl: `http://localhost:${port}/v1`,
  prefix: name.toUpperCase().replaceAll("-", "_"),
  keyless: true,
  dialect: { ...compatible, ...differences }
})

/** OpenAI itself. */
export const openai: Provider = hosted("openai", "https://api.openai.com/v1", {
  maxTokens: "max_completion_tokens",
  // Padding against eavesdroppers who count packets: it doubles what has to be read.
  streamOptions: { include_usage: true, include_obfuscation: false },
  topK: false,
  thinkTags: false,
  fileUrls: false
})

/** All providers that can be named in `provider/model`. */
export const all: ReadonlyArray<Provider> = [
  openai,
  hosted("openrouter", "https://openrouter.ai/api/v1", { cacheControl: true }),
  // JSON schemas are for some of its models only, and an error for the others.
  hosted("groq", "https://api.groq.com/openai/v1", { jsonSchema: false, topK: false, inputs: ["images"] }),
  hosted("deepseek", "https://api.deepseek.com/v1", { jsonSchema: false, topK: false, inputs: ["images"] }),
  // It refuses parameters that it does not know, and reports usage unasked.
  hosted("mistral", "https://api.mistral.ai/v1", { seed: "random_seed", streamOptions: undefined, topK: false }),
  hosted("gemini", "https://generativelanguage.googleapis.com/v1beta/openai", { topK: false }, ["google"]),
  hosted("xai", "https://api.x.ai/v1", { topK: false }, ["grok"]),
  hosted("together", "https://api.together.xyz/v1", {}, ["together_ai"]),
  hosted("fireworks", "https://api.fireworks.ai/inference/v1", {}, ["fireworks_ai"]),
  hosted("cerebras", "https://api.cerebras.ai/v1", { topK: false }),
  hosted("perplexity", "https://api.perplexity.ai", { tools: false, jsonObject: false }),
  local("ollama", 11434, ["ollama_chat"]),
  // It refuses the type json_object.
  local("lmstudio", 1234, ["lm-studio", "lm_studio"], { jsonObject: false }),
  local("llama-server", 8080, ["llamacpp", "llama.cpp", "llama_cpp"]),
  local("vllm", 8000, ["hosted_vllm"]),
  local("sglang", 30000),
  local("localai", 8080)
]

/** A service that is not in the table, named after its host. */
export const custom = (baseUrl: string): Provider => ({
  name: URL.canParse(baseUrl) ? new URL(baseUrl).host : "custom",
  aliases: [],
  baseUrl,
  prefix: "OPENAI",
  keyless: true,
  dialect: compatible
})

/** The provider at a base URL: one of the table, else a custom one. */
export const fromUrl = (baseUrl: string): Provider =>
  all.find((provider) => place(provider.baseUrl) === place(baseUrl)) ?? custom(baseUrl)

/** The provider of this name or alias. */
export const find = (name: string): Provider | undefined => {
  const wanted = name.toLowerCase()
  return all.find((provider) => provider.name === wanted || provider.aliases.includes(wanted))
}

/**
 * The provider that a name begins with, and the model behind the slash; nothing where it begins with none that is known.
 * White space around the name is no part of it.
 */
export const named = (text: string): Model | undefined => {
  const name = text.trim()
  const slash = name.indexOf("/")
  const provider = slash === -1 ? undefined : find(name.slice(0, slash))
  const model = name.slice(slash + 1).trim()
  if (provider === undefined || model === "") return undefined
  return { provider, model: ownNames[provider.name]?.test(model) === true ? `${provider.name}/${model}` : model }
}

/**
 * What a model's name means, in `OPENAI_MODEL` and `--model` as in the layers.
 *
 * Without a base URL, `provider/model` is that provider's model, and any other name is one of OpenAI's, which the layers
 * refuse where it has a slash.
 *
 * With a base URL (`OPENAI_BASE_URL`, `--base-url`, `OpenAI.layer({ baseUrl })`), the name is one of the service there, slashes
 * and all: `meta-llama/llama-3.3-70b`, or `openai/gpt-4o-mini` at OpenRouter. What is taken off is the service's own name, and,
 * at a service that is not known, `openai/` or the kind of a local server: `openai/NAME` and `vllm/NAME` are its `NAME`. The
 * service is configured by `OPENAI_API_KEY`, whoever it is.
 */
export const resolve = (name: string, baseUrl: string | undefined): Model => {
  const full = named(name)
  const whole = name.trim()
  if (baseUrl === undefined) return full ?? { provider: openai, model: whole }
  const there = { ...fromUrl(baseUrl), prefix: "OPENAI" }
  if (full === undefined) return { provider: there, model: whole }
  if (full.provider.name === there.name) return { provider: there, model: full.model }
  if (isKnown(there)) return { provider: there, model: whole }
  if (full.provider === openai) return { provider: there, model: openWeights.test(full.model) ? whole : full.model }
  return full.provider.keyless
    ? { provider: { ...full.provider, prefix: "OPENAI" }, model: full.model }
    : { provider: there, model: whole }
}

/**
 * The same for a provider's name beside another address of that provider: `GROQ_BASE_URL`, or
 * `OpenAI.layerModel("groq/...", { baseUrl })`. The provider's name is no part of the model's, unless the address is that of
 * another service that is known: there the name is that service's own.
 */
export const relocated = (name: string, { model, provider }: Model, baseUrl: string | undefined): string => {
  if (baseUrl === undefined) return model
  const there = fromUrl(baseUrl)
  return provider === openai || (isKnown(there) && there.name !== provider.name && !provider.keyless)
    ? resolve(name, baseUrl).model
    : model
}

/**
 * Reads `provider/model`, such as `openai/gpt-4o-mini` or `openrouter/meta-llama/llama-3.3-70b`. The model is whatever
 * follows the first slash. Fails with `UnsupportedModel`, naming the providers that there are.
 */
export const parse = (name: string): Result.Result<Model, LMError.LMError> => {
  const found = named(name)
  if (found !== undefined) return Result.succeed(found)
  const slash = name.indexOf("/")
  const known = all.map(({ name }) => name).join(", ")
  const problem = slash === -1
    ? `it names no provider: write provider/model, such as openai/${name === "" ? "gpt-4o-mini" : name}`
    : anthropic.test(name)
    ? `Anthropic's models have a module of their own: write Anthropic.layerModel("${name.slice(slash + 1).trim()}")`
    : find(name.slice(0, slash)) === undefined
    ? `there is no provider "${name.slice(0, slash)}"`
    : "it names no model after the slash"
  return Result.fail(
    new LMError.LMError({
      model: name,
      reason: new LMError.UnsupportedModel({ description: `${problem}. Known providers: ${known}` })
    })
  )
}

/** Models that are not spoken to in the chat protocol. */
const anthropic = /^\s*anthropic\//i

/** Models whose own names begin with that of their provider. */
const ownNames: Readonly<Record<string, RegExp>> = {
  // Every name has a slash there: `openrouter/auto` is a model.
  openrouter: /^[^/]+$/,
  groq: /^compound(?:-mini)?$/
}

/** Models that others serve under the name that OpenAI has published them under. */
const openWeights = /^gpt-oss-/

/** Hosts of services where each name begins with the company: `openai/gpt-4o` is a model of theirs. */
const gateways: ReadonlySet<string> = new Set([
  "ai-gateway.vercel.sh",
  "api.aimlapi.com",
  "api.deepinfra.com",
  "api.novita.ai",
  "gateway.ai.cloudflare.com",
  "integrate.api.nvidia.com",
  "models.github.ai",
  "nano-gpt.com",
  "router.huggingface.co",
  "router.requesty.ai",
  "zenmux.ai"
])

/** Whether the service is known, and its names with it. */
const isKnown = ({ name }: Provider): boolean => gateways.has(name) || all.some((provider) => provider.name === name)

/**
 * What tells services apart by their base URLs: the host alone, since its paths are versions of one service. On one's own machine
 * it is the port and the path, since several servers may run there.
 */
const place = (baseUrl: string): string => {
  if (!URL.canParse(baseUrl)) return baseUrl
  const { host, hostname, pathname, port } = new URL(baseUrl)
  return loopback.has(hostname) ? `localhost:${port}${pathname.endsWith("/") ? pathname : `${pathname}/`}` : host
}

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "0.0.0.0", "[::1]"])
