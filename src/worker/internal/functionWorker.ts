/**
 * What runs in a worker thread: it is asked for one call after the other. It loads no more than the module of the function, so that
 * a thread starts fast.
 */
import { type MessagePort, workerData } from "node:worker_threads"
import { inWords } from "../../text/failure.ts"
import type { Answer, Ask, Kind } from "./messages.ts"

/** What the thread is started with. */
export interface Wiring {
  /** Calls come through it, and answers go back. */
  readonly port: MessagePort
}

const answerTo = ({ args, name, url }: Ask): Promise<Answer> =>
  import(url).then(
    (exports: object) => {
      const found: unknown = Object.hasOwn(exports, name) ? Reflect.get(exports, name) : undefined
      return typeof found === "function"
        ? Promise.resolve().then((): unknown => found(...args)).then(
          (value): Answer => ({ _tag: "Success", value }),
          (cause: unknown) => failure("Failed", inWords(cause), cause)
        )
        : failure("NotFound", "the module exports no function of this name")
    },
    (cause: unknown) => failure("NotFound", `the module cannot be loaded: ${inWords(cause)}`)
  )

const failure = (kind: Kind, description: string, cause?: unknown): Answer => ({
  _tag: "Failure",
  kind,
  description,
  cause
})

/** An answer that cannot be cloned becomes one that says so. */
const sendable = (answer: Answer, problem: unknown): Answer =>
  answer._tag === "Success"
    ? failure("NotCloneable", `the result cannot be sent to another thread: ${inWords(problem)}`)
    : { ...answer, cause: undefined }

const { port }: Wiring = workerData

port.on("message", (ask: Ask) => {
  void answerTo(ask).then((answer) =>
    Promise.resolve()
      .then(() => port.postMessage(answer))
      .catch((problem: unknown) => port.postMessage(sendable(answer, problem)))
  )
})
