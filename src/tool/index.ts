/**
 * Tools: what agents call, where it comes from, and who agrees to it.
 */
export * as Approval from "./Approval.ts"
export * as Blocking from "./Blocking.ts"
export { BlockingError } from "./BlockingError.ts"
export { DuplicateToolError } from "./DuplicateToolError.ts"
export * as Mcp from "./Mcp.ts"
export { McpError } from "./McpError.ts"
export * as Tool from "./Tool.ts"
export * as Toolbox from "./Toolbox.ts"
export { ToolError } from "./ToolError.ts"
export { ToolRegistry } from "./ToolRegistry.ts"
