/**
 * How a call becomes a prompt, and how a reply becomes fields, while it arrives.
 */
export * as Adapter from "./Adapter.ts"
export { AdapterParseError } from "./AdapterParseError.ts"
export * as Adapters from "./Adapters.ts"
export * as ChatAdapter from "./ChatAdapter.ts"
export * as CompactAdapter from "./CompactAdapter.ts"
export { CurrentAdapter } from "./CurrentAdapter.ts"
export * as Form from "./Form.ts"
export * as JSONAdapter from "./JSONAdapter.ts"
export * as PartialJson from "./PartialJson.ts"
export * as PlainAdapter from "./PlainAdapter.ts"
export * as Scanner from "./Scanner.ts"
export * as TwoStepAdapter from "./TwoStepAdapter.ts"
export * as XMLAdapter from "./XMLAdapter.ts"
