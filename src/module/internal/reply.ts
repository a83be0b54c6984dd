/**
 * One reply while it arrives: its completions' decoders, and what they understood as run events.
 */
import * as Result from "effect/Result"
import type * as Adapter from "../../adapter/Adapter.ts"
import { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import * as PartialJson from "../../adapter/PartialJson.ts"
import * as CallFacts from "../../lm/CallFacts.ts"
import type * as Content from "../../lm/LMContent.ts"
import { InvalidResponse, LMError } from "../../lm/LMError.ts"
import { isNotice, type LMEvent, type ToolCallDelta } from "../../lm/LMEvent.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import type { Call } from "../../run/Call.ts"
import type { Interest } from "../../run/Observer.ts"
import type { RunEvent } from "../../run/RunEvent.ts"
import type * as Signature from "../../signature/Signature.ts"
import * as CallIds from "./callIds.ts"

type Fields = Readonly<Record<string, unknown>>

export interface Reply {
  /** Feeds what one network read brought. */
  readonly push: (events: ReadonlyArray<LMEvent>) => ReadonlyArray<RunEvent>
  /**
   * Reads the whole reply, once: what it is asked for again it only repeats. Gives the fields of each completion, where it is complete and can be read; the first error if none can.
   * What was shown of one that cannot be read beside others is retracted.
   */
  readonly end: (response: LMResponse.LMResponse) => {
    readonly events: ReadonlyArray<RunEvent>
    readonly result: Result.Result<ReadonlyArray<Fields | undefined>, LMError | AdapterParseError>
  }
  /** Reads no further: the text so far of the fields of the first completion. */
  readonly abort: () => Readonly<Record<string, string>>
  /** Ends the fields that were begun, because it reads no further. */
  readonly close: () => ReadonlyArray<RunEvent>
  /** The fields of which something was shown, and that stand. */
  readonly shown: () => ReadonlyArray<string>
  /** What a completion holds, once the reply was read to its end: its tool calls have the ids that the events have. */
  readonly content: (index: number) => ReadonlyArray<Content.Said>
  /** The latest attempt: the one that was begun with the request, or a later one where the reply has begun anew. */
  readonly attempt: () => number
}

interface Reader {
  decoder: Adapter.FieldDecoder
  attempt: number
  /** The fields of which something was shown. */
  readonly shown: Set<string>
  /** What the reply had come to when it was left. */
  aborted: Adapter.AbortedReply | undefined
  /** The tool calls that were begun, by their place: names may come in the first piece only, and ids are ours. */
  readonly calls: Map<number, { readonly id: string; name: string }>
  /** What the whole completion holds. */
  content: ReadonlyArray<Content.Said>
  readonly partials: Map<string, PartialJson.PartialJson>
}

/** A reply to one attempt of a predictor call. */
export const make = (
  adapter: Adapter.Adapter,
  signature: Signature.Any,
  call: Call,
  model: string,
  attempt: number,
  interest: Interest
): Reply => {
  const readers = new Map<number, Reader>()
  /** How often all of the reply has begun anew, and what the attempt before has failed of. */
  let restarts = 0
  let failed: LMError | undefined

  const reader = (index: number): Reader => {
    let known = readers.get(index)
    if (known === undefined) {
      known = {
        decoder: adapter.decoder(signature),
        attempt: attempt + restarts,
        shown: new Set(),
        aborted: undefined,
        calls: new Map(),
        content: [],
        partials: new Map()
      }
      readers.set(index, known)
    }
    return known
  }

  /** The reply begins anew, because of this: what it has shown before does not count. */
  const takeBack = (
    out: Array<RunEvent>,
    index: number,
    from: Reader,
    error: AdapterParseError | LMError = begunAnew(adapter, signature)
  ): void => {
    const fields = [...from.shown]
    from.shown.clear()
    from.partials.clear()
    if (fields.length > 0) {
      out.push({
        _tag: "Retraction",
        sequence: call.run.nextSequence(),
        call,
        attempt: from.attempt,
        ...(readers.size === 1 ? {} : { index }),
        fields,
        error
      })
    }
    from.attempt++
  }

  /** All that was said is void: the fields that are open end, and what is said next is read from its start. */
  const restart = (out: Array<RunEvent>): void => {
    if (readers.size === 0) return
    restarts++
    for (const [index, from] of readers) {
      tell(out, index, from, from.decoder.abort().parts)
      takeBack(out, index, from, failed)
      from.decoder = adapter.decoder(signature)
      from.calls.clear()
    }
  }

  const tell = (out: Array<RunEvent>, index: number, from: Reader, parts: ReadonlyArray<Adapter.FieldPart>): void => {
    for (const { anew, field, isLast, isNull, soFar, text } of parts) {
      if (anew === true) takeBack(out, index, from)
      const { attempt } = from
      if (interest.text(field)) {
        from.shown.add(field)
        out.push({ _tag: "FieldDelta", sequence: call.run.nextSequence(), call, attempt, index, field, text, isLast })
      }
      if (interest.partial(field)) {
        const value = isNull === true
          ? null
          : soFar === undefined
          ? partialValue(from, signature, field, text, isLast)
          : soFar.snapshot(isLast)
        if (value !== undefined || isLast) {
          from.shown.add(field)
          out.push({
            _tag: "PartialValue",
            sequence: call.run.nextSequence(),
            call,
            attempt,
            index,
            field,
            value,
            isLast
          })
        }
      }
    }
  }

  const tellTool = (out: Array<RunEvent>, { argumentsDelta, call: place, id, index, name }: ToolCallDelta): void => {
    const { calls } = reader(index)
    let known = calls.get(place)
    if (known === undefined) {
      known = { id: CallIds.claim(CallIds.conversationOf(call), id || LMResponse.idOfCall(index, place)), name }
      calls.set(place, known)
    }
    known.name = name || known.name
    if (!interest.toolCalls) return
    out.push({
      _tag: "ToolCallDelta",
      sequence: call.run.nextSequence(),
      call,
      attempt: reader(index).attempt,
      index,
      toolCallId: known.id,
      toolName: known.name,
      argumentsDelta
    })
  }

  const abort = (from: Reader): Adapter.AbortedReply => from.aborted ??= from.decoder.abort()

  const readWhole = (response: LMResponse.LMResponse): ReturnType<Reply["end"]> => {
    const events: Array<RunEvent> = []
    const read: Array<Fields | undefined> = []
    const failures = new Map<number, LMError | AdapterParseError>()
    for (const completion of response.completions) {
      const fed = readers.get(completion.index)
      const from = fed ?? reader(completion.index)
      // A reply that was not streamed goes through the same decoder, in one piece.
      if (fed === undefined) {
        const reasoning = LMResponse.reasoningOf(completion)
        const text = LMResponse.textOf(completion)
        if (reasoning !== "") tell(events, completion.index, from, from.decoder.pushReasoning(reasoning))
        if (text !== "") tell(events, completion.index, from, from.decoder.push(text))
        for (const [place, { arguments: argumentsDelta, id, name }] of LMResponse.toolCallsOf(completion).entries()) {
          tellTool(events, { _tag: "ToolCallDelta", index: completion.index, call: place, id, name, argumentsDelta })
        }
      }
      const ids = Array.from(from.calls.values(), ({ id }) => id).values()
      from.content = completion.content.map((part) =>
        part._tag === "ToolCall" ? { ...part, id: ids.next().value ?? part.id } : part
      )
      const reason = LMResponse.incomplete(completion)
      if (reason !== undefined) {
        const { partial, parts } = abort(from)
        tell(events, completion.index, from, parts)
        failures.set(completion.index, new LMError({ model, reason, partial }))
        read.push(undefined)
        continue
      }
      const { parts, result } = from.decoder.end()
      tell(events, completion.index, from, parts)
      read.push(Result.getOrUndefined(result))
      if (Result.isFailure(result)) {
        failures.set(
          completion.index,
          CallFacts.add(result.failure, { predictor: call.path, module: call.name })
        )
      }
    }
    if (failures.size === read.length) {
      const [
        failure = new LMError({
          model,
          reason: new InvalidResponse({ description: "the response has no completion" })
        })
      ] = failures.values()
      return { events, result: Result.fail(failure) }
    }
    for (const [index, error] of failures) {
      const fields = [...reader(index).shown]
      if (fields.length === 0) continue
      events.push({
        _tag: "Retraction",
        sequence: call.run.nextSequence(),
        call,
        attempt: reader(index).attempt,
        index,
        fields,
        error
      })
    }
    return { events, result: Result.succeed(read) }
  }

  let ended: ReturnType<Reply["end"]> | undefined

  return {
    push: (events) => {
      const out: Array<RunEvent> = []
      for (const event of events) {
        if (event._tag === "TextDelta") {
          const from = reader(event.index)
          tell(out, event.index, from, from.decoder.push(event.text))
        } else if (event._tag === "ReasoningDelta") {
          const from = reader(event.index)
          tell(out, event.index, from, from.decoder.pushReasoning(event.text))
        } else if (event._tag === "ThoughtEnd") {
          const from = reader(event.index)
          tell(out, event.index, from, from.decoder.restart())
        } else if (event._tag === "ToolCallDelta") {
          tellTool(out, event)
        } else if (isNotice(event)) {
          failed = event.error
        } else if (event._tag === "Restart") {
          restart(out)
        }
      }
      return out
    },
    end: (response) => {
      if (ended !== undefined) return { events: [], result: ended.result }
      return ended = readWhole(response)
    },
    abort: () => {
      for (const from of readers.values()) abort(from)
      return readers.get(0)?.aborted?.partial ?? {}
    },
    close: () => {
      const events: Array<RunEvent> = []
      for (const [index, from] of readers) tell(events, index, from, abort(from).parts)
      return events
    },
    shown: () => {
      const all = new Set<string>()
      for (const { shown } of readers.values()) for (const field of shown) all.add(field)
      return [...all]
    },
    content: (index) => readers.get(index)?.content ?? [],
    attempt: () => Math.max(attempt + restarts, ...Array.from(readers.values(), (reader) => reader.attempt))
  }
}

const begunAnew = (adapter: Adapter.Adapter, signature: Signature.Any): AdapterParseError =>
  new AdapterParseError({
    adapter: adapter.name,
    signature: String(signature),
    reply: "",
    parsed: {},
    missing: [],
    issues: [{ path: [], message: "the reply takes back what it had begun, and begins anew" }]
  })

const partialValue = (
  from: Reader,
  signature: Signature.Any,
  field: string,
  text: string,
  isLast: boolean
): unknown => {
  let partial = from.partials.get(field)
  if (partial === undefined) {
    partial = isString(signature, field) ? stringSoFar() : PartialJson.make()
    from.partials.set(field, partial)
  }
  const value = partial.push(text)
  return isLast ? partial.end() : value
}

/** Whether a field's text is its value, which is a string where it is not null. */
const isString = (signature: Signature.Any, name: string): boolean => {
  const field = signature.outputFields.find((field) => field.name === name)
  return field?.kind === "text" || field?.literals?.every((literal) => typeof literal === "string") === true
}

const stringSoFar = (): PartialJson.PartialJson => {
  let text = ""
  return { push: (piece) => text += piece, end: () => text }
}
