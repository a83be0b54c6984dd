/**
 * What is kept of an answer.
 */
import * as Schema from "effect/Schema"
import { isNotice, LMEvent } from "../../../lm/LMEvent.ts"
import * as LMResponse from "../../../lm/LMResponse.ts"

/** Whether an answer is over as it has to be, in every completion. */
const isWhole = ({ completions }: LMResponse.LMResponse): boolean =>
  completions.length > 0 && completions.every((completion) => LMResponse.incomplete(completion) === undefined)

/** The events of the answer, an array for each network read that is kept apart: without what it has cost, and what passes by. */
export const Entry = Schema.Array(Schema.NonEmptyArray(LMEvent)).check(
  Schema.makeFilter((reads) => isWhole(LMResponse.fold(reads.flat())) || "a whole answer")
)
export type Entry = typeof Entry.Type

/**
 * The entry of an answer that came in these reads; `undefined` for one that is not whole. `chunks` keeps the reads apart.
 * Headers of a response are of that one time: they tell of limits that are over.
 */
export const of = (reads: ReadonlyArray<ReadonlyArray<LMEvent>>, chunks: boolean): Entry | undefined => {
  const { givenAgain: _, headers: __, usage: ___, ...response } = LMResponse.fold(reads.flat())
  if (!isWhole(response)) return undefined
  return (chunks ? standing(reads) : [LMResponse.toEvents(response)]).filter(isNonEmpty)
}

/** The reads of the attempt that stands, without what is not the answer's. */
const standing = (reads: ReadonlyArray<ReadonlyArray<LMEvent>>): ReadonlyArray<ReadonlyArray<LMEvent>> => {
  let kept: Array<ReadonlyArray<LMEvent>> = []
  for (const events of reads) {
    const restart = events.findLastIndex(({ _tag }) => _tag === "Restart")
    if (restart !== -1) kept = []
    kept.push(events.slice(restart + 1).flatMap((event) => isPassing(event) ? [] : [withoutHeaders(event)]))
  }
  return kept
}

/** Whether an event is no part of the answer itself. */
const isPassing = (event: LMEvent): boolean => event._tag === "Usage" || event._tag === "GivenAgain" || isNotice(event)

const withoutHeaders = (event: LMEvent): LMEvent => {
  if (event._tag !== "ResponseInfo") return event
  const { headers: _, ...info } = event
  return info
}

const isNonEmpty = <A>(events: ReadonlyArray<A>): events is readonly [A, ...Array<A>] => events.length > 0
