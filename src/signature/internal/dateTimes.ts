/**
 * Dates and times in texts of signatures. Effect's schemas take every text that `new Date` takes, such as `Item 5` or the
 * 30th of February. Here a text has to be ISO 8601.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { isIsoDate } from "../../text/dates.ts"

const iso = Schema.String.annotate({ format: "date-time" }).check(
  Schema.makeFilter(isIsoDate, { expected: "a date and time in ISO 8601" })
)

/** `datetime` */
export const dateTime: Schema.DateTimeUtcFromString = Schema.make(
  iso.pipe(Schema.decodeTo(Schema.DateTimeUtc, SchemaTransformation.dateTimeUtcFromString)).ast
)

/** `Date` */
export const jsDate: Schema.DateFromString = Schema.make(
  iso.pipe(Schema.decodeTo(Schema.Date, SchemaTransformation.dateFromString)).ast
)
