/**
 * One reply while it arrives: its completions' decoders, and what they understood as run events.
 */
import * as Result from "effect/Result"
import type * as Adapter from "../../adapter/Adapter.ts"
import { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import * as CallFacts from "../../lm/CallFacts.ts"
import type * as Content from "../../lm/LMContent.ts"
import { InvalidResponse, LMError } from "../../lm/LMError.ts"
import { type LMEvent, type ToolCallDelta } from "../../lm/LMEvent.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import type { Call } from "../../run/Call.ts"
import type { Interest } from "../../run/Observer.ts"
import type { RunEvent } from "../../run/RunEvent.ts"
import type * as Signature from "../../signature/Signature.ts"
import * as CallIds from "./callIds.ts"
import { Reader } from "./reader.ts"
import type { CallsReader } from "./toolCalls/reader.ts"

type Fields = Readonly<Record<string, unknown>>

/** A whole reply, read. */
export interface Read {
  readonly events: ReadonlyArray<RunEvent>
  /** The fields of each completion that is complete and can be read; the first error if none can. */
  readonly result: Result.Result<ReadonlyArray<Fields | undefined>, LMError | AdapterParseError>
}

/** What makes the reader of a reply. */
export interface Options {
  readonly adapter: Adapter.Adapter
  readonly signature: Signature.Any
  readonly call: Call
  readonly model: string
  readonly attempt: number
  /** What the observers of the call want of the reply. */
  readonly interest: Interest
  /** Reads the tool calls of the reply, where these are an output; nothing otherwise. */
  readonly calls?: CallsReader | undefined
}

/** A reply to one attempt of a predictor call. */
export class Reply {
  readonly #adapter: Adapter.Adapter
  readonly #signature: Signature.Any
  readonly #call: Call
  readonly #model: string
  readonly #attempt: number
  readonly #interest: Interest
  readonly #calls: CallsReader | undefined
  readonly #readers = new Map<number, Reader>()
  /** How often the whole reply has begun anew, and the error of the attempt before. */
  #restarts = 0
  #failed: LMError | undefined
  #ended: Read | undefined

  constructor({ adapter, attempt, call, calls, interest, model, signature }: Options) {
    this.#adapter = adapter
    this.#signature = signature
    this.#call = call
    this.#model = model
    this.#attempt = attempt
    this.#interest = interest
    this.#calls = calls
  }

  /** Feeds what one network read brought. */
  push(events: ReadonlyArray<LMEvent>): ReadonlyArray<RunEvent> {
    const out: Array<RunEvent> = []
    for (const event of events) {
      if (event._tag === "TextDelta") {
        const from = this.#reader(event.index)
        this.#tell(out, event.index, from, from.decoder.push(event.text))
      } else if (event._tag === "ReasoningDelta") {
        const from = this.#reader(event.index)
        this.#tell(out, event.index, from, from.decoder.pushReasoning(event.text))
      } else if (event._tag === "ThoughtEnd") {
        const from = this.#reader(event.index)
        this.#tell(out, event.index, from, from.decoder.restart())
      } else if (event._tag === "ToolCallDelta") {
        this.#tellTool(out, event)
      } else if (event._tag === "Retrying" || event._tag === "FellBack") {
        this.#failed = event.error
      } else if (event._tag === "Restart") {
        this.#restart(out)
      }
    }
    return out
  }

  /**
   * Reads the whole reply. Called again, it gives the same result, and no events. Where a completion cannot be read and others can,
   * the text that was shown of it is retracted.
   */
  end(response: LMResponse.LMResponse): Read {
    if (this.#ended !== undefined) return { events: [], result: this.#ended.result }
    return this.#ended = this.#readWhole(response)
  }

  /** Stops reading, and gives the text so far of the first completion's fields. */
  abort(): Readonly<Record<string, string>> {
    for (const from of this.#readers.values()) from.abort()
    return this.#readers.get(0)?.aborted?.partial ?? {}
  }

  /** Stops reading, and ends the fields that had begun. */
  close(): ReadonlyArray<RunEvent> {
    const events: Array<RunEvent> = []
    for (const [index, from] of this.#readers) this.#tell(events, index, from, from.abort().parts)
    return events
  }

  /** The fields of which something was shown that was not retracted. */
  shown(): ReadonlyArray<string> {
    const all = new Set<string>()
    for (const { shown } of this.#readers.values()) for (const field of shown) all.add(field)
    return [...all]
  }

  /** The contents of a completion, once the reply was read to its end. Its tool calls have the same ids as in the events. */
  content(index: number): ReadonlyArray<Content.Said> {
    return this.#readers.get(index)?.content ?? []
  }

  /** The contents of the first completion, once the reply was read to its end. */
  said(): ReadonlyArray<Content.Said> {
    const [from] = this.#readers.values()
    return from?.content ?? []
  }

  /** The latest attempt: the one that was begun with the request, or a later one where the reply has begun anew. */
  attempt(): number {
    let latest = this.#attempt + this.#restarts
    for (const { attempt } of this.#readers.values()) latest = Math.max(latest, attempt)
    return latest
  }

  // Reading

  #reader(index: number): Reader {
    let known = this.#readers.get(index)
    if (known === undefined) {
      known = new Reader(this.#adapter.decoder(this.#signature), this.#signature, this.#attempt + this.#restarts)
      this.#readers.set(index, known)
    }
    return known
  }

  #readWhole(response: LMResponse.LMResponse): Read {
    const events: Array<RunEvent> = []
    const read: Array<Fields | undefined> = []
    const failures = new Map<number, LMError | AdapterParseError>()
    for (const completion of response.completions) {
      const result = this.#readCompletion(completion, events)
      read.push(Result.getOrUndefined(result))
      if (Result.isFailure(result)) failures.set(completion.index, result.failure)
    }
    if (failures.size === read.length) {
      const [
        failure = new LMError({
          model: this.#model,
          reason: new InvalidResponse({ description: "the response has no completion" })
        })
      ] = failures.values()
      return { events, result: Result.fail(failure) }
    }
    for (const [index, error] of failures) {
      const { attempt, shown } = this.#reader(index)
      if (shown.size === 0) continue
      const sequence = this.#call.run.nextSequence()
      events.push({ _tag: "Retraction", sequence, call: this.#call, attempt, index, fields: [...shown], error })
    }
    return { events, result: Result.succeed(read) }
  }

  /** The fields of one completion. One that was not streamed goes through the same decoder, in one piece. */
  #readCompletion(
    completion: LMResponse.Completion,
    events: Array<RunEvent>
  ): Result.Result<Fields, LMError | AdapterParseError> {
    const { content, index } = completion
    const isStreamed = this.#readers.has(index)
    const from = this.#reader(index)
    if (!isStreamed) {
      const reasoning = LMResponse.reasoningOf(completion)
      const text = LMResponse.textOf(completion)
      if (reasoning !== "") this.#tell(events, index, from, from.decoder.pushReasoning(reasoning))
      if (text !== "") this.#tell(events, index, from, from.decoder.push(text))
      for (const [call, { arguments: argumentsDelta, id, name }] of LMResponse.toolCallsOf(completion).entries()) {
        this.#tellTool(events, { _tag: "ToolCallDelta", index, call, id, name, argumentsDelta })
      }
    }
    from.content = from.calls === undefined ? content : withIds(content, from.calls.values())
    const reason = LMResponse.incomplete(completion)
    if (reason !== undefined) {
      const { partial, parts } = from.abort()
      this.#tell(events, index, from, parts)
      return Result.fail(new LMError({ model: this.#model, reason, partial }))
    }
    const { parts, result } = from.decoder.end()
    this.#tell(events, index, from, parts)
    return Result.mapError(
      this.#calls === undefined ? result : this.#readCalls(this.#calls, result, index, from, events),
      (error) => CallFacts.add(error, { predictor: this.#call.path, module: this.#call.name })
    )
  }

  /** The fields with the tool calls among them, which are told here: of all replies alike, once they can be made. */
  #readCalls(
    { field, read }: CallsReader,
    result: Adapter.DecodedReply["result"],
    index: number,
    from: Reader,
    events: Array<RunEvent>
  ): Adapter.DecodedReply["result"] {
    return Result.map(read(result, from.content, this.#adapter.name), ({ calls, fields, isNative }) => {
      for (const [place, { args, name }] of isNative ? [] : calls.entries()) {
        const argumentsDelta = JSON.stringify(args)
        this.#tellTool(events, { _tag: "ToolCallDelta", index, call: place, id: "", name, argumentsDelta })
      }
      const values = fields(Array.from(from.calls?.values() ?? [], ({ id }) => id))
      this.#show(events, index, from, { field, text: JSON.stringify(values[field]), isLast: true })
      return values
    })
  }

  // Beginning anew

  /** Retracts the text that was shown so far: the reply begins anew, because of this error. */
  #takeBack(
    out: Array<RunEvent>,
    index: number,
    from: Reader,
    error: AdapterParseError | LMError = begunAnew(this.#adapter, this.#signature)
  ): void {
    const fields = [...from.shown]
    from.forget()
    if (fields.length > 0) {
      out.push({
        _tag: "Retraction",
        sequence: this.#call.run.nextSequence(),
        call: this.#call,
        attempt: from.attempt,
        ...(this.#readers.size === 1 ? {} : { index }),
        fields,
        error
      })
    }
    from.attempt++
  }

  /** The whole reply begins anew: open fields end, the text so far is retracted, and new text is read from its start. */
  #restart(out: Array<RunEvent>): void {
    if (this.#readers.size === 0) return
    this.#restarts++
    for (const [index, from] of this.#readers) {
      this.#tell(out, index, from, from.decoder.abort().parts)
      this.#takeBack(out, index, from, this.#failed)
      from.decoder = this.#adapter.decoder(this.#signature)
      from.calls = undefined
    }
  }

  // Telling

  #tell(out: Array<RunEvent>, index: number, from: Reader, parts: ReadonlyArray<Adapter.FieldPart>): void {
    for (const part of parts) {
      if (part.anew === true) this.#takeBack(out, index, from)
      if (this.#calls?.hides(part.field) !== true) this.#show(out, index, from, part)
    }
  }

  #show(out: Array<RunEvent>, index: number, from: Reader, part: Adapter.FieldPart): void {
    const call = this.#call
    const { attempt } = from
    const { field, isLast, text } = part
    if (this.#interest.text(field)) {
      from.shown.add(field)
      out.push({ _tag: "FieldDelta", sequence: call.run.nextSequence(), call, attempt, index, field, text, isLast })
    }
    if (!this.#interest.partial(field)) return
    const value = from.partialValue(part)
    if (value === undefined && !isLast) return
    from.shown.add(field)
    const sequence = call.run.nextSequence()
    out.push({ _tag: "PartialValue", sequence, call, attempt, index, field, value, isLast })
  }

  #tellTool(out: Array<RunEvent>, { argumentsDelta, call: place, id, index, name }: ToolCallDelta): void {
    const call = this.#call
    const from = this.#reader(index)
    from.calls ??= new Map()
    let known = from.calls.get(place)
    if (known === undefined) {
      known = { id: CallIds.claim(CallIds.conversationOf(call), id || LMResponse.idOfCall(index, place)), name }
      from.calls.set(place, known)
    }
    known.name = name || known.name
    if (!this.#interest.toolCalls) return
    out.push({
      _tag: "ToolCallDelta",
      sequence: call.run.nextSequence(),
      call,
      attempt: from.attempt,
      index,
      toolCallId: known.id,
      toolName: known.name,
      argumentsDelta
    })
  }
}

// Details

/** The content with these ids at its tool calls. */
const withIds = (
  content: ReadonlyArray<Content.Said>,
  calls: Iterator<{ readonly id: string }>
): ReadonlyArray<Content.Said> =>
  content.map((part) => part._tag === "ToolCall" ? { ...part, id: calls.next().value?.id ?? part.id } : part)

const begunAnew = (adapter: Adapter.Adapter, signature: Signature.Any): AdapterParseError =>
  new AdapterParseError({
    adapter: adapter.name,
    signature: String(signature),
    reply: "",
    parsed: {},
    missing: [],
    issues: [{ path: [], message: "the reply takes back what it had begun, and begins anew" }]
  })
