/**
 * Values that have not fully arrived.
 */

/**
 * A snapshot of a value of type `T` while it arrives: an array has the items so far, the last of which may be partial; an
 * object has the keys so far; a string is as long as it has come.
 */
export type DeepPartial<T> = T extends ReadonlyArray<infer Item> ? ReadonlyArray<DeepPartial<Item>>
  : T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
  : T
