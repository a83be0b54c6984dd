/**
 * A model behind HTTP, as a service: what is checked before the first request, and how each request is sent.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Inputs from "../../lm/Inputs.ts"
import type * as LM from "../../lm/LM.ts"
import * as LMError from "../../lm/LMError.ts"
import { type Feature, type LMRequest, mergeConfig } from "../../lm/LMRequest.ts"
import { keepingTime } from "../../policy/internal/keepingTime.ts"
import * as Retry from "../../policy/Retry.ts"
import * as Timeouts from "../../policy/Timeouts.ts"
import { isRecord } from "../../text/json/values.ts"
import type { ApiKey, Body, Options, Protocol } from "../Protocol.ts"
import * as SizeLimits from "../SizeLimits.ts"
import { Refused, Unsendable } from "./failure.ts"
import * as Guarded from "./guarded.ts"
import * as NotSupported from "./notSupported.ts"
import * as Posting from "./posting.ts"
import * as Refusal from "./refusal.ts"
import type { Abort, Reply } from "./reply.ts"
import * as Secrets from "./secrets.ts"
import * as Sendable from "./sendable.ts"
import * as Transport from "./transport/index.ts"

/** The service. `post` sends in the place of what the options name. */
export const make = Effect.fnUntraced(function*(
  protocol: Protocol,
  options: Options,
  post?: Posting.Post
): Effect.fn.Return<LM.Service, LMError.LMError> {
  const model = `${options.provider}/${options.model}`
  const baseUrl = options.baseUrl.trim()
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => ({
    name,
    value: Redacted.isRedacted(value) ? Redacted.value(value) : value,
    secret: Redacted.isRedacted(value) || isSecretName.test(name)
  }))
  const key = fixedKey(options.apiKey)
  const { capabilities = { tools: true } } = options

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
  /** What the server has said that it does not have. */
  const lacks = new Set<Feature>()

  /** Who sends, and what nobody is to hear. Made once for a key that stays. */
  const senderOf = (key: string) => ({
    headers: { ...plainHeaders, ...(key === "" ? {} : protocol.authorization(key)), ...given },
    secrets: [key, ...secrets].filter(Secrets.isSecret)
  })
  const { apiKey } = options
  const fixed = Effect.succeed(senderOf(key))
  const sender = (limit: Duration.Duration) =>
    Effect.isEffect(apiKey) ? Effect.map(askedKey(model, apiKey, limit), senderOf) : fixed

  const begin = (
    asked: LMRequest,
    mode: "stream" | "generate",
    timeouts: Timeouts.Limits
  ): Effect.Effect<Transport.Exchange, LMError.LMError> =>
    Effect.withFiber((fiber) => {
      const refusal = Inputs.refusal(asked, capabilities, model)
      if (refusal !== undefined) return fail(refusal)
      return Effect.map(sender(mode === "stream" ? timeouts.firstEvent : timeouts.reply), (sender) => {
        const request = options.config === undefined
          ? asked
          : { ...asked, config: mergeConfig(options.config, asked.config) }
        const own = request.config.providerOptions?.[options.provider]
        const all = own?.headers === undefined ? sender.headers : { ...sender.headers, ...lowerCase(own.headers) }

        /** What was posted last. */
        let body: Body = {}
        const sendOnce = (abort: Abort, now: number): Promise<Reply> => {
          // Another request may learn more meanwhile.
          const known = new Set(lacks)
          const target = { model: options.model, mode, lacks: known }
          body = { ...protocol.body(request, target), ...extra, ...own?.body }
          const posted = { body, path: protocol.path(target), headers: all, context: fiber.context }
          return send(posted, abort).then((reply) =>
            isSuccess(reply) ? reply : Refusal.read(reply, limits.errorBody, now).then((refusal) => {
              const used = protocol.features(body)
              const meant = Guarded.failure(protocol.name, () => protocol.failure(refusal))
              const reason = NotSupported.read(meant, used)
              const isHint = reason._tag === "NotSupported" && NotSupported.isHint(reason.feature)
              if (!isHint || known.has(reason.feature)) throw new Refused(reason, reply.headers)
              // The answer is what was asked for without it too: it is asked for once more, and never again in this way.
              lacks.add(reason.feature)
              return sendOnce(abort, now)
            })
          )
        }

        return {
          model,
          baseUrl,
          secrets: sender.secrets,
          timeouts,
          limits,
          decoder: () => Guarded.decoder(protocol.name, sender.secrets, () => protocol.decoder(request, body, limits)),
          send: (abort, now) => {
            const problem = Sendable.textProblem(request.messages) ?? protocol.problem?.(request) ??
              (own?.headers === undefined ? undefined : headersProblem(own.headers)) ??
              (Secrets.within(own?.body).length === 0 ? undefined : `a redacted value ${inSettings}`)
            return problem === undefined ? sendOnce(abort, now) : Promise.reject(new Unsendable(problem))
          }
        }
      })
    })

  const service = (timeouts: Timeouts.Limits): LM.Service =>
    keepingTime({
      model,
      capabilities,
      stream: (request) => Transport.stream(begin(request, "stream", timeouts)),
      generate: (request) => Transport.generate(begin(request, "generate", timeouts))
    }, service)
  const timeouts = Timeouts.make(options.timeouts)
  const limited = Timeouts.middleware(timeouts).apply(service(timeouts))
  return options.retry === false ? limited : Retry.apply(limited, Retry.make(options.retry))
})

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

const inSettings =
  "is a secret, and settings of a call (providerOptions) are written down with it: give it to the model's layer " +
  "(headers, extraBody, apiKey)"

/** Settings of a call are written down with it: in logs, caches and journals. A secret is the layer's. */
const headersProblem = (headers: Readonly<Record<string, string>>): string | undefined =>
  Object.entries(headers).map(([name, value]) =>
    isSecretName.test(name)
      ? `the header ${JSON.stringify(name)} ${inSettings}`
      : Sendable.headerProblem(`the header ${JSON.stringify(name)}`, value, name)
  ).find((problem) => problem !== undefined)

const isSecretName = /auth|key|token|secret|cookie|passw/i

const plainHeaders = { accept: "application/json", "content-type": "application/json" }

const lowerCase = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Whether this is a web page, or a worker of one. */
const inBrowser = (): boolean => globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true

const isSuccess = ({ status }: Reply): boolean => status >= 200 && status < 300
