/**
 * The chunks of a chat completion, turned into events.
 *
 * One state machine for both kinds of response: a completion that comes whole is one chunk whose choices hold a
 * `message` instead of a `delta`. It is tolerant of what compatible servers send, and strict about one thing: a
 * completion is over only when the provider said so, and said so last. How each completion ended is told at the end of
 * the response, because what says so may come before the last text, the last tool call or the usage.
 */
import * as LMError from "../LMError.ts"
import type { LMEvent } from "../LMEvent.ts"
import type { ReasoningField } from "../LMRequest.ts"
import type { Usage } from "../Usage.ts"
import * as ChatFailure from "./chatFailure.ts"
import * as ChatUsage from "./chatUsage.ts"
import { excerpt } from "./excerpt.ts"
import * as FinishReasons from "./finishReasons.ts"
import { asString, isRecord, type JsonRecord } from "./json.ts"
import * as ProviderError from "./providerError.ts"
import * as ThinkTags from "./thinkTags.ts"
import { Told } from "./told.ts"
import * as ToolCalls from "./toolCalls.ts"

/** Takes the chunks of one response, and writes the events that follow. */
export interface ChatStream {
  /** Takes one chunk; returns why the response failed, if the chunk says so. */
  readonly push: (chunk: unknown, events: Array<LMEvent>) => LMError.Reason | undefined
  /** Takes a chunk that is nothing but text; `unmarked` where it is known to hold neither `<` nor a backtick. */
  readonly pushText: (index: number, text: string, events: Array<LMEvent>, unmarked: boolean) => void
  /**
   * Takes note of a chunk that cannot be read, for this reason; returns it if the response failed with that. A chunk after
   * the end of all completions only counts where one of them goes on after it.
   */
  readonly broken: (reason: LMError.Reason) => LMError.Reason | undefined
  /** Whether every completion that was asked for has said that it is finished: the usage may follow, and the announced end. */
  readonly finished: () => boolean
  /** Whether all is said: everything is finished, and the usage came after it. */
  readonly concluded: () => boolean
  /** Why a response in which no completion begins is none at all, if it said something else. */
  readonly foreign: () => LMError.Reason | undefined
  /** Whether a completion has begun. */
  readonly begun: () => boolean
  /** How many completions are missing in a response that is over. */
  readonly missing: () => number
  /** Writes what was held back, where the response ends without being over. */
  readonly flush: (events: Array<LMEvent>) => void
  /** The response is over: the provider said so. Returns why it is no answer, if it is none. */
  readonly end: (events: Array<LMEvent>) => LMError.Reason | undefined
}

export interface Options {
  /** Whether text that starts with `<think>` is reasoning. */
  readonly thinkTags: boolean
  /** How many completions were asked for; where it is left out, one is waited for, and any number taken. */
  readonly completions?: number | undefined
}

