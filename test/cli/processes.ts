/** The command as processes. */
import { Deferred, Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import type * as WireServer from "../support/wireServer.ts"

const root = join(import.meta.dirname, "../..")

export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGKILL" | "SIGUSR2"

/** A process that has been started. */
export interface Running {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until standard output has the text. */
  readonly printed: (text: string) => Effect.Effect<void>
  /** Waits until standard error has the text so often. */
  readonly said: (text: string, times?: number) => Effect.Effect<void>
  readonly signal: (signal: Signal) => Effect.Effect<void>
  /** Stops reading standard output. */
  readonly leave: Effect.Effect<void>
  /** The exit code, once the process is over. */
  readonly code: Effect.Effect<number | null>
}

/** Starts effect-lm with a server as its model; the scope kills it. */
export const start = (
  server: WireServer.WireServer,
  args: ReadonlyArray<string>,
  options: { readonly stdin?: string; readonly env?: Record<string, string> } = {}
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--conditions=effect-lm-source", "src/cli/bin.ts", ...args], {
          cwd: root,
          env: { PATH: process.env["PATH"], OPENAI_BASE_URL: server.baseUrl, OPENAI_MODEL: "wire-1", ...options.env }
        })
      ),
      (child) => Effect.sync(() => void child.kill("SIGKILL"))
    )
    let stdout = ""
    let stderr = ""
    const watchers = new Set<() => void>()
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      for (const watch of watchers) watch()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      for (const watch of watchers) watch()
    })
    child.stdin.on("error", () => {})
    child.stdin.end(options.stdin ?? "")
    const until = (holds: () => boolean): Effect.Effect<void> =>
      Effect.callback((resume) => {
        const watch = () => {
          if (holds()) resume(Effect.void)
        }
        watchers.add(watch)
        watch()
        return Effect.sync(() => void watchers.delete(watch))
      })
    const code = Deferred.makeUnsafe<number | null>()
    child.on("close", (exit) => void Deferred.doneUnsafe(code, Effect.succeed(exit)))
    return {
      stdout: () => stdout,
      stderr: () => stderr,
      printed: (text) => until(() => stdout.includes(text)),
      said: (text, times = 1) => until(() => stderr.split(text).length > times),
      signal: (signal) => Effect.sync(() => void child.kill(signal)),
      leave: Effect.sync(() => void child.stdout.destroy()),
      code: Deferred.await(code)
    }
  })
