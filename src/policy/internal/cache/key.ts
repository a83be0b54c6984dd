/**
 * What a request is known by in a cache.
 */
import { digest } from "#node/policy/internal/cache/digest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as LM from "../../../lm/LM.ts"
import type { LMRequest } from "../../../lm/LMRequest.ts"

/**
 * The digest of everything that decides the answer: the model, where it is and what its layer adds, and the whole request with its
 * rollout id. `undefined` for a request that has no JSON. Settings mean the same in any order; members of a schema do not.
 */
export const keyOf = ({ model, origin }: LM.Service, request: LMRequest): Effect.Effect<string | undefined> => {
  const config = Object.entries(request.config).sort(([a], [b]) => a < b ? -1 : 1)
  const text = Result.try(() => JSON.stringify([version, model, origin, { ...request, config }]))
  return Result.isSuccess(text) ? digest(text.success) : Effect.undefined
}

/** What was kept in an older form is not found any more. */
const version = 1
