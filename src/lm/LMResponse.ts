/**
 * A whole response: the fold of its events.
 *
 * `fold` takes events that are all there; a builder takes them as they come, and costs the same per event however long
 * the response grows.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as LMError from "./LMError.ts"
import type { FinishReason, LMEvent } from "./LMEvent.ts"
import type { ReasoningField, ToolCall } from "./LMRequest.ts"
import type * as Usage from "./Usage.ts"

/** One completion, whole. `finish` is missing where the provider never said that the completion was over. */
export interface Completion {
  readonly index: number
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<ToolCall>
  readonly finish: FinishReason | undefined
  /** What the provider said of a refusal or a filter, if anything. */
  readonly detail?: string | undefined
}

/** The completions by index, what they cost, and who answered. */
export interface LMResponse {
  readonly completions: ReadonlyArray<Completion>
  /** Missing where the provider reported none. */
  readonly usage: Usage.Usage | undefined
  readonly id: string | undefined
  readonly model: string | undefined
  /** What the provider calls the model's reasoning; missing where there is none, or it came as text, between tags. */
  readonly reasoningField?: ReasoningField | undefined
}

/** Gathers the events of one response as they come. */
export interface Builder {
  /** Takes the next events. */
  readonly push: (events: ReadonlyArray<LMEvent>) => void
  /** The response so far; more events may follow. */
  readonly result: () => LMResponse
}

/**
 * Why a completion is not a whole answer, or `undefined` where it is one: the token limit, a filter, a refusal, or an
 * end that the provider never announced.
 */
export const incomplete = (completion: Completion): LMError.Reason | undefined => {
  const detail = completion.detail === undefined || completion.detail === "" ? "" : `: ${completion.detail}`
  switch (completion.finish) {
    case "stop":
    case "tool-calls":
      return undefined
    case "length":
      return new LMError.OutputLimit({
        description: `the answer reached the token limit before it was over${detail}; allow more tokens (maxTokens), ` +
          "or ask for less"
      })
    case "content-filter":
      return new LMError.ContentFiltered({ description: `the provider's content filter stopped the answer${detail}` })
    case "refusal":
      return new LMError.Refused({ description: `the model declined to answer${detail}` })
    case undefined:
      return new LMError.Truncated({ description: "the response ended before the provider said that it was over" })
  }
}

/** A builder for one response. */
export const builder = (): Builder => {
  const completions = new Map<number, Gathered>()
  let usage: Usage.Usage | undefined
  let id: string | undefined
  let model: string | undefined
  let reasoningField: ReasoningField | undefined

  const completion = (index: number): Gathered => {
    let found = completions.get(index)
    if (found === undefined) {
      found = { index, text: [], reasoning: [], calls: new Map(), finish: undefined, detail: undefined }
      completions.set(index, found)
    }
    return found
  }

  const push = (event: LMEvent): void => {
    switch (event._tag) {
      case "TextDelta":
        completion(event.index).text.push(event.text)
        return
      case "ReasoningDelta":
        completion(event.index).reasoning.push(event.text)
        return
      case "ToolCallDelta": {
        const { calls } = completion(event.index)
        let call = calls.get(event.call)
        if (call === undefined) {
          call = {
            place: event.call,
            id: "",
            name: "",
            arguments: [],
            extraContent: undefined,
            reasoningDetails: undefined
          }
          calls.set(event.call, call)
        }
        if (event.id !== "") call.id = event.id
        if (event.name !== "") call.name = event.name
        if (event.extraContent !== undefined) call.extraContent = event.extraContent
        if (event.reasoningDetails !== undefined) call.reasoningDetails = event.reasoningDetails
        call.arguments.push(event.argumentsDelta)
        return
      }
      case "Restart": {
        const { reasoning, text } = completion(event.index)
        for (const piece of text.splice(0)) reasoning.push(piece)
        return
      }
      case "Finish": {
        const finished = completion(event.index)
        finished.finish = event.reason
        finished.detail = event.detail
        return
      }
      case "Usage":
        usage = event.usage
        return
      case "ResponseInfo":
        id = event.id ?? id
        model = event.model ?? model
        reasoningField = event.reasoningField ?? reasoningField
    }
  }

  return {
    push: (events) => {
      for (const event of events) push(event)
    },
    result: () => ({
      completions: [...completions.values()].sort((a, b) => a.index - b.index).map(toCompletion),
      usage,
      id,
      model,
      ...(reasoningField === undefined ? {} : { reasoningField })
    })
  }
}

/** The id of a tool call whose provider gives it none. */
export const idOfCall = (index: number, place: number): string => `call_${index}_${place}`

/** The response that these events make. */
export const fold = (events: ReadonlyArray<LMEvent>): LMResponse => {
  const response = builder()
  response.push(events)
  return response.result()
}

/** Runs the stream of one response to its end, and folds it. An `LMError` has the usage that was reported before it. */
export const collect = <E, R>(stream: Stream.Stream<LMEvent, E, R>): Effect.Effect<LMResponse, E, R> =>
  Effect.suspend(() => {
    const response = builder()
    return Effect.mapBoth(
      Stream.runForEachArray(stream, (events) => Effect.sync(() => response.push(events))),
      {
        onSuccess: response.result,
        onFailure: (error) =>
          error instanceof LMError.LMError
            ? LMError.withUsage(error, response.result().usage) as E & LMError.LMError
            : error
      }
    )
  })

/** A completion while its pieces come: they are joined once, at the end. */
interface Gathered {
  readonly index: number
  readonly text: Array<string>
  readonly reasoning: Array<string>
  readonly calls: Map<number, GatheredCall>
  finish: FinishReason | undefined
  detail: string | undefined
}

interface GatheredCall {
  readonly place: number
  id: string
  name: string
  readonly arguments: Array<string>
  extraContent: ToolCall["extraContent"]
  reasoningDetails: ToolCall["reasoningDetails"]
}

const toCompletion = (gathered: Gathered): Completion => ({
  index: gathered.index,
  text: gathered.text.join(""),
  reasoning: gathered.reasoning.join(""),
  toolCalls: [...gathered.calls.values()].sort((a, b) => a.place - b.place).map((call) =>
    toToolCall(call, gathered.index)
  ),
  finish: gathered.finish,
  ...(gathered.detail === undefined ? {} : { detail: gathered.detail })
})

/** Where a provider gives its calls no ids they get one here: a tool's result has to name its call. */
const toToolCall = (
  { arguments: pieces, extraContent, id, name, place, reasoningDetails }: GatheredCall,
  index: number
): ToolCall => ({
  id: id === "" ? idOfCall(index, place) : id,
  name,
  arguments: pieces.join(""),
  ...(extraContent !== undefined && { extraContent }),
  ...(reasoningDetails !== undefined && { reasoningDetails })
})
