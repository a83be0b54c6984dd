/**
 * A response that is streamed.
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as LMError from "../../../lm/LMError.ts"
import type { LMEvent } from "../../../lm/LMEvent.ts"
import { Abort } from "../reply.ts"
import { type Exchange, failed, infoOf } from "./exchange.ts"
import { makePatience, streamed } from "./patience.ts"
import { reading } from "./reading.ts"

/** The events of a streamed response. */
export const stream = (begin: Effect.Effect<Exchange, LMError.LMError>): Stream.Stream<LMEvent, LMError.LMError> =>
  Stream.fromChannel(
    Channel.fromTransformBracket(Effect.fnUntraced(function*(_upstream, _scope, scope) {
      const exchange = yield* begin
      const abort = new Abort()
      let isReleased = false
      yield* Scope.addFinalizer(scope, Effect.sync(() => isReleased ? undefined : abort.abort()))
      const patience = yield* makePatience(streamed(exchange.timeouts), scope)
      const reply = yield* Effect.catch(
        patience.wait((now) => exchange.send(abort, now)),
        (lost) => lost._tag === "Silent" ? Effect.die(lost) : failed(exchange, lost)
      )
      const info = infoOf(exchange, reply)
      let isTold = false
      const read = reading(exchange, reply, exchange.decoder(), patience, () => {
        isReleased = true
      })
      return Effect.map(read, (events) => {
        if (isTold) return events
        isTold = true
        const [first, ...others] = events
        return first._tag === "ResponseInfo" ? [{ ...info, ...first }, ...others] as const : [info, ...events] as const
      })
    }))
  )
