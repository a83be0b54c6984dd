/**
 * What runs in a worker thread: it is asked for one call after the other. It loads nothing but the module of the function.
 */
import { type MessagePort, parentPort } from "node:worker_threads"

/** A call of a function that the module at `url` exports. */
export interface Ask {
  readonly url: string
  readonly name: string
  readonly args: ReadonlyArray<unknown>
}

/** What came of it. */
export type Answer =
  | { readonly _tag: "Success"; readonly value: unknown }
  | { readonly _tag: "Failure"; readonly kind: Kind; readonly description: string; readonly cause?: unknown }

type Kind = "NotFound" | "Failed" | "NotCloneable"

const answerTo = ({ args, name, url }: Ask): Promise<Answer> =>
  import(url).then(
    (exports: object) => {
      const found: unknown = Object.hasOwn(exports, name) ? Reflect.get(exports, name) : undefined
      return typeof found === "function"
        ? Promise.resolve().then((): unknown => found(...args)).then(
          (value): Answer => ({ _tag: "Success", value }),
          (cause: unknown) => inWords(cause).then((description) => failure("Failed", description, cause))
        )
        : failure("NotFound", "the module exports no function of this name")
    },
    (cause: unknown) => failure("NotFound", `the module cannot be loaded: ${messageOf(cause)}`)
  )

const failure = (kind: Kind, description: string, cause?: unknown): Answer => ({
  _tag: "Failure",
  kind,
  description,
  cause
})

/** What somebody threw: its message, or what it is as JSON. */
const inWords = (cause: unknown): Promise<string> => {
  const { message }: { readonly message?: unknown } = Object(cause)
  return typeof message === "string" && message !== ""
    ? Promise.resolve(message)
    : cause instanceof Error || typeof cause !== "object"
    ? Promise.resolve(String(cause))
    // What JSON has nothing of, a circle say, throws.
    : Promise.resolve().then(() => JSON.stringify(cause)).catch(() => String(cause))
}

const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** An answer that cannot be cloned becomes one that says so. */
const sendable = (answer: Answer, problem: unknown): Answer =>
  answer._tag === "Success"
    ? failure("NotCloneable", `the result cannot be sent to another thread: ${messageOf(problem)}`)
    : { ...answer, cause: undefined }

// Calls have a port of their own: the thread's is for the modules, which may be written for plain worker threads too.
parentPort?.once("message", (port: MessagePort) => {
  port.on("message", (ask: Ask) => {
    void answerTo(ask).then((answer) =>
      Promise.resolve()
        .then(() => port.postMessage(answer))
        .catch((problem: unknown) => port.postMessage(sendable(answer, problem)))
    )
  })
})
