/**
 * The body of a chat completion, turned into events as its bytes arrive.
 *
 * What the body is shows in its first character, not in its content type, which gateways get wrong: an object is one
 * whole completion, anything else is a stream of events. So a streamed and a whole response are read by one decoder.
 */
import * as Result from "effect/Result"
import * as LMError from "../LMError.ts"
import type { LMEvent } from "../LMEvent.ts"
import * as ChatStream from "./chatStream.ts"
import { isRecord, parse } from "./json.ts"
import * as ProviderError from "./providerError.ts"
import * as Sse from "./sse.ts"
import * as TextTemplate from "./textTemplate.ts"

/** Reads one body. */
export interface ChatDecoder {
  /** Takes the bytes of one network read. */
  readonly push: (bytes: Uint8Array) => ReadonlyArray<LMEvent>
  /** Takes text that is decoded already. */
  readonly pushText: (text: string) => ReadonlyArray<LMEvent>
  /** The body is over, because of `cause` if something went wrong on the way. */
  readonly end: (cause?: LMError.Reason) => ReadonlyArray<LMEvent>
  /** Whether all that was asked for is there: what follows, if anything does, is its cost and the announced end. */
  readonly finished: () => boolean
  /** Whether nothing more is to come: the provider announced the end, or the response failed. */
  readonly over: () => boolean
  /** Why the response failed, once it has. The events before it count. */
  readonly failure: () => LMError.Reason | undefined
}

export const make = (options: ChatStream.Options): ChatDecoder => {
  let utf8: TextDecoder | undefined
  const sse = Sse.make()
  const chat = ChatStream.make(options)
  const template = TextTemplate.make()
  let kind: "unknown" | "events" | "json" = "unknown"
  const json: Array<string> = []
  let over = false
  let failure: LMError.Reason | undefined

  const finish = (reason: LMError.Reason | undefined) => {
    over = true
    failure = reason
  }

  const pushEvents = (received: ReadonlyArray<Sse.SseEvent>, events: Array<LMEvent>) => {
    for (const { data, event } of received) {
      if (data.length < 16 && data.trim() === "[DONE]") return finish(chat.end(true, events))
      if (event === "error") {
        chat.flush(events)
        return finish(ProviderError.fromPayload(Result.getOrElse(parse(data), () => data)))
      }
      const text = template.read(data)
      if (text !== undefined) {
        chat.pushText(template.index(), text, events)
        continue
      }
      const chunk = parse(data)
      const reason = Result.isSuccess(chunk) ? chat.push(chunk.success, events) : unreadable(data)
      if (Result.isSuccess(chunk)) template.learn(data, chunk.success)
      if (reason !== undefined) {
        chat.flush(events)
        return finish(reason)
      }
    }
  }

  const pushWhole = (text: string, events: Array<LMEvent>): LMError.Reason | undefined => {
    const parsed = parse(text)
    if (Result.isFailure(parsed)) return unreadable(text)
    const completion: unknown = Array.isArray(parsed.success) ? parsed.success[0] : parsed.success
    const reason = chat.push(completion, events)
    if (reason !== undefined) return reason
    return isRecord(completion) && Array.isArray(completion["choices"])
      ? chat.end(true, events)
      : new LMError.InvalidResponse({ description: `the provider's answer holds no completion: ${text}` })
  }

  const pushText = (text: string): ReadonlyArray<LMEvent> => {
    const events: Array<LMEvent> = []
    if (over) return events
    if (kind === "unknown") {
      const first = firstCharacter(text)
      if (first === "<") {
        finish(new LMError.InvalidResponse({ description: html }))
        return events
      }
      if (first !== "") kind = first === "{" || first === "[" ? "json" : "events"
    }
    if (kind === "json") json.push(text)
    else pushEvents(sse.push(text), events)
    return events
  }

  return {
    push: (bytes) => pushText((utf8 ??= new TextDecoder()).decode(bytes, { stream: true })),
    pushText,
    end: (cause) => {
      const events = [...pushText(utf8?.decode() ?? "")]
      if (over) return events
      if (kind === "json" && cause === undefined) finish(pushWhole(json.join(""), events))
      pushEvents(sse.end(), events)
      if (over) return events
      // A connection that breaks after the provider has said that all is over breaks nothing.
      const reason = chat.end(false, events)
      finish(reason?._tag === "Truncated" ? cause ?? reason : reason)
      return events
    },
    finished: () => kind === "events" && chat.finished(),
    over: () => over,
    failure: () => failure
  }
}

const firstCharacter = (text: string): string => {
  let at = 0
  while (at < text.length && text.charCodeAt(at) <= 32) at++
  return text.charAt(at)
}

const unreadable = (text: string): LMError.Reason =>
  new LMError.InvalidResponse({ description: `the provider sent what is not JSON: ${text}` })

const html = "the server answered with a web page, not with a completion: check the base URL (most end in /v1)"
