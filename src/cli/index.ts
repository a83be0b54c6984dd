/**
 * Commands made from programs, and the `effect-lm` command itself.
 */
export * as Main from "./Main.ts"
export * as Models from "./Models.ts"
export { OutputError } from "./OutputError.ts"
export { ProgramError } from "./ProgramError.ts"
export { RowsFailed } from "./RowsFailed.ts"
export * as Runner from "./Runner.ts"
export { UsageError } from "./UsageError.ts"
