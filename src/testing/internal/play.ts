/**
 * How a script is played: its replies as they arrive, and what is said of those that nobody asked for.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as LMError from "../../lm/LMError.ts"
import type { LMEvent } from "../../lm/LMEvent.ts"
import { type LMRequest, textOf } from "../../lm/LMRequest.ts"
import type { Reply, When } from "../ScriptedLM.ts"

// Guards

export const isWhen = (entry: Reply | When | string): entry is When => typeof entry === "object" && "when" in entry

// Playing

/** The events of a reply as a consumer asks for them. `onLeave` is called where it goes before the end. */
export const play = (reply: Reply, model: string, onLeave: () => void): Stream.Stream<LMEvent, LMError.LMError> =>
  Stream.suspend(() => {
    let next = 0
    let over = false
    const end = Effect.suspend((): Effect.Effect<never, LMError.LMError | Cause.Done> => {
      if (reply.end._tag === "Hang") return Effect.never
      over = true
      if (reply.end._tag === "Close") return Cause.done()
      const { error } = reply.end
      return Effect.fail(error._tag === "LMError" ? error : new LMError.LMError({ model, reason: error }))
    })
    const pull: Effect.Effect<NonEmptyReadonlyArray<LMEvent>, LMError.LMError | Cause.Done> = Effect.suspend(() => {
      const read = reply.reads[next++]
      if (read === undefined) return end
      const send = Effect.suspend(() => {
        read.onSend()
        return isNonEmpty(read.events) ? Effect.succeed(read.events) : pull
      })
      return Duration.isZero(read.delay) ? send : Effect.delay(send, read.delay)
    })
    return Stream.ensuring(
      Stream.fromPull(Effect.succeed(pull)),
      Effect.sync(() => {
        if (!over) onLeave()
      })
    )
  })

// Words

/** What is said of a call that the script does not expect. `lastText` is the last reply that was given as a text. */
export const describeUnexpected = (
  request: LMRequest,
  calls: number,
  left: number,
  lastText: string | undefined
): string => {
  const last = request.messages.at(-1)
  const asked = last === undefined ? "no messages" : `the last message (${last.role}):\n${textOf(last)}`
  const why = left === 0 ? "the script has no reply left" : `none of the ${left} replies left is for this request`
  // A text that is no whole reply in the adapter's form has the program ask again, so the last text is shown.
  const form = lastText === undefined ?
    "" :
    ` The reply ${quote(lastText)} was given as it is: ScriptedLM.chat({ answer: ` +
    "\"Paris\" }) writes fields as the Chat adapter reads them, ScriptedLM.json and ScriptedLM.xml as the others do."
  return `ScriptedLM: call ${calls} was not expected: ${why}.${form} The request has ${asked}`
}

/** An entry of a script in words. */
export const describe = (entry: Reply | When | string): string => {
  if (typeof entry === "string") return quote(entry)
  if (isWhen(entry)) return `the conditional reply ${describe(entry.reply)}`
  const said = entry.reads.flatMap(({ events }) => events)
  const written = said.map((event) => event._tag === "TextDelta" ? event.text : "").join("")
  return written === "" ? `a reply without text (${entry.end._tag})` : quote(written)
}

// Details

const quote = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text)

const isNonEmpty = (events: ReadonlyArray<LMEvent>): events is NonEmptyReadonlyArray<LMEvent> => events.length > 0
