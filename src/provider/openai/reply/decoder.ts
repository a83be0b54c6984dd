/**
 * The body of a chat completion, turned into events as its bytes arrive.
 *
 * What the body is shows in its first character, not in its content type, which gateways get wrong. A brace or a bracket
 * begins JSON: one whole completion, or chunks one after the other. Anything else is a stream of events. So a streamed and
 * a whole response are read by one decoder.
 *
 * A body may end anywhere. What it ends in the middle of counts for nothing: it is the cut that it is, and no cut at all
 * where everything that was asked for had been finished before.
 */
import * as Result from "effect/Result"
import * as LMError from "../../../lm/LMError.ts"
import type { LMEvent } from "../../../lm/LMEvent.ts"
import { JsonExtent } from "../../../text/json/extent.ts"
import { asString, isRecord, parse, TooDeep } from "../../../text/json/values.ts"
import { excerpt } from "../../internal/excerpt.ts"
import * as Sse from "../../internal/sse.ts"
import type { Decoder } from "../../Protocol.ts"
import * as SizeLimits from "../../SizeLimits.ts"
import * as ProviderError from "../errors/reason.ts"
import * as FinishReasons from "./finishReasons.ts"
import * as ChatMessage from "./message.ts"
import * as ChatStream from "./stream.ts"
import * as TextTemplate from "./text/template.ts"

export interface Options extends ChatStream.Options {
  /** `SizeLimits.defaults` if left out. */
  readonly limits?: SizeLimits.SizeLimits | undefined
}

export const make = (options: Options): Decoder => {
  const limits = options.limits ?? SizeLimits.defaults
  let utf8: TextDecoder | undefined
  /** How the lines of a stream are read, and its chunks that are nothing but text: a body that comes whole needs neither. */
  let lines: Sse.SseReader | undefined
  const sse = () => lines ??= Sse.make(limits)
  let texts: TextTemplate.TextTemplate | undefined
  const chat = ChatStream.make(options)
  let kind: "unknown" | "events" | "json" | "page" = "unknown"
  let received = 0
  /** The beginning of a body that may be no answer at all: its text, or its first JSON value. */
  let beginning = ""
  /** The JSON value that has not ended, and how many have. */
  let extent: JsonExtent | undefined
  let open: Array<string> = []
  let values = 0
  /** Whether the one value is a whole completion, so that the body may end with it. */
  let whole = false
  /** Whether a chunk could not be read. */
  let broken = false
  let over = false
  let failure: LMError.Reason | undefined

  const finish = (reason: LMError.Reason | undefined) => {
    over = true
    failure = reason
  }

  const fail = (reason: LMError.Reason, events: Array<LMEvent>) => {
    chat.flush(events)
    finish(reason)
  }

  const tooLarge = (limit: keyof SizeLimits.SizeLimits, what: string, events: Array<LMEvent>) =>
    fail(
      new LMError.InvalidResponse({
        description:
          `${what} is larger than ${limits[limit]} ${limit === "reply" ? "bytes" : "characters"}, which is the ` +
          `limit (limits.${limit})`
      }),
      events
    )

  /** What a chunk says. */
  const pushChunk = (chunk: unknown, events: Array<LMEvent>) => {
    if (typeof chunk === "string" && chunk.trim() === done) return finish(chat.end(events))
    const reason = chat.push(chunk, events)
    if (reason !== undefined) return fail(reason, events)
    if (chat.concluded()) finish(chat.end(events))
  }

  const pushUnreadable = (text: string, why: unknown, events: Array<LMEvent>) => {
    broken = true
    const reason = chat.broken(
      why instanceof TooDeep
        ? new LMError.InvalidResponse({
          description: `the provider sent JSON that is nested too deep: ${excerpt(text)}`
        })
        : notJson(text)
    )
    if (reason !== undefined) fail(reason, events)
  }

  /** `cut` where the body has ended, perhaps in the middle of the last event. */
  const pushEvents = (received: ReadonlyArray<Sse.SseEvent>, events: Array<LMEvent>, cut = false) => {
    const template = texts ??= TextTemplate.make()
    for (const { data, event, stray } of received) {
      if (over) return
      if (stray !== undefined) chat.stray(stray)
      if (data.length < 16 && data.trim() === done) return finish(chat.end(events))
      if (event !== "" && event !== "message") {
        if (Sse.failures.has(event.toLowerCase())) {
          return fail(ProviderError.fromPayload(Result.getOrElse(parse(data), () => data)), events)
        }
        if (alive.has(event)) continue
      }
      const text = broken ? undefined : template.read(data)
      if (text !== undefined) {
        chat.pushText(template.index(), text, events, template.plain())
        continue
      }
      const chunk = parse(data)
      if (Result.isFailure(chunk)) {
        if (!cut || !mayBegin.test(data)) pushUnreadable(data, chunk.failure, events)
        continue
      }
      const chunks: ReadonlyArray<unknown> = Array.isArray(chunk.success) ? chunk.success : [chunk.success]
      for (const each of chunks) if (!over) pushChunk(each, events)
      if (!over) template.learn(data, chunk.success)
    }
    const breach = lines?.breach()
    if (breach !== undefined && !over) {
      tooLarge(breach, `${breach === "line" ? "a line" : "an event"} of the provider's answer`, events)
    }
  }

  /** A JSON value of a body that is JSON. The first one may be the whole completion. */
  const pushValue = (text: string, events: Array<LMEvent>) => {
    values++
    if (text === done) return finish(chat.end(events))
    const value = parse(text)
    if (Result.isFailure(value)) return pushUnreadable(text, value.failure, events)
    const chunks: ReadonlyArray<unknown> = Array.isArray(value.success) ? value.success : [value.success]
    for (const chunk of chunks) if (!over) pushChunk(chunk, events)
    if (values > 1) return
    whole = chunks.some(isCompletion)
    if (!over && whole && chunks.every(isEnded)) finish(chat.end(events))
    beginning = text.slice(0, longest)
  }

  const pushJson = (text: string, events: Array<LMEvent>) => {
    for (let from = 0; from < text.length;) {
      if (extent === undefined) {
        while (from < text.length && isBetween(text.charCodeAt(from))) from++
        if (from === text.length) return
        whole = false
        const first = text.charAt(from)
        if (first !== "{" && first !== "[") {
          kind = "events"
          return pushEvents(sse().push(text.slice(from)), events)
        }
        extent = new JsonExtent()
      }
      const end = extent.push(text, from)
      if (end === -1) {
        open.push(text.slice(from))
        return
      }
      let value = text.slice(from, end)
      if (open.length > 0) {
        value = open.join("") + value
        open = []
      }
      extent = undefined
      from = end
      pushValue(value, events)
      if (over) return
    }
  }

  const pushText = (text: string): ReadonlyArray<LMEvent> => {
    const events: Array<LMEvent> = []
    if (over) return events
    if (kind === "unknown") {
      const first = firstCharacter(text)
      if (first !== "") kind = first === "{" || first === "[" ? "json" : first === "<" ? "page" : "events"
    }
    if (kind === "json") pushJson(text, events)
    else if (kind === "page") {
      beginning += text.slice(0, longest)
      if (beginning.length >= enoughOfPage) finish(page())
    } else {
      pushEvents(sse().push(text), events)
      if (!sse().recognized() && beginning.length < longest) beginning += text.slice(0, longest)
    }
    return events
  }

  const page = () =>
    new LMError.InvalidResponse({ description: `${html}. It begins with ${excerpt(beginning.trimStart())}` })

  /** Why a body is no answer that ended before all of it was there; `undefined` if it was simply cut. */
  const noAnswer = (): LMError.Reason | undefined => {
    if (kind === "page") return page()
    if (kind === "json" && extent !== undefined) {
      const text = open.join("")
      return isJson(text) ? undefined : notJson(text)
    }
    if (chat.begun()) return undefined
    const text = beginning.trim()
    if (values > 0) {
      return new LMError.InvalidResponse({ description: `the provider's answer holds no completion: ${excerpt(text)}` })
    }
    const stray = lines?.strayed()
    if (stray !== undefined) {
      return new LMError.InvalidResponse({
        description: `the provider's answer is neither JSON nor a stream of events: ${excerpt(text || stray)}`
      })
    }
    return chat.foreign()
  }

  return {
    push: (bytes) => {
      utf8 ??= new TextDecoder()
      const left = limits.reply - received
      received += bytes.length
      if (bytes.length <= left || over) return pushText(utf8.decode(bytes, { stream: true }))
      const events = [...pushText(utf8.decode(bytes.subarray(0, left), { stream: true }))]
      if (!over) tooLarge("reply", "the provider's answer", events)
      return events
    },
    pushText,
    end: (cause) => {
      const events = [...pushText(utf8?.decode() ?? "")]
      if (over) return events
      if (kind !== "json" && lines !== undefined) pushEvents(lines.end(), events, true)
      if (over) return events
      // A connection that breaks after the provider has said that all is over breaks nothing.
      if (chat.finished() || whole) finish(chat.end(events))
      else if (cause !== undefined && kind !== "page") fail(cause, events)
      else {
        const reason = noAnswer()
        fail(reason ?? truncated, events)
      }
      return events
    },
    finished: () =>
      chat.finished() || whole || kind === "page" || (kind === "json" && extent === undefined && !chat.begun()),
    over: () => over,
    failure: () => failure,
    missing: chat.missing
  }
}

