/**
 * Server-sent events, read as their text arrives.
 *
 * A plain state machine over strings: it scans each piece of text once, whatever the split, so a line of any length
 * costs its length. Lines end in LF, CRLF or CR; a line or an event that the end of the stream leaves open still counts.
 *
 * The parser of Effect (`effect/encoding/Sse`) keeps to the standard. This one reads what servers send beside it, says which line
 * belongs into no stream of events, and limits lines as well as events.
 *
 * Two things that are not in the standard are read too, because servers send them. Events that hold JSON need no blank
 * line between them: an event whose JSON is whole ends where the next one begins. And a line that begins with a brace
 * begins an event, though no `data:` stands before it: the lines up to the end of its JSON belong to it.
 */
import { JsonExtent } from "../../text/json/extent.ts"
import { excerpt } from "./excerpt.ts"

/** One event that has data, or a name that says that something broke. `event` is empty where the server named none. */
export interface SseEvent {
  readonly event: string
  readonly data: string
  /** The first line before it that belongs into no stream of events, as gateways write one when they break off. */
  readonly stray?: string
}

/** Names of events that say that something broke, in small letters. */
export const failures: ReadonlySet<string> = new Set(["error", "failed", "failure", "exception"])

/** Reads one stream of events. */
export interface SseReader {
  /** Takes the next text; returns the events that it ends. */
  readonly push: (text: string) => ReadonlyArray<SseEvent>
  /** The stream is over; returns the event that was still open, if any. */
  readonly end: () => ReadonlyArray<SseEvent>
  /** Whether any line so far is one that only a stream of events has. */
  readonly recognized: () => boolean
  /** The first line that belongs into no stream of events, if there is one. */
  readonly strayed: () => string | undefined
  /** Which limit the stream has passed; nothing more is read then. */
  readonly breach: () => "line" | "event" | undefined
}

/** The longest line, and the most data of one event, in characters. */
export interface Options {
  readonly line: number
  readonly event: number
}