export const make = (options: Options): ChatStream => {
  const completions = new Map<number, Completion>()
  let usage: unknown
  let id = ""
  let model = ""
  let concluded = false
  /** Why a chunk after the end could not be read, and a chunk that nobody knows. */
  let broken: LMError.Reason | undefined
  let unknown: unknown

  /** The completion that spoke last: nearly always the one that speaks next. */
  let recent: Completion | undefined

  const completion = (index: number): Completion => {
    if (recent?.index === index) return recent
    let found = completions.get(index)
    if (found === undefined) {
      found = {
        index,
        said: false,
        think: options.thinkTags ? ThinkTags.make() : undefined,
        text: new Told(),
        reasoning: new Told(),
        reasoningField: undefined,
        fieldTold: false,
        refusal: new Told(),
        streamed: false,
        calls: undefined,
        called: false,
        ending: undefined
      }
      completions.set(index, found)
    }
    recent = found
    return found
  }

  const flush = (events: Array<LMEvent>): Usage | undefined => {
    for (const current of completions.values()) {
      if (current.think !== undefined) endThought(current, current.think, events)
      pushCalls(current, current.calls?.end() ?? [], events)
    }
    const spent = ChatUsage.read(usage)
    if (spent !== undefined) events.push({ _tag: "Usage", usage: spent })
    return spent
  }

  const asked = options.completions ?? 1

  const finished = () => {
    if (completions.size < asked) return false
    for (const { ending } of completions.values()) if (ending === undefined) return false
    return true
  }

  /** Takes a usage, unless it takes back all that an earlier one counted. */
  const spend = (told: unknown) => {
    if (isPresent(told) && (usage === undefined || ChatUsage.counts(told))) usage = told
  }

  const pushInfo = (chunk: JsonRecord, events: Array<LMEvent>) => {
    const newId = id === "" ? asString(chunk["id"]) : ""
    const newModel = model === "" ? asString(chunk["model"]) : ""
    if (newId === "" && newModel === "") return
    id = newId === "" ? id : newId
    model = newModel === "" ? model : newModel
    events.push({
      _tag: "ResponseInfo",
      ...(newId === "" ? {} : { id: newId }),
      ...(newModel === "" ? {} : { model: newModel })
    })
  }

  /** `position` is its place in the chunk; `counted` where that says which completion it is of, whatever its index. `beside`: how it ended, as the chunk says. */
  const pushChoice = (
    choice: JsonRecord,
    position: number,
    counted: boolean,
    beside: FinishReasons.Ending | undefined,
    events: Array<LMEvent>
  ): LMError.Reason | undefined => {
    const { delta, message } = choice
    const wrong = ChatFailure.inPart(choice) ?? ChatFailure.inPart(delta) ?? ChatFailure.inPart(message)
    if (wrong !== undefined) return ProviderError.fromPayload(wrong)
    const index = counted ? position : indexOf(choice) ?? position
    if (!completions.has(index) && options.completions !== undefined && completions.size >= options.completions) {
      return new LMError.InvalidResponse({
        description: `the provider sent more completions than were asked for (${options.completions})`
      })
    }
    const current = completion(index)
    const over = current.ending !== undefined
    const reason = FinishReasons.ofChoice(choice) ?? beside
    if (isRecord(delta)) pushDelta(current, delta, false, events)
    if (isRecord(message)) {
      pushDelta(current, message, true, events, reason !== undefined)
      spend(message["usage"])
    }
    spend(choice["usage"])
    const problem = problemOf(current)
    if (problem !== undefined) return problem
    if (over && current.ending === undefined && broken !== undefined) return broken
    // A good reason takes back no bad one.
    if (
      reason !== undefined && (current.ending === undefined || FinishReasons.isWhole(current.ending) ||
        (isUnknown(current.ending) && FinishReasons.isWhole(reason)))
    ) current.ending = reason
    return undefined
  }

  return {
    finished,
    concluded: () => concluded,
    foreign: () => unknown === undefined ? undefined : noCompletion(unknown),
    begun: () => completions.size > 0,
    missing: () => Math.max(0, asked - completions.size),

    broken: (reason) => {
      if (!finished()) return reason
      broken ??= reason
      return undefined
    },

    push: (chunk, events) => {
      if (!isRecord(chunk)) {
        if (isPresent(chunk)) unknown ??= chunk
        return undefined
      }
      // Some send the usage twice, or with every chunk: only the last one counts.
      const spent = chunk["usage"] ?? (isRecord(chunk["x_groq"]) ? chunk["x_groq"]["usage"] : undefined)
      spend(spent)
      if (ChatFailure.isError(chunk["error"])) return ProviderError.fromPayload(chunk)
      const choices = chunk["choices"]
      if (!Array.isArray(choices) || choices.length === 0) {
        const meaning = ChatFailure.read(chunk)
        if (meaning === "failure") return ProviderError.fromPayload(chunk)
        if (meaning === "unknown" && !Array.isArray(choices)) unknown ??= chunk
      } else if (ChatFailure.besideChoices(chunk, choices)) {
        return ProviderError.fromPayload(
          Object.fromEntries(Object.entries(chunk).filter(([name]) => name !== "choices"))
        )
      }
      if (id === "" || model === "") pushInfo(chunk, events)
      if (!Array.isArray(choices) || choices.length === 0) {
        // Nothing but the usage: nothing follows that counts, once all is there.
        concluded ||= isRecord(spent) && finished()
        return undefined
      }
      const beside = choices.length === 1 ? FinishReasons.ofChoice(chunk) : undefined
      const counted = choices.length > 1 && areAlike(choices)
      for (let position = 0; position < choices.length; position++) {
        const choice: unknown = choices[position]
        if (typeof choice === "string" && choice !== "") return ProviderError.fromPayload(choice)
        if (!isRecord(choice)) continue
        const reason = pushChoice(choice, position, counted, beside, events)
        if (reason !== undefined) return reason
      }
      return undefined
    },

    pushText: (index, text, events, unmarked) => pushText(completion(index), text, events, unmarked),

    flush,

    end: (events) => {
      const spent = flush(events)
      if (completions.size === 0) return noCompletion(unknown)
      const told = Array.from(completions.values()).some(({ ending }) => ending !== undefined)
      for (const current of completions.values()) {
        const problem = problemOf(current)
        if (problem !== undefined) return problem
        const ending = endingOf(current)
        if (current.ending === undefined && unknown !== undefined) {
          return new LMError.InvalidResponse({
            description: `the provider ended the answer after what is no part of one: ${
              excerpt(JSON.stringify(unknown))
            }`
          })
        }
        // A provider that says of one completion how it ended says it of each.
        if (current.ending === undefined && told) {
          return new LMError.Truncated({
            description: "the provider ended the answer in the middle of one of its completions"
          })
        }
        if (typeof ending !== "string") return ending
        if (ending === "length" && !current.said && (spent === undefined || spent.outputTokens <= 1)) {
          return new LMError.ContextWindowExceeded({
            description: "the model reached its length limit before its first word: the messages seem to fill its " +
              "context window. Shorten them, or run the model with a larger context (for Ollama: num_ctx)"
          })
        }
        const detail = current.refusal.text()
        events.push({ _tag: "Finish", index: current.index, reason: ending, ...(detail === "" ? {} : { detail }) })
      }
      return undefined
    }
  }
}

