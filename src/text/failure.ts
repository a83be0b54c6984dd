/**
 * What somebody threw, in words. Every worker thread loads this module, so it loads nothing itself: not even Effect.
 */

/** The message of what was thrown; without one, its JSON if it is a plain object, else its text. */
export const inWords = (thrown: unknown): string => {
  const { message }: { readonly message?: unknown } = Object(thrown)
  if (typeof message === "string" && message !== "") return message
  if (thrown instanceof Error || typeof thrown !== "object") return String(thrown)
  // `Result.try` would load Effect.
  try {
    return JSON.stringify(thrown) ?? Object.prototype.toString.call(thrown)
  } catch {
    // A circle, say, has no JSON.
    return Object.prototype.toString.call(thrown)
  }
}
