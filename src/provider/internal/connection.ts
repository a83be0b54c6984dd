/**
 * A service behind HTTP: what is checked before the first request, and what every request to it is sent with.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as LMError from "../../lm/LMError.ts"
import { isRecord } from "../../text/json/values.ts"
import { isSecretName } from "../../text/secretName.ts"
import type { ApiKey, Body, Options, Protocol } from "../Protocol.ts"
import * as SizeLimits from "../SizeLimits.ts"
import * as Posting from "./posting.ts"
import * as Secrets from "./secrets.ts"
import * as Sendable from "./sendable.ts"

/** A service that can be asked. */
export interface Connection {
  /** Who is asked, as errors name it: `openai/gpt-4o-mini`. */
  readonly model: string
  readonly baseUrl: string
  /** Where requests go, and what is added to them: what is no secret of it. */
  readonly origin: unknown
  readonly limits: SizeLimits.SizeLimits
  /** Members of every body, as they are sent. */
  readonly extra: Body | undefined
  readonly send: Posting.Post
  /** What the next request is sent with. A key that has to be asked for may take as long as `limit`. */
  readonly sender: (limit: Duration.Duration) => Effect.Effect<Sender, LMError.LMError>
}

/** What a request is sent with. */
export interface Sender {
  readonly headers: Readonly<Record<string, string>>
  /** What nobody is to hear. */
  readonly secrets: ReadonlyArray<string>
}

/** Checks what is given. `post` sends in the place of what the options name. */
export const make = Effect.fnUntraced(function*(
  options: Options,
  authorization: Protocol["authorization"],
  post?: Posting.Post
): Effect.fn.Return<Connection, LMError.LMError> {
  const model = `${options.provider}/${options.model}`
  const baseUrl = options.baseUrl.trim()
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => ({
    name,
    value: Redacted.isRedacted(value) ? Redacted.value(value) : value,
    secret: Redacted.isRedacted(value) || isSecretName(name)
  }))
  const key = fixedKey(options.apiKey)

  const fail = (reason: LMError.Reason) => Effect.fail(new LMError.LMError({ model, reason }))
  const unsendable = Sendable.urlProblem(baseUrl) ??
    Sendable.headerProblem("the API key", key) ??
    headers.map(({ name, value }) => Sendable.headerProblem(`the header ${JSON.stringify(name)}`, value, name))
      .find((problem) => problem !== undefined) ??
    Sendable.jsonProblem("extraBody", options.extraBody)
  if (unsendable !== undefined) return yield* fail(new LMError.InvalidRequest({ description: unsendable }))
  const inBody = Secrets.within(options.extraBody)
  if (inBrowser() && options.allowKeysInBrowser !== true) {
    if (options.apiKey !== undefined && key !== "" || inBody.length > 0 || headers.some(({ secret }) => secret)) {
      return yield* fail(
        new LMError.Authentication({
          description:
            "keys are not sent from a web page, where everybody can read them: ask a server of your own, which " +
            "adds the key (baseUrl, without apiKey), or pass allowKeysInBrowser: true where the key is the user's own"
        })
      )
    }
  }

  const secrets = [
    ...headers.filter(({ secret }) => secret).map(({ value }) => value),
    ...inBody,
    ...new URL(baseUrl).searchParams.values()
  ]
  const given = Object.fromEntries(headers.map(({ name, value }) => [name.toLowerCase(), value]))
  const revealed = Secrets.reveal(options.extraBody)
  const extra = isRecord(revealed) ? revealed : undefined
  const limits = SizeLimits.make(options.limits)
  if (options.fetch !== undefined && options.httpClient !== undefined) {
    return yield* fail(
      new LMError.InvalidRequest({
        description: "requests go through one of `fetch` and `httpClient`: leave one of them out"
      })
    )
  }
  const send = post ?? Posting.make(baseUrl, options)
  /** Who sends, and what nobody is to hear. Made once for a key that stays. */
  const senderOf = (key: string): Sender => ({
    headers: { ...plainHeaders, ...(key === "" ? {} : authorization(key)), ...given },
    secrets: [key, ...secrets].filter(Secrets.isSecret)
  })
  const { apiKey } = options
  const fixed = Effect.succeed(senderOf(key))
  return {
    model,
    baseUrl,
    origin: {
      url: withoutQuery(baseUrl),
      headers: headers.filter(({ secret }) => !secret).map(({ name, value }) => [name.toLowerCase(), value]),
      // Redacted values are redacted in JSON, too.
      body: options.extraBody,
      config: options.config
    },
    limits,
    extra,
    send,
    sender: (limit) => Effect.isEffect(apiKey) ? Effect.map(askedKey(model, apiKey, limit), senderOf) : fixed
  }
})

/** What stands behind a `?`, or before an `@`, may be a key. */
const withoutQuery = (baseUrl: string): string => {
  const { origin, pathname } = new URL(baseUrl)
  return origin + pathname
}

/** A key that does not change; empty where there is none, or each request asks for it. */
const fixedKey = (apiKey: ApiKey | undefined): string => {
  // Plain JavaScript may give the key as text.
  const given: unknown = apiKey ?? ""
  return Effect.isEffect(given) ? "" : String(Redacted.isRedacted(given) ? Redacted.value(given) : given).trim()
}

const askedKey = (
  model: string,
  apiKey: Effect.Effect<Redacted.Redacted, unknown>,
  limit: Duration.Duration
): Effect.Effect<string, LMError.LMError> =>
  Effect.matchCauseEffect(apiKey, {
    onSuccess: (given) => {
      const text = fixedKey(given)
      const problem = Sendable.headerProblem("the API key", text)
      return problem === undefined
        ? Effect.succeed(text)
        : Effect.fail(new LMError.LMError({ model, reason: new LMError.InvalidRequest({ description: problem }) }))
    },
    onFailure: (cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause as Cause.Cause<never>) // an interruption is of no error's type
        : Effect.fail(
          new LMError.LMError({
            model,
            reason: new LMError.Authentication({
              description: `there is no API key: ${Cause.pretty(cause).split("\n")[0]}`
            })
          })
        )
  }).pipe(
    Effect.timeoutOrElse({
      duration: limit,
      orElse: () =>
        Effect.fail(
          new LMError.LMError({
            model,
            reason: new LMError.Timeout({ description: `waited ${Duration.format(limit)} for the API key` })
          })
        )
    })
  )

const plainHeaders = { accept: "application/json", "content-type": "application/json" }

/** Whether this is a web page, or a worker of one. */
const inBrowser = (): boolean => globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true
