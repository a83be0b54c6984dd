/**
 * A whole response: the fold of its events.
 *
 * `fold` takes events that are all there; a builder takes them as they come, and costs the same per event however long
 * the response grows. `toEvents` is the way back: the events of a response that is given again.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Content from "./LMContent.ts"
import * as LMError from "./LMError.ts"
import { FinishReason, type LMEvent, Logprob, type ResponseInfo, type ToolCallDelta } from "./LMEvent.ts"
import * as Usage from "./Usage.ts"

// Models

/** One completion, whole: what the model said and thought, and the tools that it called, in its order. */
export const Completion = Schema.Struct({
  index: Schema.Finite,
  content: Schema.Array(Content.Said),
  /** Missing where the provider never said that the completion was over. */
  finish: Schema.optionalKey(FinishReason),
  /** What the provider said of a refusal or a filter, if anything. */
  detail: Schema.optionalKey(Schema.String),
  /** How likely the tokens of the text were, where that was asked for (`logprobs`) and the provider tells it. */
  logprobs: Schema.optionalKey(Schema.Array(Logprob))
})
export interface Completion extends Schema.Schema.Type<typeof Completion> {}

/** The completions by index, what they cost, and who answered. */
export const LMResponse = Schema.Struct({
  completions: Schema.Array(Completion),
  /** Missing where the provider reported none. */
  usage: Schema.optionalKey(Usage.Usage),
  id: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(Schema.String),
  /** What the provider calls the request, for its support. */
  requestId: Schema.optionalKey(Schema.String),
  /** The headers of the response, in lower case. */
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** The answer was given before and is given again: it has cost nothing this time. */
  givenAgain: Schema.optionalKey(Schema.Boolean)
})
export interface LMResponse extends Schema.Schema.Type<typeof LMResponse> {}

/** Gathers the events of one response as they come. */
export interface Builder {
  /** Takes the next events. */
  readonly push: (events: ReadonlyArray<LMEvent>) => void
  /** The response so far; more events may follow. */
  readonly result: () => LMResponse
}

// Constructors

/** A builder for one response. */
export const builder = (): Builder => {
  const completions = new Map<number, Gathered>()
  let usage: Usage.Usage | undefined
  let info: Info = {}
  let givenAgain = false

  const completion = (index: number): Gathered => {
    let found = completions.get(index)
    if (found === undefined) completions.set(index, found = new Gathered(index))
    return found
  }

  const push = (event: LMEvent): void => {
    switch (event._tag) {
      case "TextDelta":
        completion(event.index).say("Text", event.text, event.providerData)
        break
      case "ReasoningDelta":
        completion(event.index).say("Reasoning", event.text, event.providerData)
        break
      case "ToolCallDelta":
        completion(event.index).call(event)
        break
      case "ThoughtEnd":
        completion(event.index).endThought()
        break
      case "Logprobs":
        completion(event.index).logprobs.push(...event.tokens)
        break
      case "Finish": {
        const finished = completion(event.index)
        finished.finish = event.reason
        finished.detail = event.detail
        break
      }
      case "Usage":
        usage = event.usage
        break
      case "ResponseInfo": {
        info = infoOf(info, event)
        break
      }
      case "GivenAgain":
        givenAgain = true
        break
      case "Restart":
        completions.clear()
    }
  }

  return {
    push: (events) => {
      for (const event of events) push(event)
    },
    result: () => ({
      completions: [...completions.values()].sort((a, b) => a.index - b.index).map((gathered) => gathered.result()),
      ...(usage === undefined ? {} : { usage }),
      ...info,
      ...(givenAgain ? { givenAgain } : {})
    })
  }
}

/** What was known of a response, with what is new: written out, since each call does it. */
const infoOf = (known: Info, { headers, id, model, requestId }: ResponseInfo): Info => ({
  ...known,
  ...(id === undefined ? undefined : { id }),
  ...(model === undefined ? undefined : { model }),
  ...(requestId === undefined ? undefined : { requestId }),
  ...(headers === undefined ? undefined : { headers })
})

type Info = Pick<LMResponse, "id" | "model" | "requestId" | "headers">

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

// Destructors

/**
 * The events of a response: those of one that came in a single piece. Folded, they are the response again.
 *
 * @example
 * const again = Stream.fromIterable([LMEvent.GivenAgain.make({}), ...LMResponse.toEvents(stored)])
 */
