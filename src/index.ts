/**
 * Typed language-model programs for Effect.
 */
export * from "./adapter/index.ts"
export * from "./lm/index.ts"
export * from "./module/index.ts"
export * from "./run/index.ts"
export * from "./signature/index.ts"
export * from "./streaming/index.ts"
export * from "./tool/index.ts"
