/** Synchronous streaming: a script without async. The program is in a file of its own and runs in a worker thread. */
import { BlockingStream } from "effect-lm"
import type * as Gravity from "./support/gravity.ts"

const programs = BlockingStream.module<typeof Gravity>(new URL("./support/gravity.ts", import.meta.url))

// A plain loop: it waits for each event.
for (const event of programs("streaming").stream({ question: "Explain gravity" })) {
  if (event._tag === "StreamResponse") process.stdout.write(event.chunk)
}

// A plain call: it waits for the answer.
const { answer } = programs("program").call({ question: "What is gravity, in one sentence?" })
process.stdout.write(`\n\n${answer}\n`)
