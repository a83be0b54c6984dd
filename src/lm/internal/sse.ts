/**
 * Server-sent events, read as their text arrives.
 *
 * A plain state machine over strings: it scans each piece of text once, whatever the split, so a line of any length
 * costs its length. Lines end in LF, CRLF or CR; a line or an event that the end of the stream leaves open still counts.
 */

/** One event that has data. `event` is empty where the server named none. */
export interface SseEvent {
  readonly event: string
  readonly data: string
}

/** Reads one stream of events. */
export interface SseReader {
  /** Takes the next text; returns the events that it ends. */
  readonly push: (text: string) => ReadonlyArray<SseEvent>
  /** The stream is over; returns the event that was still open, if any. */
  readonly end: () => ReadonlyArray<SseEvent>
}

export const make = (): SseReader => {
  /** The pieces of a line that has not ended: joined once, when it does. */
  let open: Array<string> = []
  /** Whether the text so far ends in CR: an LF that follows belongs to it. */
  let afterCR = false
  let event = ""
  let data: string | undefined
  let events: Array<SseEvent> = []

  const dispatch = () => {
    if (data !== undefined && data !== "") events.push({ event, data })
    event = ""
    data = undefined
  }

  const line = (text: string, start: number, end: number) => {
    if (start === end) return dispatch()
    if (text.startsWith("data:", start)) {
      const value = fieldValue(text, start + 5, end)
      data = data === undefined ? value : `${data}\n${value}`
    } else if (text.startsWith("event:", start)) {
      event = fieldValue(text, start + 6, end)
    } else if (text.startsWith("error:", start)) {
      // Not in the standard: llama.cpp servers reported errors so before they sent them as data.
      event = "error"
      data = fieldValue(text, start + 6, end)
    }
    // Comments (which begin with a colon), ids, retry times and unknown fields say nothing of the reply.
  }

  const endLine = (text: string, start: number, end: number) => {
    if (open.length === 0) return line(text, start, end)
    open.push(text.slice(start, end))
    const whole = open.join("")
    open = []
    line(whole, 0, whole.length)
  }

  const take = (): ReadonlyArray<SseEvent> => {
    const taken = events
    events = []
    return taken
  }

  return {
    push: (text) => {
      if (text === "") return []
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
        if (lf !== -1 && lf < from) lf = text.indexOf("\n", from)
      }
      if (from < text.length) open.push(text.slice(from))
      return take()
    },
    end: () => {
      if (open.length > 0) endLine("", 0, 0)
      dispatch()
      return take()
    }
  }
}

const LF = 10
const space = 32

/** The value of a field: at most one space before it is not part of it. */
const fieldValue = (text: string, start: number, end: number): string =>
  text.slice(start < end && text.charCodeAt(start) === space ? start + 1 : start, end)
