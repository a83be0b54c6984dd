/**
 * A pool of worker threads that call functions of module files.
 *
 * A worker makes one call at a time. Interrupting the call ends the worker at once, since nothing else ends a function that
 * does not return; the next call starts another.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import type { Worker } from "node:worker_threads"
import * as BlockingError from "../BlockingError.ts"
import { inWords } from "./failure.ts"
import type { Answer, Ask } from "./worker.ts"

export interface Service {
  readonly run: (ask: Ask) => Effect.Effect<unknown, BlockingError.Reason>
  /** Ends all workers. */
  readonly close: Effect.Effect<void>
}

/** A pool of so many workers; by default of as many as there are processors. None is started before it is needed. */
export const make = (size?: number): Service => {
  const idle = new Set<Worker>()
  const all = new Set<Worker>()
  let permits: Semaphore.Semaphore | undefined

  const start: Effect.Effect<Worker, BlockingError.Died> = Effect.gen(function*() {
    const { Worker } = yield* Effect.promise(() => import("node:worker_threads"))
    const worker = yield* Effect.try({
      try: () => new Worker(entry, options()),
      catch: (cause) => new BlockingError.Died({ description: `no worker thread can be started: ${String(cause)}` })
    })
    all.add(worker)
    // One that ends while nobody uses it is not used again, and its error is nobody's.
    worker.on("error", () => {}).once("exit", () => {
      all.delete(worker)
      idle.delete(worker)
    })
    return worker
  })

  const take = Effect.suspend(() => {
    const [worker] = idle
    if (worker === undefined) return start
    idle.delete(worker)
    return Effect.succeed(worker)
  })

  const run = (ask: Ask) =>
    Effect.acquireUseRelease(
      take,
      (worker) => called(worker, ask),
      (worker, exit) =>
        Effect.suspend(() => {
          if (!all.has(worker) || !isFit(exit)) return end(worker)
          worker.unref()
          idle.add(worker)
          return Effect.void
        })
    )

  return {
    run: (ask) =>
      Effect.flatMap(
        permits === undefined
          ? Effect.map(processors, (count) => permits ??= Semaphore.makeUnsafe(size ?? count))
          : Effect.succeed(permits),
        (permits) => permits.withPermit(run(ask))
      ),
    close: Effect.suspend(() => Effect.forEach([...all], end, { concurrency: "unbounded", discard: true }))
  }
}

// Details

/** Beside this module, in the same language: TypeScript in the sources, JavaScript in the package. */
const entry = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url)

/**
 * Workers have this process's own flags (`--conditions`, say). A process that runs a text, not a file, has one that none
 * can have.
 */
const options = () => {
  const flags = process.execArgv
  return flags.some(isInputType) ? { execArgv: flags.filter((flag) => !isInputType(flag)) } : {}
}

const isInputType = (flag: string): boolean => flag.startsWith("--input-type=")

const processors = Effect.map(
  Effect.promise(() => import("node:os")),
  ({ availableParallelism }) => availableParallelism()
)

/**
 * Ends a worker, and waits until it is over. A thread inside of a system call ends after that: it is not waited for longer
 * than a second.
 */
const end = (worker: Worker): Effect.Effect<void> =>
  Effect.asVoid(Effect.timeoutOption(Effect.promise(() => worker.terminate()), "1 second"))

const called = (worker: Worker, ask: Ask): Effect.Effect<unknown, BlockingError.Reason> =>
  Effect.callback((resume) => {
    const settle = (exit: Exit.Exit<unknown, BlockingError.Reason>) => {
      worker.off("message", onMessage).off("messageerror", onMessageError).off("error", onError).off("exit", onExit)
      resume(exit)
    }
    const fail = (reason: BlockingError.Reason) => settle(Exit.fail(reason))
    const onMessage = (answer: Answer) => settle(exitOf(answer))
    const onMessageError = (cause: unknown) =>
      fail(new BlockingError.NotCloneable({ description: `the result cannot be read here: ${inWords(cause)}` }))
    const onError = (cause: unknown) =>
      fail(new BlockingError.Died({ description: `the worker thread died: ${inWords(cause)}` }))
    const onExit = (code: number) =>
      fail(
        new BlockingError.Died({ description: `the worker thread ended with code ${code} before there was a result` })
      )
    worker.ref()
    worker.on("message", onMessage).on("messageerror", onMessageError).on("error", onError).on("exit", onExit)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is about windows
    const sent = Result.try(() => worker.postMessage(ask))
    if (Result.isFailure(sent)) {
      fail(
        new BlockingError.NotCloneable({
          description: `the arguments cannot be sent to another thread: ${inWords(sent.failure)}`
        })
      )
    }
  })

const exitOf = (answer: Answer): Exit.Exit<unknown, BlockingError.Reason> => {
  if (answer._tag === "Success") return Exit.succeed(answer.value)
  const { cause, description, kind } = answer
  switch (kind) {
    case "NotFound":
      return Exit.fail(new BlockingError.NotFound({ description }))
    case "NotCloneable":
      return Exit.fail(new BlockingError.NotCloneable({ description }))
    case "Failed":
      return Exit.fail(new BlockingError.Failed({ description, ...(cause === undefined ? {} : { cause }) }))
  }
}

/** A worker that was interrupted still runs the function; one that died is on its way out. */
const isFit = (exit: Exit.Exit<unknown, BlockingError.Reason>): boolean => {
  if (Exit.isSuccess(exit)) return true
  const error = Cause.findError(exit.cause)
  return Result.isSuccess(error) && error.success._tag !== "Died"
}
