/**
 * What tests of a program need: a language model and an embedder that answer what they wrote down, and a sink that collects status
 * messages. Cassettes are here, too: a test against what a provider really said.
 */
export * as Cassette from "../policy/Cassette.ts"
export * as CollectingSink from "./CollectingSink.ts"
export * as ScriptedEmbedder from "./ScriptedEmbedder.ts"
export * as ScriptedLM from "./ScriptedLM.ts"
