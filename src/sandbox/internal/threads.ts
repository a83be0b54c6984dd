/**
 * The threads in which interpreters run. A session has a thread of its own as long as there are enough; then it shares one: code
 * that computes makes the others of its thread wait, and code whose thread has to be ended takes their variables with it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Worker } from "node:worker_threads"
import { beside } from "../../worker/internal/files.ts"
import { end, processors } from "../../worker/internal/pool.ts"
import type { Ask, Open, Program, Told } from "./messages.ts"

// Models

/** Threads for sessions. */
export interface Threads {
  /** A place for one more session, which is told what the interpreter there says; where there can be none, why. */
  readonly place: (program: Program, hear: (heard: Heard) => void) => Effect.Effect<Place, string>
  /** Ends all threads. */
  readonly close: Effect.Effect<void>
}

/** What is heard of a thread. */
export type Heard = Told | { readonly _tag: "Ended"; readonly description: string }

/** Where a session runs. */
export interface Place {
  readonly send: (ask: Ask) => void
  /** What both sides see, see `flags`. */
  readonly memory: Int32Array
  /** Whether the process waits for what is heard of it; not before it is told to. */
  readonly keep: (isAwaited: boolean) => void
  /** Gives the place back. */
  readonly leave: Effect.Effect<void>
  /** Ends the thread, and all sessions in it. */
  readonly end: Effect.Effect<void>
}

interface Thread {
  readonly worker: Worker
  /** Those who have a place in it. */
  readonly sessions: Set<(heard: Heard) => void>
}

// Constructors

/**
 * At most so many threads; by default as many as there are processors, and two at least. None is started before it is needed, and an
 * idle one keeps no process alive.
 */
export const make = (size?: number): Threads => {
  const all = new Set<Thread>()
  let most = size

  const start = (): Result.Result<Thread, string> =>
    Result.flatMap(beside(import.meta.url, "sandboxWorker"), (code) =>
      Result.try({
        try: () => {
          const { Worker } = process.getBuiltinModule("node:worker_threads")
          const worker = new Worker(code, {
            eval: true,
            // Code that is nested deep needs a stack of the engine's own.
            resourceLimits: { stackSizeMb: 16 }
          })
          const thread: Thread = { worker, sessions: new Set() }
          const lose = (description: string) => {
            all.delete(thread)
            for (const hear of thread.sessions) hear({ _tag: "Ended", description })
          }
          worker.on("error", (cause) => lose(String(cause))).once("exit", () => lose("its thread ended"))
          worker.unref()
          all.add(thread)
          return thread
        },
        catch: (cause) => `no worker thread can be started: ${String(cause)}`
      }))

  const take = (): Result.Result<Thread, string> => {
    const [least] = [...all].sort((a, b) => a.sessions.size - b.sessions.size)
    most ??= Math.max(2, processors())
    return least === undefined || (least.sessions.size > 0 && all.size < most) ? start() : Result.succeed(least)
  }

  const place: Threads["place"] = (program, hear) =>
    Effect.suspend(() =>
      Effect.fromResult(Result.map(take(), (thread): Place => {
        const { MessageChannel } = process.getBuiltinModule("node:worker_threads")
        const { port1, port2 } = new MessageChannel()
        const shared = new SharedArrayBuffer(8)
        port1.on("message", hear)
        thread.sessions.add(hear)
        thread.worker.postMessage({ port: port2, program, shared } satisfies Open, [port2])
        return {
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is about windows
          send: (ask) => port1.postMessage(ask),
          memory: new Int32Array(shared),
          keep: (isAwaited) => isAwaited ? port1.ref() : port1.unref(),
          leave: Effect.sync(() => {
            thread.sessions.delete(hear)
            port1.close()
          }),
          end: Effect.suspend(() => end(thread))
        }
      }))
    )

  return {
    place,
    close: Effect.suspend(() => Effect.forEach([...all], end, { concurrency: "unbounded", discard: true }))
  }
}
