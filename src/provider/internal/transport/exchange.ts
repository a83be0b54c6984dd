/**
 * One request and how its response is read: what the streamed and the whole response have in common.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as LMError from "../../../lm/LMError.ts"
import type { ResponseInfo as ResponseInfoEvent } from "../../../lm/LMEvent.ts"
import type { Limits } from "../../../policy/Timeouts.ts"
import type { Decoder } from "../../Protocol.ts"
import type { SizeLimits } from "../../SizeLimits.ts"
import * as Failure from "../failure.ts"
import type { Abort, Reply } from "../reply.ts"
import * as ResponseInfo from "../responseInfo.ts"

// Models

/** One request, ready to be sent, and how its response is read. */
export interface Exchange extends Failure.Origin {
  /** Sends it, given the time in milliseconds; the promise rejects unless the response is a success. */
  readonly send: (abort: Abort, now: number) => Promise<Reply>
  /** Reads the response; asked for once it is there. */
  readonly decoder: () => Decoder
  readonly timeouts: Limits
  readonly limits: SizeLimits
}

/** Why nothing came back; `Silent` where nothing more had to come. */
export type Lost = Failed | { readonly _tag: "Silent" }

/** Why a response broke off. */
export type Failed =
  | { readonly _tag: "Thrown"; readonly thrown: unknown }
  | { readonly _tag: "TimedOut"; readonly waitedFor: string; readonly limit: Duration.Duration }

// Reading

/** What the response says of itself beside its body. */
export const infoOf = ({ secrets }: Failure.Origin, { headers }: Reply): ResponseInfoEvent => ({
  _tag: "ResponseInfo",
  // A server may repeat the key in many forms. To look for all of them in headers would cost more than the whole call.
  ...ResponseInfo.of(headers, (value) => secrets.some((secret) => value.includes(secret)) ? "<redacted>" : value)
})

/** Says so where the provider has announced its end with fewer completions than were asked for. */
export const warn = (decoder: Decoder): Effect.Effect<void> => {
  const missing = decoder.missing()
  return missing === 0
    ? Effect.void
    : Effect.logWarning(`The provider's answer lacks ${missing} of the completions that were asked for (n)`)
}

// Failures

/** The error of a request to which no response came. */
export const failed = (origin: Failure.Origin, lost: Failed): Effect.Effect<never, LMError.LMError> =>
  Effect.fail(Failure.toError(origin, toReason(origin, lost), isRefusal(lost) ? lost.thrown.headers : undefined))

const isRefusal = (lost: Failed): lost is Failed & { readonly thrown: Failure.Refused } =>
  lost._tag === "Thrown" && lost.thrown instanceof Failure.Refused

/** The reason of an error, from why the response broke off. */
export const toReason = (origin: Failure.Origin, lost: Failed): LMError.Reason =>
  lost._tag === "Thrown"
    ? Failure.fromThrown(origin, lost.thrown)
    : new LMError.Timeout({ description: `waited ${Duration.format(lost.limit)} for the ${lost.waitedFor}` })
