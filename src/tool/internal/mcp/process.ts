/**
 * Our own process: how it starts a program, what of its environment there is to hand on, and what happens to it that the
 * program must know.
 */
import * as Effect from "effect/Effect"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Broken } from "./failure.ts"

/** Starts programs; its parts are loaded when one is to be started. */
export const spawner: Effect.Effect<typeof ChildProcessSpawner.Service, Broken> = Effect.flatMap(
  Effect.promise(() =>
    Promise.all([
      import("@effect/platform-node-shared/NodeChildProcessSpawner"),
      import("@effect/platform-node-shared/NodeFileSystem"),
      import("@effect/platform-node-shared/NodePath")
    ])
  ),
  ([spawner, files, path]) =>
    ChildProcessSpawner.pipe(Effect.provide(spawner.layer), Effect.provide([files.layer, path.layer]))
)

/** The variables of our environment, as they are now. */
export const variables = (): Readonly<Record<string, string | undefined>> => process.env

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
