/**
 * What happens to our own process, as far as a program that it has started must know.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"

/** Ends with the first SIGINT or SIGTERM. Where nobody else has heard it, it then ends the process, as it would have. */
export const signalled: Effect.Effect<void> = Effect.callback<void>((resume) => {
  const hear = (signal: Signal) => {
    leave()
    resume(Effect.void)
    if (process.listenerCount(signal) === 0) setImmediate(() => process.kill(process.pid, signal))
  }
  const leave = () => signals.forEach((signal) => process.off(signal, hear))
  signals.forEach((signal) => process.on(signal, hear))
  return Effect.sync(leave)
})

/** Kills the process group of this program where our process ends before the scope is closed, by `process.exit` say. */
export const endedWithUs = (pid: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      if (running.size === 0) process.on("exit", killAll)
      running.add(pid)
    }),
    () =>
      Effect.sync(() => {
        running.delete(pid)
        if (running.size === 0) process.off("exit", killAll)
      })
  )

// Details

type Signal = "SIGINT" | "SIGTERM"

const signals: ReadonlyArray<Signal> = ["SIGINT", "SIGTERM"]

/** One listener for all: Node warns of many. */
const running = new Set<number>()

const killAll = (): void => {
  for (const pid of running) {
    Result.try(() => process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL"))
  }
}
