/**
 * What is in the place of `blockingThread.ts` where there is no Node.
 */
import { onlyNode } from "../../worker/elsewhere.ts"
import { WorkerError } from "../WorkerError.ts"
import type * as OnNode from "./blockingThread.ts"

export const make: typeof OnNode.make = ({ href }) => ({
  start: () => {
    throw new WorkerError({ file: href, description: `${onlyNode}: stream the program itself (Streaming.streamify)` })
  },
  close: () => {}
})
