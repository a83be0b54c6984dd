/**
 * What a session and its thread say to each other, each over a port of the session's own. Values are JSON texts.
 */
import type { MessagePort } from "node:worker_threads"

/** What a session is made of. */
export interface Program {
  /** The names of the functions that the code can call. */
  readonly functions: ReadonlyArray<string>
  /** Variables that the code finds, by name. */
  readonly variables: ReadonlyArray<readonly [name: string, json: string]>
  /** The most bytes that the interpreter takes. */
  readonly memory: number
  /** How long one piece of code may compute, in milliseconds. */
  readonly time: number
  /** The most characters that one piece of code may print. */
  readonly output: number
}

/** Begins a session in a thread. */
export interface Open {
  readonly port: MessagePort
  readonly program: Program
  /** What both sides see while the thread computes, see {@link flags}. */
  readonly shared: SharedArrayBuffer
}

/** Places in the shared memory of a session. */
export const flags = {
  /** 1 tells the code to stop. */
  stop: 0,
  /** Grows where the interpreter begins to compute, and where it pauses: odd in between. */
  stretch: 1
} as const

/** What a thread is told. */
export type Ask =
  | { readonly _tag: "Run"; readonly code: string }
  | { readonly _tag: "Answer"; readonly id: number; readonly answer: Answer }
  /** The code in hand is given up; its `Done` follows. */
  | { readonly _tag: "Stop" }

/** What a function gave, or failed of. */
export type Answer =
  | { readonly _tag: "Success"; readonly json: string | undefined }
  | { readonly _tag: "Failure"; readonly name: string; readonly message: string }

/** What a thread tells. */
export type Told =
  | { readonly _tag: "Opened" }
  | { readonly _tag: "NotInstalled"; readonly description: string }
  | { readonly _tag: "Printed"; readonly text: string }
  /** `args` is a list. */
  | { readonly _tag: "Called"; readonly id: number; readonly name: string; readonly args: string }
  | { readonly _tag: "Done"; readonly end: End }

/** How a piece of code ended. */
export type End =
  | { readonly _tag: "Success"; readonly json: string | undefined; readonly shown: string | undefined }
  | { readonly _tag: "Thrown"; readonly name: string; readonly message: string; readonly line: number | undefined }
  | { readonly _tag: "Died"; readonly description: string }
  | { readonly _tag: "Stuck" | "Timeout" | "Memory" | "Output" | "Stopped" }
