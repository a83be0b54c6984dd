/**
 * The body of a response, cut into the JSON values that it holds: server-sent events, lines of JSON, or one value. What the body
 * is shows in its first character, not in its content type, which gateways get wrong.
 */
import * as Result from "effect/Result"
import * as LMError from "../../lm/LMError.ts"
import type { LMEvent } from "../../lm/LMEvent.ts"
import { JsonExtent } from "../../text/json/extent.ts"
import { parse } from "../../text/json/values.ts"
import type { Decoder, Reader } from "../Protocol.ts"
import type { SizeLimits } from "../SizeLimits.ts"
import { excerpt } from "./excerpt.ts"
import * as Sse from "./sse.ts"

/** Finds where a value ends. */
interface Extent {
  /** The index behind the value, or -1 where it goes on behind the text. */
  readonly push: (text: string, from: number) => number
}

/** A value that is no object and no array ends with its line. */
class LineExtent implements Extent {
  push(text: string, from: number): number {
    const at = text.indexOf("\n", from)
    return at === -1 ? -1 : at + 1
  }
}

/** Feeds a reader with the values of one body. */
export const make = (reader: Reader, limits: SizeLimits): Decoder => {
  const sse = Sse.make(limits)
  let utf8: TextDecoder | undefined
  let kind: "unknown" | "events" | "json" = "unknown"
  let received = 0
  /** The JSON value that has not ended. */
  let extent: Extent | undefined
  let open = ""
  let over = false
  let failure: LMError.Reason | undefined

  const fail = (reason: LMError.Reason): void => {
    over = true
    failure = reason
  }

  const finish = (out: Array<LMEvent>): void => {
    over = true
    failure = reader.end(out) ?? undefined
  }

  const take = (chunk: unknown, out: Array<LMEvent>, event: string): void => {
    if (over) return
    const reason = reader.push(chunk, out, event) ?? undefined
    if (reason !== undefined) fail(reason)
    else if (reader.finished?.() === true) finish(out)
  }

  const takeEvents = (events: ReadonlyArray<Sse.SseEvent>, out: Array<LMEvent>): void => {
    for (const { data, event } of events) {
      const parsed = parse(data)
      const chunk = Result.isSuccess(parsed) ? parsed.success : data
      take(chunk, out, event)
    }
    const breach = sse.breach()
    if (breach !== undefined && !over) fail(tooLarge(breach, limits))
  }

  const takeJson = (text: string, out: Array<LMEvent>): void => {
    for (let from = 0; from < text.length;) {
      if (over) return
      if (extent === undefined) {
        while (from < text.length && text.charCodeAt(from) <= 32) from++
        if (from === text.length) return
        extent = /[[{]/.test(text.charAt(from)) ? new JsonExtent() : new LineExtent()
      }
      const end = extent.push(text, from)
      open += text.slice(from, end === -1 ? text.length : end)
      if (end === -1) return
      const value = parse(open)
      extent = undefined
      open = ""
      from = end
      if (Result.isSuccess(value)) take(value.success, out, "")
      else fail(notJson(text))
    }
  }

  const pushText = (text: string): ReadonlyArray<LMEvent> => {
    const out: Array<LMEvent> = []
    if (over || text === "") return out
    if (kind === "unknown") {
      const first = text.trimStart().charAt(0)
      // A line of an event stream begins with `data`, `event`, `id`, `retry` or a colon, as no JSON does.
      if (first !== "") kind = /[[{"\d-]|[tfn]/.test(first) ? "json" : "events"
    }
    if (kind === "json") takeJson(text, out)
    else takeEvents(sse.push(text), out)
    return out
  }

  return {
    push: (bytes) => {
      utf8 ??= new TextDecoder()
      received += bytes.length
      if (received > limits.reply && !over) {
        fail(tooLarge("reply", limits))
        return []
      }
      return pushText(utf8.decode(bytes, { stream: true }))
    },
    pushText,
    end: (cause) => {
      const out = [...pushText(utf8?.decode() ?? "")]
      if (!over && kind !== "json") takeEvents(sse.end(), out)
      if (over) return out
      if (cause !== undefined) {
        fail(cause)
        return out
      }
      // The last line needs no end of its own.
      const last = extent instanceof LineExtent ? parse(open) : undefined
      if (last !== undefined && Result.isSuccess(last)) {
        take(last.success, out, "")
        extent = undefined
      }
      const stray = sse.strayed()
      if (over) return out
      if (extent !== undefined) fail(cut)
      else if (stray !== undefined) fail(notJson(stray))
      else finish(out)
      return out
    },
    finished: () => over,
    over: () => over,
    failure: () => failure,
    missing: () => 0
  }
}

const cut = new LMError.Truncated({
  description: "the connection closed before the provider said that the answer was over"
})

const notJson = (text: string): LMError.Reason =>
  new LMError.InvalidResponse({ description: `the provider sent what is neither JSON nor an event: ${excerpt(text)}` })

const tooLarge = (limit: "line" | "event" | "reply", limits: SizeLimits): LMError.Reason =>
  new LMError.InvalidResponse({
    description: `the provider's answer is larger than ${limits[limit]} ${
      limit === "reply" ? "bytes" : "characters"
    }, which is the limit (limits.${limit})`
  })