export const make = (limits: Options = { line: Infinity, event: Infinity }): SseReader => {
  /** The pieces of a line that has not ended: joined once, when it does. */
  let open: Array<string> = []
  let openLength = 0
  /** Whether the text so far ends in CR: an LF that follows belongs to it. */
  let afterCR = false
  let event = ""
  /** The data of the event: its first line, then the others. */
  let data: string | undefined
  let rest: Array<string> | undefined
  let size = 0
  /** Whether the event is JSON without `data:` before its lines. */
  let bare = false
  /** Where the JSON of the data ends, followed once there is more than one line. */
  let extent: JsonExtent | undefined
  let events: Array<SseEvent> = []
  let recognized = false
  /** The first line that belongs into no stream of events, and the first such line that no event has brought along yet. */
  let strayed: string | undefined
  let stray: string | undefined
  let breach: "line" | "event" | undefined

  const say = (data: string) => {
    events.push(stray === undefined ? { event, data } : { event, data, stray })
    stray = undefined
  }

  const dispatchData = () => {
    const text = data === undefined || rest === undefined ? data : `${data}\n${rest.join("\n")}`
    if (text !== undefined && text !== "") say(text)
    else if (event !== "" && failures.has(event.toLowerCase())) say("")
    data = undefined
    rest = undefined
    extent = undefined
    size = 0
    bare = false
  }

  const dispatch = () => {
    if (data !== undefined || event !== "") dispatchData()
    event = ""
  }

  /** Ends an event that is whole JSON, where another begins without a blank line. */
  const dispatchWhole = () => {
    if (data === undefined) return
    if (extent === undefined) {
      extent = new JsonExtent()
      extent.push(data)
    }
    if (extent.whole()) dispatchData()
  }

  const addData = (value: string) => {
    if (data !== undefined) dispatchWhole()
    size += value.length
    if (size > limits.event) {
      breach = "event"
    } else if (data === undefined) {
      data = value
    } else {
      addLine(value)
    }
  }

  const addLine = (value: string) => {
    rest ??= []
    rest.push(value)
    extent?.push(value)
  }

  const line = (text: string, start: number, end: number) => {
    if (start === end) return dispatch()
    if (bare) {
      addData(text.slice(start, end))
      dispatchWhole()
      return
    }
    if (text.startsWith("data:", start)) {
      recognized = true
      addData(fieldValue(text, start + 5, end))
      return
    }
    const first = text.charCodeAt(start)
    if (first === brace) {
      recognized = true
      dispatchWhole()
      event = ""
      addData(text.slice(start, end))
      bare = true
      dispatchWhole()
    } else if (text.startsWith("event:", start)) {
      recognized = true
      dispatchWhole()
      event = fieldValue(text, start + 6, end)
    } else if (text.startsWith("error:", start) && (recognized || /^ ?\{/.test(text.slice(start + 6, start + 8)))) {
      // Not in the standard: llama.cpp servers reported errors so before they sent them as data.
      recognized = true
      dispatchWhole()
      event = "error"
      addData(fieldValue(text, start + 6, end))
    } else if (first === colon) {
      // A comment.
      recognized = true
    } else if (!isSilent(text, start, end)) {
      dispatchWhole()
      const said = text.slice(start, end)
      if (said.trim() === done) return say(done)
      const at = said.search(/data: ?[[{]/)
      const strange = at === -1 ? said : said.slice(0, at)
      if (/[^\0\s]/.test(strange)) {
        stray ??= excerpt(strange)
        strayed ??= stray
      }
      // Something was written before an event, and no line end behind it.
      if (at !== -1) addData(fieldValue(said, at + 5, said.length))
    }
  }

  const endLine = (text: string, start: number, end: number) => {
    if (openLength + end - start > limits.line) {
      breach = "line"
      return
    }
    if (open.length === 0) return line(text, start, end)
    open.push(text.slice(start, end))
    const whole = open.join("")
    open = []
    openLength = 0
    line(whole, 0, whole.length)
  }

  const take = (): ReadonlyArray<SseEvent> => {
    const taken = events
    events = []
    return taken
  }

  return {
    push: (text) => {
      if (text === "" || breach !== undefined) return []
      let from = afterCR && text.charCodeAt(0) === LF ? 1 : 0
      afterCR = false
      let lf = text.indexOf("\n", from)
      let cr = text.indexOf("\r", from)
      while (lf !== -1 || cr !== -1) {
        if (cr === -1 || (lf !== -1 && lf < cr)) {
          endLine(text, from, lf)
          from = lf + 1
        } else {
          endLine(text, from, cr)
          from = lf === cr + 1 ? cr + 2 : cr + 1
          afterCR = from === text.length && lf === -1
          cr = text.indexOf("\r", from)
        }
        if (breach !== undefined) return take()
        if (lf !== -1 && lf < from) lf = text.indexOf("\n", from)
      }
      if (from < text.length) {
        open.push(text.slice(from))
        openLength += text.length - from
        if (openLength > limits.line) breach = "line"
      }
      return take()
    },
    end: () => {
      if (breach !== undefined) return []
      // A line that the end has cut off may have become a field.
      const last = open.join("")
      if (last !== "" && !fields.some((field) => field.length > last.length && field.startsWith(last))) {
        endLine("", 0, 0)
      }
      dispatch()
      return take()
    },
    recognized: () => recognized,
    strayed: () => strayed,
    breach: () => breach
  }
}

/** What ends a stream, which some servers write without `data:`. */
const done = "[DONE]"

const fields = ["data:", "event:", "id:", "retry:", "error:"]

/** Ids, retry times, fields without a value and lines of white space say nothing of the reply. */
const isSilent = (text: string, start: number, end: number): boolean => {
  if (text.startsWith("id:", start)) return true
  const said = text.slice(start, end).trim()
  return said === "" || (said.length < 32 && /^(?:retry: *\d*|id|data|event|retry|error)$/.test(said))
}

const LF = 10
const space = 32
const colon = 58
const brace = 123

/** The value of a field: at most one space before it is not part of it. */
const fieldValue = (text: string, start: number, end: number): string =>
  text.slice(start < end && text.charCodeAt(start) === space ? start + 1 : start, end)
