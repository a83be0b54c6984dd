/**
 * Programs: predictors, and modules made of modules.
 */
export * as ChainOfThought from "./ChainOfThought.ts"
export { CurrentConfig } from "./CurrentConfig.ts"
export { CurrentMaxIterations } from "./CurrentMaxIterations.ts"
export { InputError } from "./InputError.ts"
export * as Module from "./Module.ts"
export * as Predict from "./Predict.ts"
export * as Prediction from "./Prediction.ts"
export * as Session from "./Session.ts"
export * as State from "./State.ts"
export { StateError } from "./StateError.ts"
export * as StateReason from "./StateReason.ts"
