/** What a test picks out of the events of a stream. */
import { type StreamEvent } from "effect-lm"

export type Event =
  | StreamEvent.StreamResponse
  | StreamEvent.PartialResponse
  | StreamEvent.Retracted
  | StreamEvent.ToolCallDelta
  | StreamEvent.ToolEvent
  | StreamEvent.Emitted
  | StreamEvent.StatusMessage
  | {
    readonly _tag: "Prediction"
  }

export const chunks = (events: ReadonlyArray<Event>, field?: string) =>
  events.flatMap((event) =>
    event._tag === "StreamResponse" && (field === undefined || event.signatureFieldName === field) ? [event] : []
  )

export const text = (events: ReadonlyArray<Event>, field: string) =>
  chunks(events, field).map((event) => event.chunk).join("")

export const ends = (events: ReadonlyArray<Event>) => chunks(events).filter((event) => event.isLastChunk)
