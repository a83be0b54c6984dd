/**
 * Typed language-model programs for Effect.
 */
export * from "./adapter/index.ts"
export * from "./agent/index.ts"
export * from "./bridge/index.ts"
export * from "./lm/index.ts"
export * from "./local/index.ts"
export * from "./mcp/index.ts"
export * from "./module/index.ts"
export * from "./observe/index.ts"
export * from "./policy/index.ts"
export * from "./provider/index.ts"
export * from "./run/index.ts"
export * from "./sandbox/index.ts"
export * from "./signature/index.ts"
export * from "./streaming/index.ts"
export * from "./tool/index.ts"
export * from "./worker/index.ts"
