import { Effect } from "effect"

/** Writes text to standard output as it is, without a line end. */
export const write = (text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    process.stdout.write(text)
  })
