/**
 * The chunks of a chat completion, turned into events.
 *
 * One state machine for both kinds of response: a completion that comes whole is one chunk whose choices hold a
 * `message` instead of a `delta`. It is tolerant of what compatible servers send, and strict about one thing: a
 * completion is over only when the provider said so, and said so last. How each completion ended is told at the end of
 * the response, because what says so may come before the last text, the last tool call or the usage.
 */
import * as LMError from "../../../lm/LMError.ts"
import type { LMEvent } from "../../../lm/LMEvent.ts"
import type { Usage } from "../../../lm/Usage.ts"
import { asString, isPresent, isRecord, type JsonRecord } from "../../../text/json/values.ts"
import { excerpt } from "../../internal/excerpt.ts"
import * as ChatFailure from "../errors/inChunk.ts"
import * as ProviderError from "../errors/reason.ts"
import { Completion } from "./completion.ts"
import * as FinishReasons from "./finishReasons.ts"
import * as ChatLogprobs from "./logprobs.ts"
import * as ChatMessage from "./message.ts"
import { Places } from "./places.ts"
import * as ChatUsage from "./usage.ts"

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
  /**
   * Takes note of a line that belongs into no stream of events. Like a chunk of an unknown kind it is an error, unless the
   * answer was whole.
   */
  readonly stray: (line: string) => void
  /** Why a response without any completion is an error, if it said something else in its place. */
  readonly foreign: () => LMError.Reason | undefined
  /** Whether a completion has begun. */
  readonly begun: () => boolean
  /** How many completions are missing in a response that is over. */
  readonly missing: () => number
  /** Writes what was held back, where the response ends without being over. */
  readonly flush: (events: Array<LMEvent>) => void
  /** The provider has said that the response is over. Returns why it is not an answer, or undefined if it is one. */
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
  let usage: ChatUsage.Counts | undefined
  let id = ""
  let model = ""
  let concluded = false
  /** Why a chunk after the end could not be read, and the first chunk of an unknown kind. */
  let broken: LMError.Reason | undefined
  let unknown: unknown

  /** The completion that spoke last: nearly always the one that speaks next. */
  let recent: Completion | undefined

  const completion = (index: number): Completion => {
    if (recent?.index === index) return recent
    let found = completions.get(index)
    if (found === undefined) {
      found = new Completion(index, options.thinkTags)
      completions.set(index, found)
    }
    recent = found
    return found
  }

  const flush = (events: Array<LMEvent>): Usage | undefined => {
    for (const current of completions.values()) current.flush(events)
    const spent = usage === undefined ? undefined : ChatUsage.make(usage)
    if (spent !== undefined) events.push({ _tag: "Usage", usage: spent })
    return spent
  }

  const asked = options.completions ?? 1
  const places = new Places(asked)

  const finished = () => {
    if (completions.size < asked) return false
    for (const { ending } of completions.values()) if (ending === undefined) return false
    return true
  }

  const endedApart = () => {
    for (const completion of completions.values()) if (!completion.endedApart) return false
    return true
  }

  /** Takes a usage: some send it twice, with every chunk, or in parts. */
  const spend = (told: unknown) => {
    const counts = ChatUsage.read(told)
    if (counts !== undefined) usage = usage === undefined ? counts : ChatUsage.merge(usage, counts)
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

  /**
   * `position` is its place in the chunk; `counted` where that says which completion it is of, whatever its index. `beside`:
   * how it ended, as the chunk says.
   */
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
    const index = counted ? position : ChatMessage.indexOf(choice) ?? position
    if (!completions.has(index) && options.completions !== undefined && completions.size >= options.completions) {
      return new LMError.InvalidResponse({
        description: `the provider sent more completions than were asked for (${options.completions})`
      })
    }
    const current = completion(index)
    const over = current.ending !== undefined
    const reason = FinishReasons.ofChoice(choice) ?? beside
    const isLast = reason !== undefined
    const piece = ChatMessage.read(ChatMessage.ofText(choice) ?? delta)
    if (piece !== undefined) current.push(piece, { isWhole: false, isLast }, events)
    const whole = ChatMessage.read(message)
    if (whole !== undefined) current.push(whole, { isWhole: true, isLast }, events)
    if (isRecord(choice["logprobs"])) {
      const tokens = ChatLogprobs.read(choice["logprobs"])
      if (tokens.length > 0) events.push({ _tag: "Logprobs", index, tokens })
    }
    if (isRecord(delta)) spend(delta["usage"])
    if (isRecord(message)) spend(message["usage"])
    spend(choice["usage"])
    const problem = current.problem()
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
    stray: (line) => {
      unknown ??= line
    },
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
      const spent = ChatUsage.ofChunk(chunk)
      spend(spent)
      if (ChatFailure.isError(chunk["error"])) return ProviderError.fromPayload(chunk)
      const choices = chunk["choices"]
      if (!Array.isArray(choices) || choices.length === 0) {
        const meaning = ChatFailure.read(chunk)
        if (meaning === "failure") {
          const reason = ProviderError.fromPayload(chunk)
          // What `detail` says in place of an answer is a refusal of the request, as of a wrong path.
          return completions.size === 0 && isPresent(chunk["detail"]) && isVague(reason) ? noCompletion(chunk) : reason
        }
        if (meaning === "unknown" && !Array.isArray(choices)) unknown ??= chunk
      } else if (ChatFailure.besideChoices(chunk, choices)) {
        return ProviderError.fromPayload(
          Object.fromEntries(Object.entries(chunk).filter(([name]) => name !== "choices"))
        )
      }
      if (id === "" || model === "") pushInfo(chunk, events)
      if (!Array.isArray(choices) || choices.length === 0) {
        // Nothing but the usage: nothing follows that counts, once all is there.
        concluded ||= isRecord(spent) && finished() && endedApart()
        return undefined
      }
      const beside = choices.length === 1 ? FinishReasons.ofChoice(chunk) : undefined
      const counted = places.take(choices)
      if (typeof counted !== "boolean") return counted
      for (let position = 0; position < choices.length; position++) {
        const choice: unknown = choices[position]
        if (typeof choice === "string" && choice !== "") return ProviderError.fromPayload(choice)
        if (!isRecord(choice)) continue
        const reason = pushChoice(choice, position, counted, beside, events)
        if (reason !== undefined) return reason
      }
      return undefined
    },

    pushText: (index, text, events, unmarked) => completion(index).pushText(text, events, unmarked),

    flush,

    end: (events) => {
      const spent = flush(events)
      if (completions.size === 0) return noCompletion(unknown)
      const told = Array.from(completions.values()).some(({ ending }) => ending !== undefined)
      for (const current of completions.values()) {
        const problem = current.problem()
        if (problem !== undefined) return problem
        const ending = current.result()
        if (current.ending === undefined && unknown !== undefined) {
          return new LMError.InvalidResponse({
            description: `the provider ended the answer after what is no part of one: ${
              excerpt(JSON.stringify(unknown))
            }`
          })
        }
        // A provider that says of one completion how it ended says it of each.
        if (current.ending === undefined && (told || places.count)) {
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
        const detail = current.refusal
        events.push({ _tag: "Finish", index: current.index, reason: ending, ...(detail === "" ? {} : { detail }) })
      }
      return undefined
    }
  }
}

/** Whether nothing is known of what went wrong, or that there is nothing at this path. */
const isVague = (reason: LMError.Reason): boolean =>
  (reason._tag === "Server" && reason.status === undefined) || reason._tag === "InvalidResponse"

const isUnknown = (ending: FinishReasons.Ending): boolean =>
  typeof ending !== "string" && ending._tag === "InvalidResponse"

/** A response without completions, which may have said something else. */
const noCompletion = (said: unknown): LMError.Reason =>
  said === undefined
    ? new LMError.Truncated({ description: "the provider ended an answer that it had not begun" })
    : new LMError.InvalidResponse({
      description: `the provider's answer holds no completion: ${excerpt(JSON.stringify(said))}`
    })
