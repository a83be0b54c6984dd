/**
 * Tools: what agents call, where it comes from, and who agrees to it.
 */
export * as Approval from "./Approval.ts"
export * as ClientTool from "./ClientTool.ts"
export { DuplicateToolError } from "./DuplicateToolError.ts"
export * as Tool from "./Tool.ts"
export * as Toolbox from "./Toolbox.ts"
export * as ToolCache from "./ToolCache.ts"
export { ToolError } from "./ToolError.ts"
export * as ToolReason from "./ToolReason.ts"
export {
  type Current as CurrentTools,
  type Service as ToolRegistryService,
  type Source as ToolSource,
  ToolRegistry
} from "./ToolRegistry.ts"
