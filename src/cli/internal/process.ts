/**
 * Runs the command with the arguments and the streams of this process.
 */
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { setTimeout } from "node:timers/promises"
import type { Worker } from "node:worker_threads"
import { version } from "../../provider/internal/version.ts"
import { main } from "../Main.ts"

// A reader that goes away (`| head -1`) is noticed where results are written; as an event it would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

type Signal = keyof typeof codes

const signals: ReadonlyArray<Signal> = ["SIGINT", "SIGTERM", "SIGHUP"]

// The first signal ends the run in order, however long that takes. The next one ends the process, and so does any after
// the run.
let interrupted: Signal | undefined
let isOver = false
let handedOnUntil = 0
for (const signal of signals) {
  process.on(signal, () => {
    if (interrupted !== undefined || isOver) {
      if (signal !== interrupted || performance.now() > handedOnUntil) leave(signal)
      return
    }
    interrupted = signal
    // npm hands on what the terminal has sent to both: that is one signal, which comes twice.
    if (process.env["npm_lifecycle_event"] !== undefined) handedOnUntil = performance.now() + 50
  })
}

const threads = new Set<Worker>()
process.on("worker", (thread) => {
  threads.add(thread)
  thread.once("exit", () => threads.delete(thread))
})

// A process that exits waits for its threads, and a thread inside of a system call ends only after that. No listener hears
// a signal by then: it ends the process by itself.
process.on("exit", () => signals.forEach((signal) => process.removeAllListeners(signal)))

/** How long threads may take to end, in milliseconds. */
const patience = 50

/** Ends the process: with the exit code of the signal, or by the signal where a thread cannot be ended. */
const leave = (signal: Signal): void => {
  const ends = Array.from(threads, (thread) => thread.terminate())
  void Promise.race([Promise.all(ends), setTimeout(patience)]).then(() => {
    if (threads.size > 0) process.once("exit", () => process.kill(process.pid, signal))
    process.exit(codes[signal])
  })
}

const services = Layer.provideMerge(
  NodeChildProcessSpawner.layer,
  Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeStdio.layer, NodeTerminal.layer)
)

/** The end of the terminal ends the run too: `runMain` does not hear of it. */
const hungUp = Effect.callback<never>((resume) => void process.once("SIGHUP", () => resume(Effect.interrupt)))

NodeRuntime.runMain(Effect.provide(Effect.raceFirst(main(process.argv.slice(2), { version }), hungUp), services), {
  teardown: (exit, onExit) => {
    isOver = true
    Runtime.defaultTeardown(exit, (code) => {
      if (interrupted === undefined || code !== codes.SIGINT) onExit(code)
      else if (threads.size === 0) onExit(codes[interrupted])
      else leave(interrupted)
    })
  }
})
