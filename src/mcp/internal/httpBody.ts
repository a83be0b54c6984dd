/**
 * What a response of a server at a URL says: messages, as JSON or as a stream of events, or why the server refuses.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Broken, Failure } from "./failure.ts"
import { isRecord, mostCharacters, parse, type Received } from "./message.ts"

/** How far a stream of events was read. */
export interface Place {
  id: string | undefined
  /** How long the server wants us to wait before we come back. */
  retry: Duration.Duration | undefined
  /** How many events there were. */
  count: number
}

/** Reads a response to its end, and hands on the messages that are in it. */
export const read = (
  response: HttpClientResponse,
  place: Place,
  receive: (message: Received) => void
): Effect.Effect<void, Broken> => {
  const take = (text: string) => parse(text).map(receive).length
  if (!/^text\/event-stream\b/i.test(response.headers["content-type"]?.trim() ?? "")) {
    return Effect.flatMap(bodyOf(response), (text) =>
      take(text) > 0 ? Effect.void : Effect.fail<Broken>({
        _tag: "NotUnderstood",
        said: `it answers with what is no message: ${toWords(text) || (text.trim() === "" ? "nothing" : "a page")}`
      }))
  }
  const events = Sse.makeParser((event) => {
    if (event._tag === "Retry") {
      place.retry = event.duration
      place.id = event.lastEventId ?? place.id
    } else {
      place.id = event.id ?? place.id
      place.count++
      take(event.data)
    }
  }, { maxEventSize: mostCharacters })
  return response.stream.pipe(
    Stream.mapError(cut),
    Stream.decodeText(),
    Stream.runForEach((text) => {
      const error = events.feed(text)
      return error === undefined
        ? Effect.void
        : Effect.fail<Broken>({
          _tag: "NotUnderstood",
          said: `its answer is longer than ${mostCharacters} characters`
        })
    }),
    // An event that the end leaves open counts too.
    Effect.tap(() => Effect.sync(() => events.feed("\n\n")))
  )
}

/** A body as text. */
export const bodyOf = (response: HttpClientResponse): Effect.Effect<string, Broken> =>
  response.stream.pipe(
    Stream.mapError(cut),
    Stream.limitBytes(mostCharacters, () =>
      Stream.fail<Broken>({ _tag: "NotUnderstood", said: `its answer is longer than ${mostCharacters} bytes` })),
    Stream.decodeText(),
    Stream.mkString
  )

/** What a body says: the message of an error, else its text; a page for browsers says nothing. */
export const toWords = (text: string): string => {
  const [message] = parse(text)
  if (message?._tag === "Refusal") return message.message
  const json = Result.getOrUndefined(Result.try((): unknown => JSON.parse(text)))
  if (isRecord(json)) {
    const error = isRecord(json["error"]) ? json["error"]["message"] : json["error"] ?? json["message"]
    return typeof error === "string" ? error : Object.keys(json).length === 0 ? "" : text.trim().slice(0, 300)
  }
  return /^\s*</.test(text) ? "" : text.trim().slice(0, 300)
}

const cut = (cause: unknown): Broken & { readonly isCut: true } => ({
  _tag: "Unreachable",
  said: "the connection broke off before the answer",
  cause,
  isCut: true
})

/** Whether the connection broke off while a response was read. */
export const isCut = (failure: Failure): boolean => "isCut" in failure
