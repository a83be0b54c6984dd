/**
 * One reply while it arrives: its completions' decoders, and what they understood as run events.
 */
import * as Result from "effect/Result"
import type * as Adapter from "../../adapter/Adapter.ts"
import { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import * as PartialJson from "../../adapter/PartialJson.ts"
import { InvalidResponse, LMError } from "../../lm/LMError.ts"
import type { LMEvent, ToolCallDelta } from "../../lm/LMEvent.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import type { Call } from "../../run/Call.ts"
import type { Interest } from "../../run/Observer.ts"
import type { RunEvent } from "../../run/RunEvent.ts"
import type * as Signature from "../../signature/Signature.ts"

type Fields = Readonly<Record<string, unknown>>

export interface Reply {
  /** Feeds what one network read brought. */
  readonly push: (events: ReadonlyArray<LMEvent>) => ReadonlyArray<RunEvent>
  /** Reads the whole reply: the fields of each completion that is complete and can be read, the first error if there is none. */
  readonly end: (response: LMResponse.LMResponse) => {
    readonly events: ReadonlyArray<RunEvent>
    readonly result: Result.Result<ReadonlyArray<Fields>, LMError | AdapterParseError>
  }
  /** Closes the fields that were begun; `partial` is their text so far, of the first completion. */
  readonly abort: () => { readonly events: ReadonlyArray<RunEvent>; readonly partial: Readonly<Record<string, string>> }
  /** The fields of which something was shown. */
  readonly shown: () => ReadonlyArray<string>
}

interface Reader {
  readonly decoder: Adapter.FieldDecoder
  /** The tool calls that were begun, by their place: ids and names may come in the first piece only. */
  readonly calls: Map<number, { id: string; name: string }>
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
  const shown = new Set<string>()

  const reader = (index: number): Reader => {
    let known = readers.get(index)
    if (known === undefined) {
      known = { decoder: adapter.decoder(signature), calls: new Map(), partials: new Map() }
      readers.set(index, known)
    }
    return known
  }

  const tell = (out: Array<RunEvent>, index: number, from: Reader, parts: ReadonlyArray<Adapter.FieldPart>): void => {
    for (const { field, isLast, text } of parts) {
      if (interest.text(field)) {
        shown.add(field)
        out.push({ _tag: "FieldDelta", sequence: call.run.nextSequence(), call, attempt, index, field, text, isLast })
      }
      if (interest.partial(field)) {
        const value = partialValue(from, field, text, isLast)
        if (value !== undefined || isLast) {
          shown.add(field)
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
    if (!interest.toolCalls) return
    const { calls } = reader(index)
    const known = calls.get(place) ?? { id: "", name: "" }
    calls.set(place, { id: id || known.id, name: name || known.name })
    out.push({
      _tag: "ToolCallDelta",
      sequence: call.run.nextSequence(),
      call,
      attempt,
      index,
      toolCallId: id || known.id || LMResponse.idOfCall(index, place),
      toolName: name || known.name,
      argumentsDelta
    })
  }

  const abort = (out: Array<RunEvent>, index: number, from: Reader): Readonly<Record<string, string>> => {
    const { partial, parts } = from.decoder.abort()
    tell(out, index, from, parts)
    return partial
  }

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
        } else if (event._tag === "ToolCallDelta") {
          tellTool(out, event)
        }
      }
      return out
    },
    end: (response) => {
      const events: Array<RunEvent> = []
      const read: Array<Fields> = []
      let failure: LMError | AdapterParseError | undefined
      for (const completion of response.completions) {
        const fed = readers.get(completion.index)
        const from = fed ?? reader(completion.index)
        // A reply that was not streamed goes through the same decoder, in one piece.
        if (fed === undefined) {
          if (completion.reasoning !== "") {
            tell(events, completion.index, from, from.decoder.pushReasoning(completion.reasoning))
          }
          if (completion.text !== "") tell(events, completion.index, from, from.decoder.push(completion.text))
          for (const [place, { arguments: argumentsDelta, id, name }] of completion.toolCalls.entries()) {
            tellTool(events, {
              _tag: "ToolCallDelta",
              index: completion.index,
              call: place,
              id,
              name,
              argumentsDelta
            })
          }
        }
        const reason = LMResponse.incomplete(completion)
        if (reason !== undefined) {
          const partial = abort(events, completion.index, from)
          failure ??= new LMError({ model: model, reason, partial })
          continue
        }
        const { parts, result } = from.decoder.end()
        tell(events, completion.index, from, parts)
        if (Result.isSuccess(result)) read.push(result.success)
        else failure ??= new AdapterParseError({ ...result.failure, predictor: call.path })
      }
      return {
        events,
        result: read.length > 0
          ? Result.succeed(read)
          : Result.fail(
            failure ?? new LMError({
              model: model,
              reason: new InvalidResponse({ description: "the response has no completion" })
            })
          )
      }
    },
    abort: () => {
      const events: Array<RunEvent> = []
      let first: Readonly<Record<string, string>> = {}
      for (const [index, from] of readers) {
        const partial = abort(events, index, from)
        if (index === 0) first = partial
      }
      return { events, partial: first }
    },
    shown: () => [...shown]
  }
}

const partialValue = (from: Reader, field: string, text: string, isLast: boolean): unknown => {
  let partial = from.partials.get(field)
  if (partial === undefined) {
    partial = PartialJson.make()
    from.partials.set(field, partial)
  }
  const value = partial.push(text)
  return isLast ? partial.end() : value
}
