/**
 * The chunks of a chat completion, turned into events.
 *
 * One state machine for both kinds of response: a completion that comes whole is one chunk whose choices hold a
 * `message` instead of a `delta`. It is tolerant of what compatible servers send, and strict about one thing: a
 * completion is over only when the provider said so. How each completion ended is told at the end of the response,
 * because what says so may come before the last text, the last tool call or the usage.
 */
import * as LMError from "../LMError.ts"
import type { FinishReason, LMEvent } from "../LMEvent.ts"
import type { Usage } from "../Usage.ts"
import { asCount, asString, isRecord, type JsonRecord } from "./json.ts"
import * as ProviderError from "./providerError.ts"
import * as ThinkTags from "./thinkTags.ts"
import * as ToolCalls from "./toolCalls.ts"

/** Takes the chunks of one response, and writes the events that follow. */
export interface ChatStream {
  /** Takes one chunk; returns why the response failed, if the chunk says so. */
  readonly push: (chunk: unknown, events: Array<LMEvent>) => LMError.Reason | undefined
  /** Takes a chunk that is nothing but text. */
  readonly pushText: (index: number, text: string, events: Array<LMEvent>) => void
  /** Whether every completion that was asked for has said that it is finished: the usage may follow, and the announced end. */
  readonly finished: () => boolean
  /** Writes what was held back, where the response ends without being over. */
  readonly flush: (events: Array<LMEvent>) => void
  /**
   * Nothing more comes; `announced` says that the provider called it the end. Returns why the response is no answer,
   * if it is none.
   */
  readonly end: (announced: boolean, events: Array<LMEvent>) => LMError.Reason | undefined
}

export interface Options {
  /** Whether text that starts with `<think>` is reasoning. */
  readonly thinkTags: boolean
  /** How many completions were asked for; 1 if left out. */
  readonly completions?: number | undefined
}

export const make = (options: Options): ChatStream => {
  const completions = new Map<number, Completion>()
  let usage: unknown
  let id = ""
  let model = ""

  const completion = (index: number): Completion => {
    let found = completions.get(index)
    if (found === undefined) {
      found = {
        index,
        said: false,
        think: options.thinkTags ? ThinkTags.make() : undefined,
        calls: undefined,
        refusal: "",
        finish: undefined
      }
      completions.set(index, found)
    }
    return found
  }

  const flush = (events: Array<LMEvent>): Usage | undefined => {
    for (const current of completions.values()) {
      if (current.think !== undefined) pushStretches(current, current.think.end(), events)
    }
    const spent = toUsage(usage)
    if (spent !== undefined) events.push({ _tag: "Usage", usage: spent })
    return spent
  }

  const finished = () => completions.size > 0 && [...completions.values()].every(({ finish }) => finish !== undefined)

  return {
    finished: () => completions.size >= (options.completions ?? 1) && finished(),

    push: (chunk, events) => {
      if (!isRecord(chunk)) return undefined
      if (isFailure(chunk["error"])) return ProviderError.fromPayload(chunk["error"])
      if (id === "" || model === "") {
        const newId = id === "" ? asString(chunk["id"]) : ""
        const newModel = model === "" ? asString(chunk["model"]) : ""
        if (newId !== "" || newModel !== "") {
          id = newId === "" ? id : newId
          model = newModel === "" ? model : newModel
          events.push({
            _tag: "ResponseInfo",
            ...(newId === "" ? {} : { id: newId }),
            ...(newModel === "" ? {} : { model: newModel })
          })
        }
      }
      // Some send the usage twice, or with every chunk: only the last one counts.
      usage = chunk["usage"] ?? (isRecord(chunk["x_groq"]) ? chunk["x_groq"]["usage"] : undefined) ?? usage
      const choices = chunk["choices"]
      if (!Array.isArray(choices)) return undefined
      for (let position = 0; position < choices.length; position++) {
        const choice: unknown = choices[position]
        if (!isRecord(choice)) continue
        if (isFailure(choice["error"])) return ProviderError.fromPayload(choice["error"])
        const index = choice["index"]
        const current = completion(typeof index === "number" ? index : position)
        const delta = choice["delta"] ?? choice["message"]
        if (isRecord(delta)) pushDelta(current, delta, isRecord(choice["message"]), events)
        const reason = choice["finish_reason"]
        if (typeof reason === "string" && reason !== "") {
          if (failedReasons.has(reason)) {
            return new LMError.Server({ description: `the provider gave up on the answer (${reason})` })
          }
          current.finish = finishReasons.get(reason.toLowerCase()) ?? "stop"
        }
      }
      return undefined
    },

    pushText: (index, text, events) => pushText(completion(index), text, events),

    flush,

    end: (announced, events) => {
      const spent = flush(events)
      if (!announced && !finished()) {
        return new LMError.Truncated({
          description: "the connection closed before the provider said that the answer was over"
        })
      }
      if (completions.size === 0) completion(0)
      for (const current of completions.values()) {
        const reason = finish(current)
        if (reason === "length" && !current.said && (spent === undefined || spent.outputTokens <= 1)) {
          return new LMError.ContextWindowExceeded({
            description: "the model reached its length limit before its first word: the messages seem to fill its " +
              "context window. Shorten them, or run the model with a larger context (for Ollama: num_ctx)"
          })
        }
        events.push({
          _tag: "Finish",
          index: current.index,
          reason,
          ...(current.refusal === "" ? {} : { detail: current.refusal })
        })
      }
      return undefined
    }
  }
}