const done = "[DONE]"

/** Names of events that say nothing but that the server is there. */
const alive: ReadonlySet<string> = new Set(["ping", "heartbeat", "keepalive", "keep-alive"])

/** The beginning of a chunk, or of the announced end, that the end of the body has cut off. */
const mayBegin = /^\s*(?:[[{"n]|$)/

/** How much is kept of a body that may be no stream: more than an excerpt of it shows. */
const longest = 40_000

/** How much of a page says what it is. */
const enoughOfPage = 500

const firstCharacter = (text: string): string => {
  let at = 0
  while (at < text.length && text.charCodeAt(at) <= 32) at++
  return text.charAt(at)
}

/** White space and commas are between the values of a body that holds several. */
const isBetween = (code: number): boolean => code <= 32 || code === 44

/** Whether the value is a completion that came whole. */
const isCompletion = (value: unknown): boolean =>
  isRecord(value) && Array.isArray(value["choices"]) && !asString(value["object"]).endsWith(".chunk") &&
  value["choices"].some((choice) =>
    isRecord(choice) &&
    (isRecord(choice["message"]) || typeof choice["message"] === "string" ||
      (ChatMessage.ofText(choice) !== undefined && FinishReasons.ofChoice(choice) !== undefined))
  )

/** Whether each of its choices says how it ended. */
const isEnded = (value: unknown): boolean =>
  isRecord(value) && Array.isArray(value["choices"]) &&
  value["choices"].every((choice) => isRecord(choice) && FinishReasons.ofChoice(choice) !== undefined)

/** Whether text that was cut may have been JSON. */
const isJson = (text: string): boolean => !/^\{\s*[^"}\s]/.test(text)

const notJson = (text: string): LMError.Reason =>
  new LMError.InvalidResponse({ description: `the provider sent what is not JSON: ${excerpt(text)}` })

const truncated = new LMError.Truncated({
  description: "the connection closed before the provider said that the answer was over"
})

const html = "the server answered with a web page, not with a completion: check the base URL (most end in /v1)"
