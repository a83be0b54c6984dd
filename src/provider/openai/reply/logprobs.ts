/**
 * How likely each token of a choice was, as the chat protocol tells it.
 */
import type { Logprob } from "../../../lm/LMEvent.ts"
import { isRecord } from "../../../text/json/values.ts"

/** The tokens of a choice's `logprobs`; none where it tells of none. */
export const read = (logprobs: unknown): ReadonlyArray<Logprob> => {
  const content: unknown = isRecord(logprobs) ? logprobs["content"] : undefined
  return tokensOf(content).map(([token, logprob, told]) => ({
    token,
    logprob,
    alternatives: tokensOf(told["top_logprobs"]).map(([token, logprob]) => ({ token, logprob }))
  }))
}

const tokensOf = (
  told: unknown
): ReadonlyArray<readonly [token: string, logprob: number, told: Readonly<Record<string, unknown>>]> =>
  (Array.isArray(told) ? told : []).flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry["token"] === "string" && Number.isFinite(entry["logprob"])
      ? [[entry["token"], Number(entry["logprob"]), entry] as const]
      : []
  )
