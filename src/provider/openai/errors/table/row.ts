/**
 * A row of the table: what an error may look like, and what it then means.
 */
import type * as LMError from "../../../../lm/LMError.ts"

/** What a provider says; other reasons are those of policies, which send nothing. */
export type Told = Exclude<LMError.Reason["_tag"], "QueueFull" | "CircuitOpen">

/** A row matches by a status, by a code or type, or by words. */
export interface Row {
  readonly reason: Told
  /** Statuses that are enough. */
  readonly status?: ReadonlyArray<number>
  /** Codes and types that are enough. */
  readonly kinds?: ReadonlyArray<string>
  /** Words that are enough. */
  readonly says?: ReadonlyArray<RegExp>
  /** The row is passed over where this is said. */
  readonly unless?: RegExp
  /** The row is passed over at other statuses than these; `stream` is an error inside a stream, which has none. */
  readonly at?: ReadonlyArray<number | "5xx" | "stream">
  /** The row is passed over where the provider says how long to wait: `true`; or where it does not: `false`. */
  readonly forever?: boolean
  /** What to do next. */
  readonly advice?: string
}

/** What rows about keys advise. */
export const checkKey = "Check the API key"
