/**
 * What listeners hear of one run: which calls they follow, and the run's events as stream events.
 */
import type { Signatures } from "../../module/Module.ts"
import type { Call } from "../../run/Call.ts"
import type { Interest } from "../../run/Observer.ts"
import type { RunEvent } from "../../run/RunEvent.ts"
import type { PartialResponse, Retracted, StreamResponse } from "../StreamEvent.ts"
import { resolve, type StreamListener } from "../StreamListener.ts"

type Heard = StreamResponse | PartialResponse | Retracted

/** One run's hearing. */
export interface Hearing {
  readonly interest: (call: Call) => Interest | undefined
  readonly heard: (events: ReadonlyArray<RunEvent>) => ReadonlyArray<Heard>
}

/** Resolves listeners once per program; each call of the result is one run's hearing. */
export const hearing = (signatures: Signatures, listeners: ReadonlyArray<StreamListener>): () => Hearing => {
  if (listeners.length === 0) return () => listen(() => everything)
  const byPath = new Map<string, Array<StreamListener>>()
  for (const listener of listeners) {
    const path = resolve(signatures, listener)
    byPath.set(path, [...(byPath.get(path) ?? []), listener])
  }
  return () => {
    const called = new Set<string>()
    return listen((call) => {
      const all = byPath.get(call.path)
      if (all === undefined) return undefined
      const first = !called.has(call.path)
      called.add(call.path)
      const following = first ? all : all.filter((listener) => listener.allowReuse)
      if (following.length === 0) return undefined
      const text = new Set<string>()
      const partial = new Set<string>()
      for (const { partial: values, signatureFieldName } of following) (values ? partial : text).add(signatureFieldName)
      return { text: (field) => text.has(field), partial: (field) => partial.has(field) }
    })
  }
}

const everything: Interest = { text: () => true, partial: () => false }

/** Follows the calls that `choose` is interested in. */
const listen = (choose: (call: Call) => Interest | undefined): Hearing => {
  const followed = new Map<number, Interest>()
  return {
    interest: (call) => {
      const interest = choose(call)
      if (interest !== undefined) followed.set(call.id, interest)
      return interest
    },
    heard: (events) => {
      const out: Array<Heard> = []
      for (const event of events) {
        const interest = followed.get(event.call.id)
        if (interest === undefined) continue
        switch (event._tag) {
          case "FieldDelta":
            if (interest.text(event.field)) {
              out.push({
                _tag: "StreamResponse",
                predictName: event.call.path,
                signatureFieldName: event.field,
                chunk: event.text,
                isLastChunk: event.isLast,
                callId: event.call.id,
                attempt: event.attempt,
                completion: event.index
              })
            }
            break
          case "PartialValue":
            if (interest.partial(event.field)) {
              out.push({
                _tag: "PartialResponse",
                predictName: event.call.path,
                signatureFieldName: event.field,
                value: event.value,
                isLastChunk: event.isLast,
                callId: event.call.id,
                attempt: event.attempt,
                completion: event.index
              })
            }
            break
          case "Retraction":
            out.push({
              _tag: "Retracted",
              predictName: event.call.path,
              callId: event.call.id,
              attempt: event.attempt,
              fields: event.fields,
              reason: event.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")
            })
            break
          case "ModuleEnd":
            followed.delete(event.call.id)
            break
        }
      }
      return out
    }
  }
}
