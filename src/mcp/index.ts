/**
 * Servers of the Model Context Protocol, whose tools agents call.
 */
export * as Mcp from "./Mcp.ts"
export { McpError } from "./McpError.ts"
export * as McpReason from "./McpReason.ts"
