/**
 * Programs for callers without Effect: a promise and an async iterator, and a plain loop that blocks.
 */
export * as AsyncProgram from "./AsyncProgram.ts"
export * as BlockingStream from "./BlockingStream.ts"
