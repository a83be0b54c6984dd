/** MCP servers that are programs and do not want to end. Ten seconds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { isAlive } from "./support/processes.ts"

describe("a program that does not want to end", () => {
  /** A program of ours that uses it and is told to end: when it, and the server, were gone after that, in milliseconds. */
  const ended = (
    mode: "wait" | "exit",
    signals: ReadonlyArray<number> = [],
    signal: "SIGINT" | "SIGHUP" = "SIGINT"
  ) =>
    Effect.callback<{ readonly ours: number; readonly servers: number; readonly code: unknown }>((resume) => {
      const ours = spawn(process.execPath, [
        "--conditions=effect-lm-source",
        fileURLToPath(new URL("./fixtures/program.ts", import.meta.url)),
        mode
      ], { stdio: ["ignore", "pipe", "inherit"] })
      let pid = 0
      let told = 0
      let gone: number | undefined
      let exit: { readonly at: number; readonly code: unknown } | undefined
      const look = () => {
        if (gone === undefined && !isAlive(pid)) gone = Date.now()
        if (gone === undefined || exit === undefined) return void setTimeout(look, 5)
        resume(Effect.succeed({ ours: exit.at - told, servers: gone - told, code: exit.code }))
      }
      ours.stdout.setEncoding("utf8").on("data", (text: string) => {
        pid = Number(text)
        told = Date.now()
        for (const after of signals) {
          setTimeout(() => {
            told = Date.now()
            ours.kill(signal)
          }, after)
        }
        look()
      })
      ours.on("exit", (code, signal) => {
        exit = { at: Date.now(), code: code ?? signal }
      })
    })

  it.live("gets SIGTERM after a second, and SIGKILL after two", () =>
    Effect.gen(function*() {
      const { code, servers } = yield* ended("wait", [0])
      assert.isAtLeast(servers, 1900)
      assert.isAtMost(servers, 2900)
      assert.strictEqual(code, 130)
    }), 20_000)

  it.live("is killed at once by a second Ctrl-C", () =>
    Effect.gen(function*() {
      assert.isAtMost((yield* ended("wait", [0, 400])).servers, 300)
    }), 20_000)

  it.live("is killed at once where a signal ends the process that nobody hears", () =>
    Effect.gen(function*() {
      const { code, servers } = yield* ended("wait", [0], "SIGHUP")
      assert.strictEqual(code, "SIGHUP")
      // Who takes our children in may take a second to see that one is gone.
      assert.isAtMost(servers, 3000)
    }), 20_000)

  it.live("does not outlive a process that just exits", () =>
    Effect.gen(function*() {
      const { ours, servers } = yield* ended("exit")
      // Who takes our children in may take a second to see that one is gone.
      assert.isAtMost(servers, ours + 3000)
    }), 20_000)
})
