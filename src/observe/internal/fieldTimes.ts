/**
 * How long the first piece of each output field takes, of calls that stream.
 */
import { Clock } from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Call } from "../../run/Call.ts"
import type { LMStart, RunEvent } from "../../run/RunEvent.ts"
import { recordField } from "./metrics.ts"

/** Hears the events of runs. */
export const fieldTimes = (): (events: ReadonlyArray<RunEvent>) => Effect.Effect<void> => {
  /** The requests under way, by the id of their predictor's call. */
  const open = new Map<number | undefined, Open>()
  return (events) => {
    const told: Array<Effect.Effect<void>> = []
    for (const event of events) {
      if (event._tag === "LMStart") told.push(begin(open, event))
      else if (event._tag === "LMEnd") open.delete(event.call.parent?.id)
      else if (event._tag === "FieldDelta") {
        const request = requestOf(open, event.call)
        if (request === undefined || request.fields.has(event.field)) continue
        request.fields.add(event.field)
        told.push(
          Effect.flatMap(
            Clock,
            (clock) => recordField(event.call.path, event.field, clock.currentTimeMillisUnsafe() - request.begun)
          )
        )
      }
    }
    return told.length === 0 ? Effect.void : Effect.all(told, { discard: true })
  }
}

// Details

/** A request under way, and the fields that have begun. */
interface Open {
  readonly agent: number | undefined
  readonly begun: number
  readonly fields: Set<string>
}

const begin = (open: Map<number | undefined, Open>, { call: { parent } }: LMStart): Effect.Effect<void> =>
  Effect.map(Clock, (clock) => {
    const begun = clock.currentTimeMillisUnsafe()
    open.set(parent?.id, { agent: parent?.parent?.id, begun, fields: new Set() })
  })

/** The request that a field comes with: its predictor's; or that of an agent's turn, which may have the answer in it. */
const requestOf = (open: ReadonlyMap<number | undefined, Open>, { id, parent }: Call): Open | undefined => {
  const own = open.get(id)
  if (own !== undefined || parent === undefined) return own
  for (const request of open.values()) if (request.agent === parent.id) return request
  return undefined
}
