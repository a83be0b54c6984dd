import type { StreamEvent } from "effect-lm"

/** What a stream shows of each call's field once all is read: what was retracted does not stand. */
export const standing = (events: ReadonlyArray<object>): Readonly<Record<string, string>> => {
  const texts = new Map<string, string>()
  for (const event of events as ReadonlyArray<StreamEvent.StreamResponse | StreamEvent.Retracted>) {
    if (event._tag === "StreamResponse") {
      const key = `${event.callId} ${event.signatureFieldName}`
      texts.set(key, (texts.get(key) ?? "") + event.chunk)
    } else if (event._tag === "Retracted") {
      for (const field of event.fields) texts.delete(`${event.callId} ${field}`)
    }
  }
  return Object.fromEntries(texts)
}
