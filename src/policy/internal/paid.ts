/**
 * What an answer has used, together with what others have used for it: attempts that failed before it, or one that was given up.
 */
import * as Arr from "effect/Array"
import { LMError } from "../../lm/LMError.ts"
import { type GivenAgain, isNotice, type LMEvent, type Notice, type UsageReport } from "../../lm/LMEvent.ts"
import * as Usage from "../../lm/Usage.ts"

/** Reads one answer as it comes; `before` is what the others have used. */
export class Paid {
  readonly #before: Usage.Usage | undefined
  #used: Usage.Usage | undefined
  /** The answer is given again, and costs nothing: what the others have cost is left. */
  #isFree = false

  constructor(before: Usage.Usage | undefined) {
    this.#before = before
  }

  /** The events, with what all of them have used. */
  read(events: Arr.NonEmptyReadonlyArray<LMEvent>): Arr.NonEmptyReadonlyArray<LMEvent> {
    if (!events.some((event) => isPaid(event) || isNotice(event))) return events
    return Arr.map(
      events,
      (event) => isPaid(event) ? this.#report(event) : isNotice(event) ? this.noticed(event) : event
    )
  }

  /** What a policy below tells of an attempt that has failed: what the others have used was used before that, too. */
  noticed(notice: Notice): Notice {
    if (this.#before === undefined || !("error" in notice)) return notice
    return { ...notice, error: new LMError({ ...notice.error, usage: sum(this.#before, notice.error.usage) }) }
  }

  /** The error that the answer ends with, with what all of them have used. */
  failed(error: LMError): LMError {
    const used = error.usage ?? this.#used
    const usage = this.#before === undefined ? used : sum(this.#before, used)
    return usage === undefined || usage === error.usage ? error : new LMError({ ...error, usage })
  }

  #report(event: UsageReport | GivenAgain): LMEvent {
    const before = this.#before
    if (event._tag === "GivenAgain") {
      if (before === undefined) return event
      this.#isFree = true
      return { _tag: "Usage", usage: before }
    }
    this.#used = this.#isFree ? undefined : event.usage
    return before === undefined ? event : { ...event, usage: sum(before, this.#used) }
  }
}

/** What was used before, and what has been used since, if that is known. */
export const sum = (before: Usage.Usage, usage: Usage.Usage | undefined): Usage.Usage =>
  usage === undefined ? before : Usage.add(before, usage)

/** Whether an event says what was paid. */
const isPaid = (event: LMEvent): event is UsageReport | GivenAgain =>
  event._tag === "Usage" || event._tag === "GivenAgain"
