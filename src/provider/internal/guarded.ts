/**
 * A decoder, guarded against the code of its protocol, which others may have written. What it throws is a failure of the
 * response. Secrets in its words about a refusal are hidden.
 */
import * as Result from "effect/Result"
import * as LMError from "../../lm/LMError.ts"
import type { LMEvent } from "../../lm/LMEvent.ts"
import type { Decoder } from "../Protocol.ts"
import * as Secrets from "./secrets.ts"

/** The decoder that `make` gives for a protocol of this name. */
export const decoder = (protocol: string, secrets: ReadonlyArray<string>, make: () => Decoder): Decoder => {
  let broken: LMError.Reason | undefined
  const made = Result.try(make)
  if (Result.isFailure(made)) broken = failed(protocol, made.failure)
  const inner = Result.getOrElse(made, () => silent)

  const take = (events: () => ReadonlyArray<LMEvent>): ReadonlyArray<LMEvent> => {
    if (broken !== undefined) return []
    // What somebody else's code throws would otherwise pass for a failed connection.
    const read = Result.try(events)
    if (Result.isFailure(read)) {
      broken = failed(protocol, read.failure)
      return []
    }
    return read.success.some(hasDetail) ? read.success.map((event) => withDetail(event, secrets)) : read.success
  }

  return {
    push: (bytes) => take(() => inner.push(bytes)),
    pushText: (text) => take(() => inner.pushText(text)),
    end: (cause) => take(() => inner.end(cause)),
    finished: () => broken !== undefined || inner.finished(),
    over: () => broken !== undefined || inner.over(),
    failure: () => broken ?? inner.failure(),
    missing: () => broken === undefined ? inner.missing() : 0
  }
}

/** What a protocol means by a refusal, unless it fails to say so. */
export const failure = (protocol: string, read: () => LMError.Reason): LMError.Reason =>
  Result.getOrElse(Result.try(read), (thrown) => failed(protocol, thrown))

const failed = (protocol: string, thrown: unknown): LMError.Reason =>
  new LMError.InvalidResponse({
    description: `the protocol "${protocol}" could not read the response: ${
      thrown instanceof Error ? thrown.message : String(thrown)
    }`
  })

const silent: Decoder = {
  push: () => [],
  pushText: () => [],
  end: () => [],
  finished: () => true,
  over: () => true,
  failure: () => undefined,
  missing: () => 0
}

const hasDetail = (event: LMEvent): boolean => event._tag === "Finish" && event.detail !== undefined

const withDetail = (event: LMEvent, secrets: ReadonlyArray<string>): LMEvent =>
  event._tag === "Finish" && event.detail !== undefined
    ? { ...event, detail: Secrets.hide(event.detail, secrets) }
    : event
