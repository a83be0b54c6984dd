/**
 * A thread that runs a file of this package: how it starts, and how its end is told. A pool hears of the end in its event loop
 * (`workers.ts`). A caller who sleeps hears nothing, so there a second thread hears of it (`bridge/internal/programWatcher.ts`); that
 * thread loads this module, which therefore loads nothing of Effect.
 */
import type { MessagePort, Worker } from "node:worker_threads"
import * as Failure from "../../text/failure.ts"

// Models

/** How a thread ended: its exit code, and the error that nobody caught, if it ended of one. */
export interface End {
  readonly exitCode: number
  readonly uncaught?: { readonly error: unknown } | undefined
}

// Constructors

/**
 * Starts a thread with code that `beside` gave. `wiring` is its `workerData`, and has the ports through which it is spoken to: the
 * thread's own port is for the modules that it loads, which may be written for plain worker threads too.
 */
export const start = (code: string, wiring: object, ports: ReadonlyArray<MessagePort>): Worker => {
  // Loaded when a thread is started, not before.
  const { Worker } = process.getBuiltinModule("node:worker_threads")
  return new Worker(code, { eval: true, workerData: wiring, transferList: [...ports] })
}

// The end

/** Hears how the thread ends. By then all that it has sent is in the ports. Gives what stops listening. */
export const onEnd = (worker: Worker, heard: (end: End) => void): () => void => {
  let uncaught: End["uncaught"]
  const onError = (error: unknown) => {
    uncaught = { error }
  }
  const onExit = (exitCode: number) => heard({ exitCode, uncaught })
  worker.on("error", onError).once("exit", onExit)
  return () => void worker.off("error", onError).off("exit", onExit)
}

/** The end in words. */
export const inWords = ({ exitCode, uncaught }: End): string =>
  `the worker thread ended (exit code ${exitCode})${
    uncaught === undefined ? "" : `: ${Failure.inWords(uncaught.error)}`
  }`
