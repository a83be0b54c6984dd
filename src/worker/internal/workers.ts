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
import type { MessagePort, Worker } from "node:worker_threads"
import { inWords } from "../../text/failure.ts"
import * as BlockingError from "../BlockingError.ts"
import { beside, built } from "./files.ts"
import type { Wiring } from "./functionWorker.ts"
import type { Answer, Ask } from "./messages.ts"
import { end, processors } from "./pool.ts"
import * as Thread from "./thread.ts"

/** The worker threads that run functions. */
export interface Service {
  readonly run: (ask: Ask) => Effect.Effect<unknown, BlockingError.Reason>
  /** Ends all workers. */
  readonly close: Effect.Effect<void>
}

/** A thread, and the port through which it is asked. */
interface Running {
  readonly worker: Worker
  readonly port: MessagePort
}

/** A pool of so many workers; by default of as many as there are processors. None is started before it is needed. */
export const make = (size?: number): Service => {
  const idle = new Set<Running>()
  const all = new Set<Running>()
  let permits: Semaphore.Semaphore | undefined

  const start: Effect.Effect<Running, BlockingError.Died> = Effect.suspend(() => {
    const code = beside(import.meta.url, "functionWorker")
    if (Result.isFailure(code)) return Effect.fail(new BlockingError.Died({ description: code.failure }))
    return Effect.try({
      try: () => {
        const { port1: port, port2 } = new (process.getBuiltinModule("node:worker_threads").MessageChannel)()
        const worker = Thread.start(code.success, { port: port2 } satisfies Wiring, [port2])
        const running = { worker, port }
        all.add(running)
        const lose = () => {
          all.delete(running)
          idle.delete(running)
        }
        // One that ends while nobody uses it is not used again, and its error is nobody's.
        worker.on("error", lose).once("exit", lose)
        return running
      },
      catch: (cause) => new BlockingError.Died({ description: `no worker thread can be started: ${inWords(cause)}` })
    })
  })

  const take = Effect.suspend(() => {
    const [running] = idle
    if (running === undefined) return start
    idle.delete(running)
    return Effect.succeed(running)
  })

  const run = (ask: Ask) =>
    Effect.acquireUseRelease(
      take,
      (running) => called(running, ask),
      (running, exit) =>
        Effect.suspend(() => {
          if (!all.has(running) || !isFit(exit)) return end(running)
          running.worker.unref()
          idle.add(running)
          return Effect.void
        })
    )

  return {
    run: (ask) =>
      Effect.flatMap(
        Effect.sync(() => permits ??= Semaphore.makeUnsafe(size ?? processors())),
        (permits) => permits.withPermit(run(ask))
      ),
    close: Effect.suspend(() => Effect.forEach([...all], end, { concurrency: "unbounded", discard: true }))
  }
}

// Details

const called = ({ port, worker }: Running, ask: Ask): Effect.Effect<unknown, BlockingError.Reason> =>
  Effect.callback((resume) => {
    const settle = (exit: Exit.Exit<unknown, BlockingError.Reason>) => {
      port.off("message", onMessage).off("messageerror", onMessageError)
      stopListening()
      resume(exit)
    }
    const fail = (reason: BlockingError.Reason) => settle(Exit.fail(reason))
    const onMessage = (answer: Answer) => settle(exitOf(answer))
    const onMessageError = (cause: unknown) =>
      fail(new BlockingError.NotCloneable({ description: `the result cannot be read here: ${inWords(cause)}` }))
    const stopListening = Thread.onEnd(worker, (end) => {
      // The answer may be here, and was not heard yet.
      const last = process.getBuiltinModule("node:worker_threads").receiveMessageOnPort(port)
      if (last === undefined) fail(new BlockingError.Died({ description: Thread.inWords(end) }))
      else onMessage(last.message)
    })
    worker.ref()
    port.on("message", onMessage).on("messageerror", onMessageError)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is about windows
    const sent = Result.try(() => port.postMessage({ ...ask, url: built(new URL(ask.url)).href } satisfies Ask))
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
