/**
 * Citations of a reply, while they come: each gets its place in the call's documents where it ends, and one without a place is
 * an issue of its field.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Document } from "../../../signature/Document.ts"
import type { Field } from "../../../signature/Field.ts"
import { placed, placeOf } from "../../../signature/internal/citations.ts"
import type { Complete } from "../values/builder.ts"
import type * as Value from "../values/value.ts"

/** What a field's citations get. */
export interface Cited {
  /** The place of one that has come whole. */
  readonly complete: Complete
  /** The field's value with all places, or the issues. */
  readonly place: (read: Value.Read) => Value.Read
}

export const make = ({ name, schema }: Field, documents: ReadonlyArray<Document>): Cited => ({
  complete: ({ document, text }) =>
    typeof text === "string" && typeof document === "number"
      ? Result.getOrElse(placeOf(documents, { text, document }), () => ({}))
      : {},
  place: (read) =>
    Result.isFailure(read) || Option.isNone(read.success)
      ? read
      : Result.map(placed(schema, documents, read.success.value, [name]), Option.some)
})
