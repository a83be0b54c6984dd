/**
 * Values that have not fully arrived.
 */
import type * as DateTime from "effect/DateTime"
import type * as Schema from "effect/Schema"

/**
 * A snapshot of a JSON value of type `T` while it arrives: a string is as long as it has come, also where only certain strings
 * are allowed; an array has the items so far, of which the last may be partial; an object has the keys so far. It is JSON still: a set is an
 * array, and a date or time is its text.
 */
export type DeepPartial<T> = Schema.Json extends T ? T
  : T extends string ? string
  : T extends ReadonlySet<infer Item> ? ReadonlyArray<DeepPartial<Item>>
  : T extends Date | DateTime.DateTime ? string
  : T extends ReadonlyArray<infer Item> ? ReadonlyArray<DeepPartial<Item>>
  : T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
  : T