/** What a chunk that is nothing but text says; `undefined` for any other chunk. */
export const onlyText = (chunk: unknown): { readonly index: number; readonly text: string } | undefined => {
  if (!isRecord(chunk) || isFailure(chunk["error"]) || isPresent(chunk["usage"]) || isPresent(chunk["x_groq"])) {
    return undefined
  }
  const choices = chunk["choices"]
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined
  if (!isRecord(choice) || isFailure(choice["error"]) || asString(choice["finish_reason"]) !== "") return undefined
  const { delta, index } = choice
  if (!isRecord(delta) || typeof delta["content"] !== "string" || delta["content"] === "") return undefined
  const more = ["reasoning_content", "reasoning", "refusal", "tool_calls", "function_call"]
  if (more.some((name) => isPresent(delta[name]))) return undefined
  return { index: typeof index === "number" ? index : 0, text: delta["content"] }
}

/** One completion on its way. */
interface Completion {
  readonly index: number
  /** Whether anything of it was delivered. */
  said: boolean
  /** Looks for reasoning in the text, until it is clear that there is none (any more). */
  think: ThinkTags.ThinkTags | undefined
  calls: ToolCalls.ToolCalls | undefined
  refusal: string
  finish: FinishReason | undefined
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

const isFailure = (error: unknown): boolean => error !== undefined && error !== null && error !== false && error !== ""

const pushDelta = (current: Completion, delta: JsonRecord, whole: boolean, events: Array<LMEvent>): void => {
  // One of the two names, never both: some servers send the same text under each.
  const reasoning = asString(delta["reasoning_content"]) || asString(delta["reasoning"])
  if (reasoning !== "") {
    // A server that tells the reasoning apart leaves no tags in the text.
    current.think = undefined
    pushReasoning(current, reasoning, events)
  }
  const content = delta["content"]
  if (typeof content === "string") {
    if (content !== "") pushText(current, content, events)
  } else if (Array.isArray(content)) pushParts(current, content, events)
  current.refusal += asString(delta["refusal"])
  const fragments = delta["tool_calls"] ?? (isRecord(delta["function_call"]) ? [delta["function_call"]] : undefined)
  if (Array.isArray(fragments) && fragments.length > 0) {
    current.calls ??= ToolCalls.make()
    for (const { call, argumentsDelta } of current.calls.push(fragments, whole)) {
      current.said = true
      const { id, name, place } = call
      events.push({ _tag: "ToolCallDelta", index: current.index, call: place, id, name, argumentsDelta })
    }
  }
}

const pushText = (current: Completion, text: string, events: Array<LMEvent>): void => {
  if (current.think === undefined) {
    current.said = true
    events.push({ _tag: "TextDelta", index: current.index, text })
  } else {
    pushStretches(current, current.think.push(text), events)
    if (current.think.settled()) current.think = undefined
  }
}

const pushReasoning = (current: Completion, text: string, events: Array<LMEvent>): void => {
  current.said = true
  events.push({ _tag: "ReasoningDelta", index: current.index, text })
}

const pushStretches = (
  current: Completion,
  stretches: ReadonlyArray<ThinkTags.Stretch>,
  events: Array<LMEvent>
): void => {
  for (const { reasoning, text } of stretches) {
    current.said = true
    events.push({ _tag: reasoning ? "ReasoningDelta" : "TextDelta", index: current.index, text })
  }
}

/** Content in parts, as reasoning models of Mistral send it: `thinking` parts hold parts of their own. */
const pushParts = (current: Completion, parts: ReadonlyArray<unknown>, events: Array<LMEvent>): void => {
  for (const part of parts) {
    const text = typeof part === "string" ? part : isRecord(part) ? asString(part["text"]) : ""
    if (text !== "") pushText(current, text, events)
    const thinking = isRecord(part) ? part["thinking"] : undefined
    if (thinking === undefined) continue
    for (const thought of Array.isArray(thinking) ? thinking : [thinking]) {
      const text = typeof thought === "string" ? thought : isRecord(thought) ? asString(thought["text"]) : ""
      if (text !== "") pushReasoning(current, text, events)
    }
  }
}

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ["tool_calls", "tool-calls"],
  ["tool_use", "tool-calls"],
  ["function_call", "tool-calls"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["model_length", "length"],
  ["content_filter", "content-filter"],
  ["safety", "content-filter"],
  ["refusal", "refusal"]
])

/** Reasons that mean that the provider broke off. */
const failedReasons: ReadonlySet<string> = new Set(["error", "abort", "insufficient_system_resource"])

/** What was collected says more than the reason: servers announce tool calls and refusals as an ordinary stop. */
const finish = (current: Completion): FinishReason => {
  const told = current.finish ?? "stop"
  if (told !== "stop" && told !== "tool-calls") return told
  return current.refusal !== "" ? "refusal" : current.calls === undefined ? "stop" : "tool-calls"
}

const toUsage = (usage: unknown): Usage | undefined => {
  if (!isRecord(usage)) return undefined
  const details = (name: string): JsonRecord => isRecord(usage[name]) ? usage[name] : {}
  const input = asCount(usage["prompt_tokens"])
  const output = asCount(usage["completion_tokens"])
  const reasoning = asCount(details("completion_tokens_details")["reasoning_tokens"])
  // xAI counts the reasoning beside the output, not in it: then only the three together make the total.
  const beside = reasoning > 0 && usage["total_tokens"] === input + output + reasoning
  return {
    inputTokens: input,
    outputTokens: beside ? output + reasoning : output,
    reasoningTokens: reasoning,
    cachedInputTokens: asCount(details("prompt_tokens_details")["cached_tokens"]) ||
      asCount(usage["prompt_cache_hit_tokens"]),
    calls: 1
  }
}
