/**
 * The digest of a text, by Node's own cryptography.
 */
import * as Effect from "effect/Effect"

/** The SHA-256 of a text, in characters that file names and URLs take. */
export const digest = (text: string): Effect.Effect<string> =>
  Effect.sync(() => process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("base64url"))
