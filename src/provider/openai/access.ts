/**
 * Who is asked with OpenAI's protocols, where, and with which key: the same for all that is asked there.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as LMError from "../../lm/LMError.ts"
import * as Sendable from "../internal/sendable.ts"
import type * as OpenAI from "../OpenAI.ts"
import type * as Protocol from "../Protocol.ts"
import * as Providers from "../Providers.ts"

/** What says who is asked, and the module that it is given to, as errors name it. */
export interface Given extends
  Pick<
    OpenAI.Options,
    "model" | "apiKey" | "baseUrl" | "provider" | "headers" | "organization" | "project" | "client"
  >
{
  readonly module: string
}

/** Who is asked, as a connection takes it. */
export interface Access extends Providers.Model {
  readonly baseUrl: string
  readonly headers: NonNullable<OpenAI.Options["headers"]>
}

/**
 * Fails with `Authentication` where a key is needed and none is given, with `UnsupportedModel` for a model of another provider
 * without a `baseUrl`, and with `InvalidRequest` for what cannot be sent. `variable` is the one in which a key was looked for, if
 * in any.
 */
export const of = Effect.fnUntraced(function*(
  options: Given,
  variable: string | undefined
): Effect.fn.Return<Access, LMError.LMError> {
  const { client, module, organization, project } = options
  const { model, provider } = served(options)
  // What is copied from a manual is often where completions are.
  const baseUrl = (client?.baseURL ?? options.baseUrl ?? provider.baseUrl).trim()
    .replace(/\/(?:chat\/completions|embeddings)\/?(?=\?|$)/, "")
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
          ? `there is no API key: pass apiKey (${module}.layerModel and ${module}.layerConfig read it from the environment)`
          : `there is no API key: set ${variable}, or pass apiKey`
      })
    )
  }
  const unsendable = Sendable.headerProblem("the organization", organization ?? "") ??
    Sendable.headerProblem("the project", project ?? "")
  if (unsendable !== undefined) return yield* fail(new LMError.InvalidRequest({ description: unsendable }))
  return {
    provider,
    model,
    baseUrl,
    headers: {
      ...(organization !== undefined && { "openai-organization": organization }),
      ...(project !== undefined && { "openai-project": project }),
      ...options.headers
    }
  }
})

/** Makes something of its options; `variable` is the one in which a key was looked for, if in any. */
type Make<Options, A> = (options: Options, variable: string | undefined) => Effect.Effect<A, LMError.LMError>

/** What is known of who is asked once it has been named. */
type Named = Providers.Model & Pick<OpenAI.Options, "baseUrl" | "apiKey">

/** Makes what a variable names, or else what has this name, with what OpenAI's variables say of it. */
export const ofVariable = <A>(
  name: string,
  otherwise: string,
  make: Make<Named, A>
): Effect.Effect<A, LMError.LMError | Config.ConfigError> =>
  Effect.flatMap(
    variable(name),
    (named) => Effect.flatMap(configured(named ?? otherwise), (known) => keyed(known, make))
  )

/** Makes what has this full name, with what the variables of its provider say that the options do not. */
export const ofName = <Options extends Pick<OpenAI.Options, "baseUrl" | "apiKey">, A>(
  name: string,
  options: Options,
  make: Make<Options & Named, A>
): Effect.Effect<A, LMError.LMError | Config.ConfigError> =>
  Effect.flatMap(parsed(name, options.baseUrl), (known) => keyed({ ...options, ...known }, make))

// Details

/** Reads the key where the options have none. */
const keyed = <Options extends Named, A>(options: Options, make: Make<Options, A>) =>
  Effect.flatMap(
    key(options.provider),
    ({ apiKey, variable }) => make({ ...options, apiKey: options.apiKey ?? apiKey }, variable)
  )

/** What the environment says of a model of this name and of where it is, with OpenAI's variables. */
const configured = Effect.fnUntraced(function*(name: string) {
  const baseUrl = yield* variable("OPENAI_BASE_URL")
  const named = Providers.resolve(name, baseUrl)
  const { prefix } = named.provider
  return { ...named, baseUrl: prefix === "OPENAI" ? baseUrl : yield* variable(`${prefix}_BASE_URL`) }
})

/** The same of a model by its full name, with the variables of its provider; `baseUrl` is another address than theirs. */
const parsed = Effect.fnUntraced(function*(name: string, given: string | undefined) {
  const named = yield* Effect.fromResult(Providers.parse(name))
  const { provider } = named
  const baseUrl = given ?? (yield* variable(`${provider.prefix}_BASE_URL`))
  return { provider, model: Providers.relocated(name, named, baseUrl), baseUrl }
})

/** The variable of a provider's key, and the key that it has. */
const key = Effect.fnUntraced(function*({ prefix }: Providers.Provider) {
  const variable = `${prefix}_API_KEY`
  return { variable, apiKey: Option.getOrUndefined(yield* Config.option(Config.Redacted(variable))) }
})

/** A variable that is set and not blank. */
const variable = (name: string): Effect.Effect<string | undefined, Config.ConfigError> =>
  Effect.map(Config.option(Config.String(name)), (value) => Option.getOrElse(value, () => "").trim() || undefined)

const hasKey = (apiKey: Protocol.ApiKey | undefined): boolean => {
  // Plain JavaScript may give the key as text.
  const given: unknown = Redacted.isRedacted(apiKey) ? Redacted.value(apiKey) : apiKey
  return typeof given === "string" ? given.trim() !== "" : given !== undefined
}

/** Who is asked, and for which model. OpenAI's own address needs no base URL to be known. */
export const served = (
  { baseUrl, model, provider }: Pick<Given, "model" | "baseUrl" | "provider">
): Providers.Model => {
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
const elsewhereOf = (options: Given, configured: boolean): string | undefined => {
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
      `${options.module}.layerModel("${name}"), or ${service}`
    : `${name} is no model of OpenAI's: ${service}, or name its provider (${options.module}.layerModel). As provider/model, ` +
      known.failure.reason.description
}
