/**
 * Language models that run in this process.
 */
export * as LocalModel from "./LocalModel.ts"
