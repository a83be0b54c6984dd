/**
 * Running many came to an end because too many failed.
 */
import * as Schema from "effect/Schema"

/** More of many calls have failed than may. Those that were under way are interrupted. */
export class TooManyFailures
  extends Schema.TaggedError<TooManyFailures>("effect-lm/module/TooManyFailures")("TooManyFailures", {
    /** How many may fail. */
    maxFailures: Schema.Finite,
    /** The error of each, by the place of its call in the list, in the order in which they failed. */
    failures: Schema.Array(Schema.Struct({ index: Schema.Finite, error: Schema.Unknown }))
  })
{
  override get message(): string {
    const { error, index } = this.failures.at(-1)!
    return `${this.failures.length} calls have failed, of which ${this.maxFailures} may; number ${index + 1} of ${
      error instanceof Error ? error.message : String(error)
    }`
  }
}
