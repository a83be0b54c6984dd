/**
 * What somebody threw, in words. Worker threads load this module, so it loads nothing itself.
 */

/** The message of an error, or the thrown value itself as text. */
export const messageOf = (thrown: unknown): string => thrown instanceof Error ? thrown.message : String(thrown)