export const toEvents = (
  { completions, givenAgain, usage, ...info }: LMResponse
): ReadonlyArray<LMEvent> => [
  ...(givenAgain === true ? [{ _tag: "GivenAgain" } as const] : []),
  ...(Object.keys(info).length === 0 ? [] : [{ _tag: "ResponseInfo", ...info } as const]),
  ...completions.flatMap(({ content, detail, finish, index, logprobs }): ReadonlyArray<LMEvent> => {
    let calls = 0
    return [
      // A completion that nothing is known of is one.
      ...(content.length === 0 ? [{ _tag: "TextDelta", index, text: "" } as const] : []),
      ...content.map((part): LMEvent => {
        const { _tag, providerData } = part
        const data = providerData === undefined ? {} : { providerData }
        if (_tag !== "ToolCall") {
          return { _tag: _tag === "Text" ? "TextDelta" : "ReasoningDelta", index, text: part.text, ...data }
        }
        const { arguments: argumentsDelta, id, name } = part
        return { _tag: "ToolCallDelta", index, call: calls++, id, name, argumentsDelta, ...data }
      }),
      ...(logprobs === undefined ? [] : [{ _tag: "Logprobs", index, tokens: logprobs } as const]),
      ...(finish === undefined
        ? []
        : [{ _tag: "Finish", index, reason: finish, ...(detail === undefined ? {} : { detail }) } as const])
    ]
  }),
  ...(usage === undefined ? [] : [{ _tag: "Usage", usage } as const])
]

/** The text of a completion, in one piece. */
export const textOf = (completion: Completion): string => Content.textOf(completion.content)

/** The thoughts of a completion, in one piece. */
export const reasoningOf = (completion: Completion): string => Content.reasoningOf(completion.content)

/** The tools that a completion calls. */
export const toolCallsOf = (completion: Completion): ReadonlyArray<Content.ToolCall> =>
  Content.toolCallsOf(completion.content)

/**
 * Why a completion is not a whole answer, or `undefined` where it is one: the token limit, a filter, a refusal, or an
 * end that the provider never announced.
 */
export const incomplete = (completion: Completion): LMError.Reason | undefined => {
  const detail = completion.detail === undefined || completion.detail === "" ? "" : `: ${completion.detail}`
  const { finish }: { readonly finish?: FinishReason | undefined } = completion
  switch (finish) {
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
    default:
      return new LMError.Truncated({ description: "the response ended before the provider said that it was over" })
  }
}

// Details

/** A completion while its pieces come: they are joined once, at the end. */
class Gathered {
  readonly index: number
  finish: FinishReason | undefined
  detail: string | undefined
  readonly logprobs: Array<Logprob> = []
  private parts: Array<GatheredPart> = []
  private readonly calls = new Map<number, GatheredPart>()

  constructor(index: number) {
    this.index = index
  }

  /**
   * A piece goes on with the part before it, unless that is of another kind, or is over. What a provider wants back without any
   * text belongs to the last part of its kind.
   */
  say(_tag: "Text" | "Reasoning", piece: string, providerData: Content.ProviderData | undefined): void {
    if (piece === "" && providerData === undefined) return
    let part = piece === "" ? this.parts.findLast((part) => part._tag === _tag) : this.parts.at(-1)
    if (part === undefined || part._tag !== _tag || part.providerData !== undefined) {
      this.parts.push(part = { _tag, pieces: [], providerData: undefined, id: "", name: "", place: 0 })
    }
    part.pieces.push(piece)
    part.providerData = providerData
  }

  call({ argumentsDelta, call: place, id, name, providerData }: ToolCallDelta): void {
    let part = this.calls.get(place)
    if (part === undefined) {
      part = { _tag: "ToolCall", pieces: [], providerData: undefined, id: "", name: "", place }
      this.calls.set(place, part)
      this.parts.push(part)
    }
    if (id !== "") part.id = id
    if (name !== "") part.name = name
    if (providerData !== undefined) part.providerData = providerData
    part.pieces.push(argumentsDelta)
  }

  endThought(): void {
    const before = this.parts
    this.parts = []
    for (const part of before) {
      if (part._tag === "ToolCall") this.parts.push(part)
      else for (const piece of part.pieces) this.say("Reasoning", piece, undefined)
    }
  }

  result(): Completion {
    return {
      index: this.index,
      content: this.parts.map((part): Content.Said => {
        const whole = part.pieces.length === 1 ? part.pieces[0]! : part.pieces.join("")
        const data = part.providerData === undefined ? {} : { providerData: part.providerData }
        return part._tag !== "ToolCall" ? { _tag: part._tag, text: whole, ...data } : {
          _tag: "ToolCall",
          id: part.id === "" ? idOfCall(this.index, part.place) : part.id,
          name: part.name,
          arguments: whole,
          ...data
        }
      }),
      ...(this.finish === undefined ? {} : { finish: this.finish }),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.logprobs.length === 0 ? {} : { logprobs: this.logprobs })
    }
  }
}

interface GatheredPart {
  readonly _tag: Content.Said["_tag"]
  readonly pieces: Array<string>
  providerData: Content.ProviderData | undefined
  id: string
  name: string
  readonly place: number
}
