/**
 * The thread that watches the program's thread: a caller who sleeps hears of nobody's end, so this one tells it. It also
 * ends the program's thread where that does not end by itself.
 */
import { Worker, workerData } from "node:worker_threads"
import type { Marked } from "../../streaming/internal/marks.ts"
import { type FromWatcher, post, type Wiring } from "./messages.ts"

const { code, fate, ...wiring }: Wiring = workerData

const say = (message: FromWatcher) => post(fate, wiring.signal, message)

const worker = new Worker(code, {
  eval: true,
  workerData: wiring,
  transferList: [wiring.talk]
})

let cause: Marked | undefined

// An uncaught error of a thread cannot be cloned a second time, but what it says can.
worker.on("error", (error: unknown) => {
  const { message = String(error), name = "Error", stack }: Partial<Error> = Object(error)
  cause = { _tag: name, $: "Error", message, stack }
})

worker.on("exit", (exitCode) => {
  say({ _tag: "Ended", exitCode, cause })
  fate.close()
})

fate.on("message", () => void worker.terminate())

say({ _tag: "Started" })
