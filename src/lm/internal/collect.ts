/**
 * A stream in the place of a response that is not streamed.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Tell } from "../LM.ts"
import type { LMError } from "../LMError.ts"
import { isNotice, type LMEvent } from "../LMEvent.ts"
import * as LMResponse from "../LMResponse.ts"

/** The response, of whose notices `tell` hears as they come. */
export const collect = (
  stream: Stream.Stream<LMEvent, LMError>,
  tell: Tell | undefined
): Effect.Effect<LMResponse.LMResponse, LMError> =>
  LMResponse.collect(
    tell === undefined ? stream : Stream.tap(stream, (event) => isNotice(event) ? tell([event]) : Effect.void)
  )
