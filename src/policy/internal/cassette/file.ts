/**
 * The file of a cassette, on Node.
 */
import * as Effect from "effect/Effect"

/** At once, so that a test's clock can be moved as soon as the program runs. */
export const read = (file: string): Effect.Effect<string, unknown> =>
  Effect.try({ try: () => fs().readFileSync(file, "utf8"), catch: (cause) => cause })

/** Begins the file anew. Only its owner reads it: it has what was asked. */
export const begin = (file: string, text: string): Effect.Effect<void, unknown> =>
  Effect.try({ try: () => fs().writeFileSync(file, text, { mode: 0o600 }), catch: (cause) => cause })

/** A call that is interrupted is written down, too, so nothing is waited for. */
export const append = (file: string, text: string): Effect.Effect<void, unknown> =>
  Effect.try({ try: () => fs().appendFileSync(file, text), catch: (cause) => cause })

/** Loaded by whoever has a cassette. */
const fs = () => process.getBuiltinModule("node:fs")
