/**
 * Agents: modules that call tools, or write code, until they can answer, what they did, and modules as tools.
 */
export * as CodeAct from "./CodeAct.ts"
export * as ModuleTool from "./ModuleTool.ts"
export * as ReAct from "./ReAct.ts"
export * as RLM from "./RLM.ts"
export * as StopWhen from "./StopWhen.ts"
export * as Trajectory from "./Trajectory.ts"
