/**
 * Why a request has no result.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Problem } from "./message.ts"

export type Failure = Broken | Refused | Gone

/** The connection is to blame, for a reason that an `McpError` has; `said` is what happened, in words. */
export type Broken =
  | { readonly _tag: "Unreachable"; readonly said: string; readonly cause?: unknown }
  | { readonly _tag: "Ended"; readonly said: string; readonly exitCode: number | undefined }
  | {
    readonly _tag: "HttpStatus"
    readonly said: string
    readonly status: number
    readonly retryAfter?: Duration.Duration | undefined
  }
  | { readonly _tag: "TimedOut"; readonly said: string }
  | { readonly _tag: "NotUnderstood"; readonly said: string }

/** The server understood the request, and answered with an error. */
export interface Refused {
  readonly _tag: "Refused"
  readonly problem: Problem
}

/** The session was over when the request was sent, and the server has done nothing of it: a new session may try it again. */
export interface Gone {
  readonly _tag: "Gone"
  readonly why: Broken
}

/** Whether the server may speak another protocol. */
export const isMisunderstanding = (failure: Failure): boolean =>
  failure._tag === "Refused" || failure._tag === "NotUnderstood" ||
  (failure._tag === "HttpStatus" && failure.status >= 400 && failure.status < 500 &&
    ![401, 403, 429].includes(failure.status))

/** Fails where it takes longer than it may; `what` was to be done. */
export const inTime = <A, R>(
  self: Effect.Effect<A, Failure, R>,
  limit: Duration.Duration,
  what: string
): Effect.Effect<A, Failure, R> =>
  Duration.isFinite(limit)
    ? Effect.timeoutOrElse(self, {
      duration: limit,
      orElse: () => Effect.fail<Failure>({ _tag: "TimedOut", said: `no ${what} within ${Duration.format(limit)}` })
    })
    : self
