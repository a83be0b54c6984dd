/**
 * What tests of a program need: a language model that answers what they wrote down, and a sink that collects status
 * messages.
 */
export * as CollectingSink from "./CollectingSink.ts"
export * as ScriptedLM from "./ScriptedLM.ts"
