/**
 * What the calling thread, the thread that runs the program and the thread that watches it say to each other.
 *
 * The calling thread sleeps on `signal` while it waits, so whoever posts to it also wakes it: {@link post}.
 */
import type { MessagePort } from "node:worker_threads"
import type { CallOptions } from "../../module/Module.ts"
import type { Marked } from "../../streaming/internal/marks.ts"

// Models

/** How many batches of events may wait for the loop before the program waits too. */
export const unreadBatches = 4

/** Which program of the file to run, and how. */
export interface Ask {
  readonly program: string
  /** The export that provides the services; `layer` if there is one and none is named. */
  readonly layer: string | undefined
  /** All events, or the prediction alone. */
  readonly as: "stream" | "call"
  readonly input: unknown
  readonly options: CallOptions | undefined
}

/** From the calling thread to the program's. */
export type ToProgram =
  | { readonly _tag: "Start"; readonly run: number; readonly ask: Ask }
  /** One more batch was read. */
  | { readonly _tag: "Read"; readonly run: number }
  /** Nobody reads any more: interrupt it. */
  | { readonly _tag: "Leave"; readonly run: number }
  /** Interrupt everything, release the services, and end. */
  | { readonly _tag: "Close" }

/** From the program's thread to the calling one. */
export type FromProgram = RunMessage | {
  readonly _tag: "Print"
  readonly to: "stdout" | "stderr"
  readonly text: string | Uint8Array
}

/** What one run says; events and what it failed of are in the form that values have between threads. Nothing comes after `End`. */
export type RunMessage =
  | { readonly _tag: "Events"; readonly run: number; readonly events: ReadonlyArray<unknown> }
  | { readonly _tag: "End"; readonly run: number; readonly failure?: { readonly error: unknown } }

/** From the watching thread to the calling one. */
export type FromWatcher =
  | { readonly _tag: "Started" }
  | {
    readonly _tag: "Ended"
    readonly exitCode: number
    readonly description: string
    readonly cause: Marked | undefined
  }

/** From the calling thread to the watching one. */
export type ToWatcher = "Terminate"

/** What the watching thread is started with; all but `code` and `fate` is for the program's. */
export interface Wiring {
  /** What the program's thread runs. */
  readonly code: string
  readonly url: string
  readonly signal: Int32Array<SharedArrayBuffer>
  readonly talk: MessagePort
  readonly fate: MessagePort
}

// Details

/** Posts to the calling thread and wakes it. */
export const post = <Message>(port: MessagePort, signal: Int32Array<SharedArrayBuffer>, message: Message): void => {
  port.postMessage(message)
  Atomics.add(signal, 0, 1)
  Atomics.notify(signal, 0)
}
