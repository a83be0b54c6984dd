/**
 * JavaScript that a model wrote, in an interpreter of its own.
 */
export * as Sandbox from "./Sandbox.ts"
export { SandboxError } from "./SandboxError.ts"
export * as SandboxReason from "./SandboxReason.ts"