/** What a chunk that is nothing but text says; `undefined` for any other chunk. */
export const onlyText = (chunk: unknown): { readonly index: number; readonly text: string } | undefined => {
  if (
    !isRecord(chunk) || ChatFailure.isError(chunk["error"]) || isPresent(chunk["usage"]) || isPresent(chunk["x_groq"])
  ) {
    return undefined
  }
  const choices = chunk["choices"]
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined
  if (!isRecord(choice)) return undefined
  const { delta } = choice
  if (
    !isRecord(delta) || isPresent(delta["error"]) || typeof delta["content"] !== "string" || delta["content"] === ""
  ) return undefined
  if (endings.some((name) => isPresent(choice[name]) || isPresent(chunk[name])) || isPresent(delta["finish_reason"])) {
    return undefined
  }
  if (["error", "message", "usage"].some((name) => isPresent(choice[name]))) return undefined
  const more = ["reasoning_content", "reasoning", "refusal", "tool_calls", "function_call"]
  if (more.some((name) => isPresent(delta[name]))) return undefined
  return { index: indexOf(choice) ?? 0, text: delta["content"] }
}

const endings = ["finish_reason", ...FinishReasons.elsewhere]

/** Which completion a choice is of; some write the number as text. */
const indexOf = (choice: JsonRecord): number | undefined => {
  const { index } = choice
  if (typeof index === "number") return index
  return typeof index === "string" && /^\d{1,6}$/.test(index) ? Number(index) : undefined
}

