/**
 * Finds a model where none is named: what the environment configures, else a local server that answers, else the embedded
 * model, where it is installed or may be.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { LM } from "../lm/LM.ts"
import * as LMError from "../lm/LMError.ts"
import * as LocalModel from "../local/LocalModel.ts"
import * as Kinds from "../text/kinds.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import * as Anthropic from "./Anthropic.ts"
import * as OpenAI from "./OpenAI.ts"
import * as Providers from "./Providers.ts"

// Models

/** A model that was found. */
export interface Found {
  /** Its full name: `openai/gpt-4o-mini`, `ollama/llama3.2`. */
  readonly model: string
  /** Where it was found, in words. */
  readonly why: string
  readonly layer: Layer.Layer<LM, LMError.LMError | Config.ConfigError>
}

/** A local server to look for. */
export interface LocalServer {
  /** The provider's name, as in `ollama/llama3.2`. */
  readonly name: string
  /** The service root, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string
}

/** Options of {@link find}. */
export interface Options {
  /** Where to look for local servers, the preferred ones first; {@link localServers} by default. */
  readonly servers?: ReadonlyArray<LocalServer> | undefined
  /**
   * How the embedded model is run where there is nothing else; `false` does without it. It is installed (410 MB) only where
   * `mayInstall` says so.
   */
  readonly embedded?: Omit<LocalModel.Options, "model"> | false | undefined
}

/** The servers that people run on their own machine, at their usual ports. */
export const localServers: ReadonlyArray<LocalServer> = [
  { name: "ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { name: "lmstudio", baseUrl: "http://127.0.0.1:1234/v1" },
  { name: "llama-server", baseUrl: "http://127.0.0.1:8080/v1" },
  { name: "vllm", baseUrl: "http://127.0.0.1:8000/v1" }
]

// Constructors

/**
 * Looks for a model: `OPENAI_API_KEY`, `OPENAI_BASE_URL` or `OPENAI_MODEL` where one is set, else `ANTHROPIC_API_KEY`, else the first
 * local server that answers within half a second and has a model for text, else the embedded model. Fails with `UnsupportedModel` where there is
 * none and no embedded model is wanted; where it is not installed and may not be, its layer does. Throws a `TypeError` at
 * numbers for the embedded model that mean nothing.
 */
export const find = (options: Options = {}): Effect.Effect<Found, LMError.LMError | Config.ConfigError> => {
  const { embedded = {}, servers = localServers } = onlyKnown("Discovery.find", options, optionNames)
  return search(
    servers,
    embedded === false ? undefined : LocalModel.layer(embedded)
  )
}

const optionNames: Names<Options> = {
  servers: Kinds.listOf(
    "servers",
    Kinds.objectOf("a server, as { name: \"Ollama\", baseUrl: \"http://127.0.0.1:11434/v1\" } is one")
  ),
  // Looked at by LocalModel.
  embedded: Kinds.or(Kinds.object, false)
}

const search = Effect.fnUntraced(function*(
  servers: ReadonlyArray<LocalServer>,
  embedded: Layer.Layer<LM, LMError.LMError> | undefined
): Effect.fn.Return<Found, LMError.LMError | Config.ConfigError> {
  const configured = (yield* fromEnvironment) ?? (yield* fromAnthropic)
  if (configured !== undefined) return configured
  const answers = yield* Effect.forEach(servers, ask, { concurrency: "unbounded" })
  const found = answers.find((answer) => answer !== undefined)
  if (found !== undefined) return found
  if (embedded !== undefined) {
    return {
      model: LocalModel.embedded,
      why:
        `no OPENAI_API_KEY or ANTHROPIC_API_KEY is set, no local server answers; ${LocalModel.embeddedDescription} (a key or a local ` +
        "server gives better ones)",
      layer: embedded
    }
  }
  return yield* new LMError.LMError({
    model: "none",
    reason: new LMError.UnsupportedModel({
      description:
        "no model was found: set OPENAI_API_KEY, ANTHROPIC_API_KEY, or OPENAI_BASE_URL and OPENAI_MODEL, or start a local server (" +
        `${servers.map(({ baseUrl, name }) => `${name} at ${baseUrl}`).join(", ")})`
    })
  })
})

// Layers

/** The model that {@link find} finds. `onFound` is told which one, and why. */
export const layer = (
  options: Options & { readonly onFound?: ((found: Found) => Effect.Effect<void>) | undefined } = {}
): Layer.Layer<LM, LMError.LMError | Config.ConfigError> => {
  const { onFound = () => Effect.void, ...where } = onlyKnown("Discovery.layer", options, {
    ...optionNames,
    onFound: Kinds.fn("a function that gives an Effect, as ({ why }) => Console.error(why)")
  })
  return Layer.unwrap(Effect.map(Effect.tap(find(where), onFound), ({ layer }) => layer))
}

// Details

const variable = (name: string) =>
  Effect.map(Config.option(Config.String(name)), (value) => Option.getOrElse(value, () => "").trim())

const fromEnvironment: Effect.Effect<Found | undefined, Config.ConfigError> = Effect.gen(function*() {
  const names = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"]
  const values = yield* Effect.forEach(names, variable)
  const set = names.filter((_, index) => values[index] !== "")
  if (set.length === 0) return undefined
  const [, baseUrl = "", name] = values
  const { model, provider } = Providers.resolve(name || "gpt-4o-mini", baseUrl || undefined)
  return {
    model: `${baseUrl || provider.name}/${model}`,
    why: `${set.join(", ")} ${set.length === 1 ? "is" : "are"} set`,
    layer: OpenAI.layerConfig
  }
})

const fromAnthropic: Effect.Effect<Found | undefined, Config.ConfigError> = Effect.gen(function*() {
  if ((yield* variable("ANTHROPIC_API_KEY")) === "") return undefined
  const name = (yield* variable("ANTHROPIC_MODEL")) || Anthropic.defaultModel
  return {
    model: `anthropic/${name.replace(/^anthropic\//, "")}`,
    why: "ANTHROPIC_API_KEY is set",
    layer: Anthropic.layerConfig
  }
})

const ModelList = Schema.Struct({ data: Schema.Array(Schema.Struct({ id: Schema.String })) })

/** The server's first model for text; nothing if nobody answers there, or without such a model. */
const ask = ({ baseUrl, name }: LocalServer): Effect.Effect<Found | undefined> =>
  Effect.tryPromise((signal) => fetch(`${baseUrl}/models`, { signal }).then((response) => response.json())).pipe(
    Effect.timeout("500 millis"),
    Effect.flatMap(Schema.decodeUnknownEffect(ModelList)),
    Effect.map(({ data }): Found | undefined => {
      const model = data.find(({ id }) => !/embed|rerank|whisper|tts/i.test(id))?.id
      return model === undefined ? undefined : {
        model: `${name}/${model}`,
        why: `a local server answers at ${baseUrl}, and no OPENAI_API_KEY or ANTHROPIC_API_KEY is set`,
        // The server's own name for it, slashes and all.
        layer: OpenAI.layer({ model, baseUrl, provider: Providers.fromUrl(baseUrl) })
      }
    }),
    Effect.orElseSucceed(() => undefined)
  )
