/**
 * What is in the place of `thread.ts` where there is no Node.
 */
import { WorkerError } from "../../streaming/WorkerError.ts"
import { onlyNode } from "../../worker/internal/elsewhere.ts"
import type * as OnNode from "./thread.ts"

export const make: typeof OnNode.make = ({ href }) => ({
  start: () => {
    throw new WorkerError({ file: href, description: `${onlyNode}: stream the program itself (Streaming.streamify)` })
  },
  close: () => {}
})