/** Whether whole completions of one chunk have the same index: then they are told apart by their places. */
const areAlike = (choices: ReadonlyArray<unknown>): boolean => {
  const indexes = new Set<number | undefined>()
  for (const choice of choices) {
    if (!isRecord(choice) || !isRecord(choice["message"])) return false
    indexes.add(indexOf(choice))
  }
  return indexes.size < choices.length
}

/** One completion on its way. */
interface Completion {
  readonly index: number
  /** Whether anything of it was delivered. */
  said: boolean
  /** Looks for reasoning in the text, until it is clear that there is none (any more). */
  think: ThinkTags.ThinkTags | undefined
  /** What was said so far, as the server said it: for messages that repeat it. */
  readonly text: Told
  readonly reasoning: Told
  /** What the provider calls the reasoning. An empty one counts too: DeepSeek wants it back as it came. */
  reasoningField: ReasoningField | undefined
  fieldTold: boolean
  readonly refusal: Told
  /** Whether anything came in a `delta`. */
  streamed: boolean
  calls: ToolCalls.ToolCalls | undefined
  called: boolean
  /** How it ended, as far as is known: if it goes on after that, that was no end. */
  ending: FinishReasons.Ending | undefined
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

const isUnknown = (ending: FinishReasons.Ending): boolean =>
  typeof ending !== "string" && ending._tag === "InvalidResponse"

/** A response without completions, which may have said something else. */
const noCompletion = (said: unknown): LMError.Reason =>
  said === undefined
    ? new LMError.Truncated({ description: "the provider ended an answer that it had not begun" })
    : new LMError.InvalidResponse({
      description: `the provider's answer holds no completion: ${excerpt(JSON.stringify(said))}`
    })

/** Takes a `delta`, or a whole `message` (`last` if it ends the completion), which may repeat what came before it. */
const pushDelta = (
  current: Completion,
  delta: JsonRecord,
  whole: boolean,
  events: Array<LMEvent>,
  last = false
): void => {
  const { content } = delta
  const parts = Array.isArray(content) ? fromParts(content) : undefined
  // One of the two names, never both: some servers send the same text under each.
  const field = asString(delta["reasoning_content"]) !== ""
    ? "reasoning_content"
    : asString(delta["reasoning"]) !== ""
    ? "reasoning"
    : undefined
  const told = field ?? (typeof delta["reasoning_content"] === "string" ? "reasoning_content" : undefined)
  if (told !== undefined && current.reasoning.count() === 0) current.reasoningField = told
  let reasoning = field === undefined ? parts?.reasoning ?? "" : asString(delta[field])
  if (whole) reasoning = newIn(current, current.reasoning, reasoning, last)
  if (reasoning !== "") {
    if (field !== undefined) tellField(current, events)
    pushReasoning(current, reasoning, events)
  }
  let text = parts?.text ?? asString(content)
  if (whole) text = newIn(current, current.text, text, last)
  if (text !== "") pushText(current, text, events)
  let refusal = asString(delta["refusal"])
  if (whole) refusal = newIn(current, current.refusal, refusal, last)
  if (refusal !== "") {
    current.refusal.add(refusal)
    current.ending = undefined
  }
  if (!whole && (reasoning !== "" || text !== "" || refusal !== "")) current.streamed = true
  const fragments = delta["tool_calls"] ?? (isRecord(delta["function_call"]) ? [delta["function_call"]] : undefined)
  if (!Array.isArray(fragments) || fragments.length === 0) return
  current.calls ??= ToolCalls.make()
  tellField(current, events)
  const news = current.calls.push(fragments, whole)
  if (news.length > 0) current.ending = undefined
  pushCalls(current, news, events)
}

const pushCalls = (
  current: Completion,
  fragments: ReadonlyArray<ToolCalls.Fragment>,
  events: Array<LMEvent>
): void => {
  for (const { call: { id, name, place }, argumentsDelta } of fragments) {
    current.said = true
    current.called = true
    events.push({ _tag: "ToolCallDelta", index: current.index, call: place, id, name, argumentsDelta })
  }
}

/** Why the tool calls are none, if they are none. */
const problemOf = ({ calls }: Completion): LMError.Reason | undefined => {
  const description = calls?.problem()
  return description === undefined ? undefined : new LMError.InvalidResponse({ description })
}

/**
 * What a message says that was not said before: all that goes beyond a repetition from the beginning. After deltas, a
 * message that says the end of them once more says nothing. Before any, messages are pieces or grow; two equal ones are
 * pieces, unless the second is the last.
 */
const newIn = (current: Completion, told: Told, text: string, last: boolean): string => {
  if (told.count() === 0) return text
  const beyond = told.beyond(text)
  if (beyond !== undefined && (beyond !== "" || current.streamed || last || told.count() > 1)) return beyond
  return current.streamed && told.endsWith(text) ? "" : text
}

/** Says once what the provider calls the reasoning, where there is some, or tool calls beside which it may want it back. */
const tellField = (current: Completion, events: Array<LMEvent>): void => {
  if (current.reasoningField === undefined || current.fieldTold) return
  current.fieldTold = true
  events.push({ _tag: "ResponseInfo", reasoningField: current.reasoningField })
}

const pushText = (current: Completion, text: string, events: Array<LMEvent>, unmarked = false): void => {
  current.text.add(text)
  current.ending = undefined
  if (current.think === undefined || current.think.plain(text, unmarked)) {
    current.said = true
    events.push({ _tag: "TextDelta", index: current.index, text })
    return
  }
  const stretches: Array<ThinkTags.Stretch> = []
  current.think.push(text, stretches)
  if (current.think.settled()) current.think = undefined
  pushStretches(current, stretches, events)
}

const pushReasoning = (current: Completion, text: string, events: Array<LMEvent>): void => {
  // A server that tells the reasoning apart leaves no tags in the text.
  if (current.think !== undefined) endThought(current, current.think, events)
  current.reasoning.add(text)
  current.ending = undefined
  current.said = true
  events.push({ _tag: "ReasoningDelta", index: current.index, text })
}

const endThought = (current: Completion, think: ThinkTags.ThinkTags, events: Array<LMEvent>): void => {
  const stretches: Array<ThinkTags.Stretch> = []
  think.end(stretches)
  current.think = undefined
  pushStretches(current, stretches, events)
}

const pushStretches = (
  current: Completion,
  stretches: ReadonlyArray<ThinkTags.Stretch>,
  events: Array<LMEvent>
): void => {
  const { index } = current
  for (const { reasoning, restart, text } of stretches) {
    current.said = true
    events.push(
      restart ? { _tag: "Restart", index } : { _tag: reasoning ? "ReasoningDelta" : "TextDelta", index, text }
    )
  }
}

/** Content in parts, as reasoning models of Mistral send it: `thinking` parts hold parts of their own. */
const fromParts = (parts: ReadonlyArray<unknown>): { readonly reasoning: string; readonly text: string } => {
  const textOf = (part: unknown): string =>
    typeof part === "string" ? part : isRecord(part) ? asString(part["text"]) : ""
  let text = ""
  let reasoning = ""
  for (const part of parts) {
    text += textOf(part)
    const thinking = isRecord(part) ? part["thinking"] : undefined
    if (thinking === undefined) continue
    for (const thought of Array.isArray(thinking) ? thinking : [thinking]) reasoning += textOf(thought)
  }
  return { reasoning, text }
}

/** What was collected says more than the reason: servers announce tool calls and refusals as an ordinary stop. */
const endingOf = (current: Completion): FinishReasons.Ending => {
  const told = current.ending ?? "stop"
  if (!FinishReasons.isWhole(told)) return told
  if (current.refusal.count() > 0) return "refusal"
  if (current.called) return "tool-calls"
  return told === "stop" || current.text.count() > 0 ? "stop" : new LMError.InvalidResponse({
    description: "the provider announced tool calls, and sent neither a tool call nor a text"
  })
}
