/**
 * Days of the calendar, without a time of day.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { isWholeDay } from "./internal/constraints.ts"

// Models

/** The schema of days. */
export interface CalendarDate extends Schema.decodeTo<Schema.DateTimeUtc, Schema.String> {}

// Constructors

const millisecondsPerDay = 86_400_000

const wholeDay = Schema.makeFilter((utc: DateTime.Utc) => utc.epochMilliseconds % millisecondsPerDay === 0, {
  representation: { id: isWholeDay, payload: null },
  expected: "midnight in UTC, which stands for the day"
})

/** From the text of a day to its midnight in UTC. */
export const dayFromString: SchemaTransformation.Transformation<DateTime.Utc, string> = SchemaTransformation
  .transformEffect<DateTime.Utc, string>({
    decode: (text, options) => {
      const day = isoDay.test(text) ? DateTime.make(text) : Option.none()
      // A day that the calendar lacks becomes another one.
      return Option.isSome(day) && DateTime.formatIsoDateUtc(day.value) === text
        ? Effect.succeed(DateTime.toUtc(day.value))
        : Effect.fail(new SchemaIssue.InvalidValue({ expected: "a date as YYYY-MM-DD" }, text, options))
    },
    encode: (day) => Effect.succeed(DateTime.formatIsoDateUtc(day))
  })

const isoDay = /^\d{4}-\d\d-\d\d$/

/**
 * A day, `date` in signature strings: the text `2026-01-31` to the model and in JSON, its midnight in UTC to the program.
 *
 * @example
 * const event = Signature.fromSchemas({ inputs: { text: Schema.String }, outputs: { day: CalendarDate } })
 */
export const CalendarDate: CalendarDate = Schema.String.annotate({ format: "date" }).pipe(
  Schema.decodeTo(Schema.DateTimeUtc.check(wholeDay), dayFromString)
)
