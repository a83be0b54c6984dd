/**
 * Functions that block, in worker threads.
 */
export * as Blocking from "./Blocking.ts"
export { BlockingError } from "./BlockingError.ts"
export * as BlockingReason from "./BlockingReason.ts"
