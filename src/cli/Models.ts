/**
 * Which language model a command asks.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { LM } from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import * as LocalModel from "../local/LocalModel.ts"
import * as Anthropic from "../provider/Anthropic.ts"
import * as Discovery from "../provider/Discovery.ts"
import * as OpenAI from "../provider/OpenAI.ts"
import * as Providers from "../provider/Providers.ts"
import { UsageError } from "./UsageError.ts"

// Models

/** Why there is no model. */
export type ModelError = LMError | Config.ConfigError | UsageError

/** What the command line says of the model, and where to say what becomes of it. */
export interface Choice {
  /** `--model`. */
  readonly model: string | undefined
  /** `--base-url`. */
  readonly baseUrl: string | undefined
  /** Writes a line to standard error. */
  readonly say: (text: string) => Effect.Effect<void>
  /** Whether what a model in this process needs may be installed: `--yes`, or a person at the terminal. */
  readonly mayInstall: (installation: LocalModel.Installation) => Effect.Effect<boolean>
  /** Shows what is installed and loaded, until the model is there. */
  readonly onProgress: (progress: LocalModel.Progress) => Effect.Effect<void>
}

/** How commands find their model: by default {@link find}, said in one line. Give a layer of your own for tests. */
export const Models = Context.Reference<(choice: Choice) => Layer.Layer<LM, ModelError>>("effect-lm/cli/Models", {
  defaultValue: () => (choice) =>
    Layer.unwrap(Effect.gen(function*() {
      const found = yield* find(choice)
      yield* choice.say(`Model ${found.model}: ${found.why}`)
      return found.layer
    }))
})

// Constructors

/**
 * The model that the flags name; without `--model`, what `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENAI_MODEL` configure
 * (`--base-url` wins); with nothing set, a local one.
 *
 * `--model` and `--base-url` mean what `OPENAI_MODEL` and `OPENAI_BASE_URL` mean, see `Providers.resolve`; `--model` alone
 * may name another provider than the one that `OPENAI_BASE_URL` configures. A provider that is named is configured by its
 * own variables. Without `--base-url`,
 * `local/tinyllama-1.1b-chat` is the embedded model, and `./FILE.gguf` or `local/FILE.gguf` is a file: they run in this
 * process.
 */
export const find = Effect.fnUntraced(function*(
  choice: Omit<Choice, "say">
): Effect.fn.Return<Discovery.Found, ModelError> {
  const { baseUrl, mayInstall, model, onProgress } = choice
  if (baseUrl !== undefined && !/^https?:/.test(URL.parse(baseUrl)?.protocol ?? "")) {
    return yield* new UsageError({
      message: `--base-url ${baseUrl}: expected where an API is, such as http://127.0.0.1:8080/v1`
    })
  }
  if (model === undefined) {
    if (baseUrl === undefined) return yield* Discovery.find({ embedded: { mayInstall, onProgress } })
    const found = yield* Effect.provide(Discovery.find(), variables({ OPENAI_BASE_URL: baseUrl }))
    return {
      ...found,
      why: "--base-url is given",
      layer: Layer.provide(found.layer, variables({ OPENAI_BASE_URL: baseUrl }))
    }
  }
  if (baseUrl === undefined && isLocal(model)) return yield* findLocal(model, { mayInstall, onProgress })
  const named = Providers.parse(model)
  if (model.trim() === "") return yield* new UsageError({ message: "--model: expected the name of a model" })
  const configured = Option.getOrElse(yield* Config.option(Config.String("OPENAI_BASE_URL")), () => "").trim()
  const service = baseUrl ?? (configured || undefined)
  const provider = Result.isSuccess(named) ? named.success.provider : undefined
  const isNamed = baseUrl === undefined
    ? provider !== undefined && provider !== Providers.openai
    : provider?.name === Providers.resolve(model, baseUrl).provider.name
  if (service !== undefined && !isNamed) {
    return {
      model,
      why: `--model names it, at ${service}`,
      layer: Layer.provide(OpenAI.layerConfig, variables({ OPENAI_BASE_URL: service, OPENAI_MODEL: model }))
    }
  }
  const claude = /^\s*anthropic\/(.*\S)/i.exec(model)?.[1]
  if (claude !== undefined) return { model, why: "--model names it", layer: Anthropic.layerModel(claude) }
  if (Result.isFailure(named)) return yield* new UsageError({ message: `--model ${named.failure.message}` })
  return { model, why: "--model names it", layer: OpenAI.layerModel(model, baseUrl === undefined ? {} : { baseUrl }) }
})

const isLocal = (model: string): boolean =>
  model.startsWith("local/") || /^((\.{1,2}|~)?[/\\]|[a-z]:[/\\]).*\.gguf$/i.test(model)

const findLocal = (
  model: string,
  options: Pick<Choice, "mayInstall" | "onProgress">
): Effect.Effect<Discovery.Found, UsageError> => {
  if (model === LocalModel.embedded) {
    const why = `--model names it; ${LocalModel.embeddedDescription}`
    return Effect.succeed({ model, why, layer: LocalModel.layer(options) })
  }
  const file = model.replace(/^local\//, "")
  return /\.gguf$/i.test(file)
    ? Effect.succeed({ model, why: "--model names it", layer: LocalModel.layer({ ...options, model: file }) })
    : Effect.fail(
      new UsageError({
        message:
          `--model ${model}: it is no model that runs in this process: write ${LocalModel.embedded}, or the path ` +
          "of a GGUF file such as ./model.gguf"
      })
    )
}

/** These variables over those of the environment. */
const variables = (env: Readonly<Record<string, string>>): Layer.Layer<never> =>
  ConfigProvider.layerAdd(ConfigProvider.fromEnv({ env }), { asPrimary: true })
