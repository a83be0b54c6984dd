/**
 * A model behind HTTP, as a service: how each request is sent.
 */
import * as Effect from "effect/Effect"
import * as Inputs from "../../lm/Inputs.ts"
import type * as LM from "../../lm/LM.ts"
import * as LMError from "../../lm/LMError.ts"
import { type Feature, type LMRequest, mergeConfig } from "../../lm/LMRequest.ts"
import { keepingTime } from "../../policy/internal/keepingTime.ts"
import * as Retry from "../../policy/Retry.ts"
import * as Timeouts from "../../policy/Timeouts.ts"
import { isSecretName } from "../../text/secretName.ts"
import type { Body, Options, Protocol } from "../Protocol.ts"
import * as Connection from "./connection.ts"
import { Refused, Unsendable } from "./failure.ts"
import * as GoingOn from "./goingOn.ts"
import * as Guarded from "./guarded.ts"
import * as NotSupported from "./notSupported.ts"
import type * as Posting from "./posting.ts"
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
  const connection = yield* Connection.make(options, protocol.authorization, post)
  const { baseUrl, extra, limits, model, origin, send } = connection
  const { capabilities = { tools: true } } = options
  /** What the server has said that it does not have. */
  const lacks = new Set<Feature>()

  const begin = (
    asked: LMRequest,
    mode: "stream" | "generate",
    timeouts: Timeouts.Limits
  ): Effect.Effect<Transport.Exchange, LMError.LMError> =>
    Effect.withFiber((fiber) => {
      const refusal = Inputs.refusal(asked, capabilities, model)
      if (refusal !== undefined) return Effect.fail(new LMError.LMError({ model, reason: refusal }))
      return Effect.map(connection.sender(mode === "stream" ? timeouts.firstEvent : timeouts.reply), (sender) => {
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
      origin,
      ...GoingOn.of(protocol.goOn, {
        stream: (request) => Transport.stream(begin(request, "stream", timeouts)),
        generate: (request) => Transport.generate(begin(request, "generate", timeouts))
      })
    }, service)
  const timeouts = Timeouts.make(options.timeouts)
  const limited = Timeouts.middleware(timeouts).apply(service(timeouts))
  return options.retry === false ? limited : Retry.apply(limited, Retry.make(options.retry))
})

const inSettings =
  "is a secret, and settings of a call (providerOptions) are written down with it: give it to the model's layer " +
  "(headers, extraBody, apiKey)"

/**
 * What is wrong with headers of a call. Settings of a call are written into logs, caches and journals, so a secret belongs to
 * the layer.
 */
const headersProblem = (headers: Readonly<Record<string, string>>): string | undefined =>
  Object.entries(headers).map(([name, value]) =>
    isSecretName(name)
      ? `the header ${JSON.stringify(name)} ${inSettings}`
      : Sendable.headerProblem(`the header ${JSON.stringify(name)}`, value, name)
  ).find((problem) => problem !== undefined)

const lowerCase = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const isSuccess = ({ status }: Reply): boolean => status >= 200 && status < 300
