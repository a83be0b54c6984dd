/**
 * What makes programs better: examples, and which of them a call is shown.
 */
export * as KNN from "./KNN.ts"
