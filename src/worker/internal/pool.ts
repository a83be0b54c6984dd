/**
 * What all pools of threads do alike.
 */
import * as Effect from "effect/Effect"
import type { Worker } from "node:worker_threads"

/** How many threads can compute at the same time. */
export const processors = (): number => process.getBuiltinModule("node:os").availableParallelism()

/**
 * Ends a worker, and waits until it is over. A thread inside of a system call ends after that: it is not waited for longer
 * than a second.
 */
export const end = ({ worker }: { readonly worker: Worker }): Effect.Effect<void> =>
  Effect.asVoid(Effect.timeoutOption(Effect.promise(() => worker.terminate()), "1 second"))
