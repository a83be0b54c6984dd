/**
 * Our own process: how it starts a program, which variables of its environment it hands on, and which of its signals the program has
 * to hear of.
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

/** Ends when our process is told to end. */
export const signalled: Effect.Effect<void> = Effect.callback<void>((resume) => {
  const told = () => resume(Effect.void)
  waiting.add(told)
  return Effect.sync(() => waiting.delete(told))
})

/**
 * Kills the process group of this program where our process ends before the scope is closed: by `process.exit`, or by a signal
 * that nobody else hears. {@link signalled} is of use only in here.
 */
export const endedWithUs = (pid: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      if (running.size === 0) listen()
      running.add(pid)
    }),
    () =>
      Effect.sync(() => {
        running.delete(pid)
        if (running.size === 0) leave()
      })
  )

// Details

/** One listener for all: Node warns of many. */
const running = new Set<number>()
const waiting = new Set<() => void>()

const signals: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGTERM", "SIGHUP"]

/** Listens before all others: a listener that was added with `once` is gone when it has heard the signal. */
const listen = (): void => {
  process.on("exit", killAll)
  signals.forEach((signal) => process.prependListener(signal, hear))
}

const leave = (): void => {
  process.off("exit", killAll)
  signals.forEach((signal) => process.off(signal, hear))
}

/** Where nobody else hears a signal, it ends the process, as it would without us. */
const hear = (signal: NodeJS.Signals): void => {
  const isOurs = process.listeners(signal).every((listener) => listener === hear)
  waiting.forEach((told) => told())
  if (!isOurs) return
  killAll()
  leave()
  process.kill(process.pid, signal)
}

const killAll = (): void => {
  for (const pid of running) {
    Result.try(() => process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL"))
  }
}
