/**
 * Measures the library beside the bare `openai` SDK, in one run, against a server in another process: the medians of
 * interleaved rounds. Prints what was seen and judges nothing. `npm run bench`, or `npm run bench -- streaming calls`.
 */
import { fork } from "node:child_process"
import { agents } from "./agents.ts"
import { blocking } from "./blocking.ts"
import { cache } from "./cache.ts"
import { calls } from "./calls.ts"
import { closing } from "./closing.ts"
import { concurrent } from "./concurrent.ts"
import { firstDelta } from "./firstDelta.ts"
import { imports } from "./imports.ts"
import { operating } from "./operating.ts"
import { startup } from "./startup.ts"
import { streaming } from "./streaming.ts"

const parts = {
  streaming,
  calls,
  operating,
  cache,
  agents,
  concurrent,
  blocking,
  firstDelta,
  closing,
  imports,
  startup
}

const server = fork(new URL("./server.ts", import.meta.url), { stdio: "inherit" })
const port = await new Promise<number>((resolve) => server.once("message", (port) => resolve(Number(port))))
const wanted = process.argv.slice(2)
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length === 0 || wanted.includes(name)) await part(`http://127.0.0.1:${port}/v1`, server)
}
server.disconnect()
