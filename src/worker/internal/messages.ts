/**
 * What a thread that calls functions is asked, and what it answers. Public types name it, so it names nothing of Node's.
 */

/** A call of a function that the module at `url` exports. */
export interface Ask {
  readonly url: string
  readonly name: string
  readonly args: ReadonlyArray<unknown>
}

/** What came of it. */
export type Answer =
  | { readonly _tag: "Success"; readonly value: unknown }
  | { readonly _tag: "Failure"; readonly kind: Kind; readonly description: string; readonly cause?: unknown }

export type Kind = "NotFound" | "Failed" | "NotCloneable"
