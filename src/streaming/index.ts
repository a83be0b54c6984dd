/**
 * Programs as streams of events: listeners, status messages, and the events as JSON.
 */
export * as Emission from "./Emission.ts"
export * as EventCodec from "./EventCodec.ts"
export { EventCodecError } from "./EventCodecError.ts"
export * as Status from "./Status.ts"
export { StatusSink } from "./Status.ts"
export * as StreamEvent from "./StreamEvent.ts"
export * as Streaming from "./Streaming.ts"
export * as StreamListener from "./StreamListener.ts"
