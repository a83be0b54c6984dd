/**
 * The calling thread's side: starts the thread that runs the programs of a file, and sleeps until that says something.
 */
import * as Result from "effect/Result"
import type { MessagePort } from "node:worker_threads"
import * as Values from "../../streaming/internal/values.ts"
import { WorkerError } from "../../streaming/WorkerError.ts"
import { inWords } from "../../text/failure.ts"
import { beside, built } from "../../worker/internal/files.ts"
import { start } from "../../worker/internal/thread.ts"
import type { Ask, FromProgram, FromWatcher, RunMessage, ToProgram, ToWatcher, Wiring } from "./messages.ts"

// Models

/** The thread of one file: started when it is needed, kept between runs, and started again where it has ended. */
export interface Thread {
  readonly start: (ask: Ask) => Run
  /** Interrupts all runs, releases their services and ends the thread; waits for that. */
  readonly close: () => void
}

/** One run of a program. */
export interface Run {
  /** Sleeps until the run says something. A thread that has ended throws a {@link WorkerError}. */
  readonly next: () => RunMessage
  /** Tells the program that a batch was read, so that it may send another. */
  readonly read: () => void
  /** Interrupts the run and waits until it is over; a thread where it does not end is ended. */
  readonly leave: () => void
}

// Constructors

/** What was interrupted may take `mostToClose` milliseconds to close its requests and to release what it holds. */
export const make = (file: URL, mostToClose: number): Thread => {
  const url = built(file).href
  let live: Live | undefined
  return {
    start: (ask) => {
      if (live === undefined || live.hasEnded()) live = launch(url, mostToClose)
      return live.start(ask)
    },
    close: () => {
      live?.close()
      live = undefined
    }
  }
}

interface Live extends Thread {
  readonly hasEnded: () => boolean
}

const launch = (url: string, mostToClose: number): Live => {
  const { fate, signal, talk, watcher } = wired(url)
  let launched = false
  let end: WorkerError | undefined
  const inboxes = new Map<number, Array<RunMessage>>()
  let runs = 0

  const toProgram = (message: ToProgram) => talk.port1.postMessage(message)
  const fail = (description: string, more: { readonly exitCode?: number; readonly cause?: unknown } = {}) => {
    end ??= new WorkerError({ file: url, description, ...more })
  }
  const fromWatcher = (message: FromWatcher) => {
    if (message._tag === "Started") {
      launched = true
      return
    }
    const { cause, description, exitCode } = message
    fail(description, { exitCode, ...(cause === undefined ? {} : { cause: Values.forThread(new Map()).read(cause) }) })
  }
  const fromProgram = (message: FromProgram) => {
    if (message._tag === "Print") process[message.to].write(message.text)
    else inboxes.get(message.run)?.push(message)
  }

  // While the caller's event loop runs, what comes is heard there; no listener keeps the process alive.
  watcher.on("error", (cause) => fail(`the worker thread could not start: ${inWords(cause)}`, { cause }))
  talk.port1.on("message", fromProgram)
  fate.port1.on("message", fromWatcher)
  for (const one of [watcher, talk.port1, fate.port1]) one.unref()

  /** Hears what was said, without waiting. The watcher first: what the program said before its end is in its port by then. */
  const hear = () => {
    drain(fate.port1, fromWatcher)
    drain(talk.port1, fromProgram)
  }
  /** Sleeps until `found` has something, or the thread has ended, or for `most` milliseconds. */
  const wait = <A>(found: () => A | undefined, most: number): A | undefined => {
    const until = performance.now() + most
    while (true) {
      const seen = Atomics.load(signal, 0)
      hear()
      const one = found()
      const left = until - performance.now()
      if (one !== undefined || end !== undefined || left <= 0) return one
      Atomics.wait(signal, 0, seen, left)
    }
  }
  const terminate = () => {
    fate.port1.postMessage("Terminate" satisfies ToWatcher)
    wait(() => undefined, mostToEnd)
    fail("the worker thread was ended")
  }
  const hasStarted = () => {
    if (launched || wait(() => launched || undefined, mostToLaunch) !== undefined || end !== undefined) return
    fail("the worker thread did not start within 30 seconds")
    void watcher.terminate()
  }

  /** The run of this number, whose messages come into the inbox. */
  const runOf = (run: number, inbox: Array<RunMessage>): Run => {
    let over = false
    const take = () => {
      const message = inbox.shift()
      if (message?._tag === "End") {
        over = true
        inboxes.delete(run)
      }
      return message
    }
    return {
      next: () => {
        hasStarted()
        const message = wait(take, Infinity)
        if (message !== undefined) return message
        over = true
        throw end
      },
      read: () => toProgram({ _tag: "Read", run }),
      leave: () => {
        if (over || end !== undefined) return
        toProgram({ _tag: "Leave", run })
        // Nobody reads what came before the end of the run, however much of it waits here.
        const ended = () => {
          while (take() !== undefined);
          return over || undefined
        }
        wait(ended, mostToClose)
        if (!over && end === undefined) terminate()
        inboxes.delete(run)
      }
    }
  }

  return {
    hasEnded: () => {
      hear()
      return end !== undefined
    },
    close: () => {
      toProgram({ _tag: "Close" })
      wait(() => undefined, mostToClose)
      if (end === undefined) terminate()
    },
    start: (ask) => {
      const run = runs++
      const inbox: Array<RunMessage> = []
      toProgram({ _tag: "Start", run, ask })
      inboxes.set(run, inbox)
      return runOf(run, inbox)
    }
  }
}

// Details

/** Starts the thread that watches the program's, which starts that one; and the channels to both. */
const wired = (url: string) => {
  const codeOf = (name: string) =>
    Result.getOrThrowWith(beside(import.meta.url, name), (description) => new WorkerError({ file: url, description }))
  const watcherCode = codeOf("programWatcher")
  const code = codeOf("programWorker")
  const { MessageChannel } = process.getBuiltinModule("node:worker_threads")
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const talk = new MessageChannel()
  const fate = new MessageChannel()
  const wiring: Wiring = { code, url, signal, talk: talk.port2, fate: fate.port2 }
  const watcher = start(watcherCode, wiring, [talk.port2, fate.port2])
  return { watcher, signal, talk, fate }
}

/** Hears all that waits in a port. */
const drain = <Message>(port: MessagePort, hear: (message: Message) => void): void => {
  const { receiveMessageOnPort } = process.getBuiltinModule("node:worker_threads")
  for (let heard = receiveMessageOnPort(port); heard; heard = receiveMessageOnPort(port)) hear(heard.message)
}

/** Milliseconds for a thread to start. It takes some 30; a thread that never does must not let its caller sleep for ever. */
const mostToLaunch = 30_000

/** Milliseconds for a thread that is ended to be over; one inside of a system call is over after that. */
const mostToEnd = 5_000
