/** The command on pseudo terminals of Python's. */
import { Deferred, Effect } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")

/**
 * Runs a program on a pseudo terminal: what is written to it is typed, and what it shows is read. Of one that a signal has
 * ended, the exit code is what a shell says.
 */
const onTerminal = "import os, pty, sys; code = os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])); " +
  "sys.exit(code if code >= 0 else 128 - code)"

/** The command on a terminal; the scope ends it. */
export const startOnTerminal = (args: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  Effect.gen(function*() {
    const command = [process.execPath, "--conditions=effect-lm-source", "src/cli/bin.ts", ...args]
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("python3", ["-c", onTerminal, ...command], {
          cwd: root,
          env: { PATH: process.env["PATH"], TERM: "xterm-256color", OPENAI_MODEL: "wire-1", ...env }
        })
      ),
      (child) => Effect.sync(() => void child.kill("SIGKILL"))
    )
    let shown = ""
    const watchers = new Set<() => void>()
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text
      for (const watch of watchers) watch()
    })
    const code = Deferred.makeUnsafe<number | null>()
    child.on("close", (exit) => void Deferred.doneUnsafe(code, Effect.succeed(exit)))
    return {
      shown: () => shown,
      type: (text: string) => Effect.sync(() => void child.stdin.write(text)),
      /** Waits until the terminal has shown a text so often. */
      shows: (text: string, times = 1) =>
        Effect.callback<void>((resume) => {
          const watch = () => {
            if (shown.split(text).length > times) resume(Effect.void)
          }
          watchers.add(watch)
          watch()
          return Effect.sync(() => void watchers.delete(watch))
        }),
      code: Deferred.await(code)
    }
  })
