/**
 * The thread that watches the program's thread. The caller sleeps and does not hear how that one ends, so this one tells it. It also
 * ends the program's thread where that does not end by itself.
 */
import { workerData } from "node:worker_threads"
import type { Marked } from "../../streaming/internal/marks.ts"
import { inWords, onEnd, start } from "../../worker/internal/thread.ts"
import { type FromWatcher, post, type Wiring } from "./messages.ts"

const { code, fate, ...wiring }: Wiring = workerData

const say = (message: FromWatcher) => post(fate, wiring.signal, message)

const worker = start(code, wiring, [wiring.talk])

onEnd(worker, (end) => {
  say({
    _tag: "Ended",
    exitCode: end.exitCode,
    description: inWords(end),
    cause: end.uncaught && toMarked(end.uncaught.error)
  })
  fate.close()
})

fate.on("message", () => void worker.terminate())

say({ _tag: "Started" })

/** An uncaught error of a thread cannot be cloned a second time, but what it says can. */
function toMarked(error: unknown): Marked {
  const { message = String(error), name = "Error", stack }: Partial<Error> = Object(error)
  return { _tag: name, $: "Error", message, stack }
}
