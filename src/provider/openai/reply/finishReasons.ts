/**
 * Why a completion is over, in the words of many providers.
 *
 * Only a reason that is known to be good makes a whole answer. What is known is compared without its case, its dashes and
 * its prefix; what is not known is looked through for the words that filters, limits and failures are named with. The rest
 * is an error that names the reason: nobody can tell whether such an answer is whole.
 */
import * as LMError from "../../../lm/LMError.ts"
import type { FinishReason } from "../../../lm/LMEvent.ts"
import { asString, isRecord, type JsonRecord } from "../../../text/json/values.ts"

/** How a completion ended: as an answer of some kind, or as a failure. */
export type Ending = FinishReason | LMError.Reason

/** Whether the ending is a whole answer. */
export const isWhole = (ending: Ending): boolean => ending === "stop" || ending === "tool-calls"

/**
 * What a choice says of its end: as its `finish_reason`, or where other servers say it. What the service behind a gateway said
 * counts where that was worse than what the gateway made of it.
 */
export const ofChoice = (choice: JsonRecord): Ending | undefined => {
  let ending = read(choice["finish_reason"])
  if (ending === undefined) {
    for (const name of elsewhere) {
      if (choice[name] !== undefined) ending ??= read(choice[name])
    }
    for (const part of [choice["delta"], choice["message"]]) {
      if (isRecord(part) && part["finish_reason"] !== undefined) ending ??= read(part["finish_reason"])
    }
    return ending
  }
  const native = choice["native_finish_reason"]
  if (native === undefined || native === null || !isWhole(ending)) return ending
  const behind = read(native)
  return behind === undefined || behind instanceof Unknown || isWhole(behind) ? ending : behind
}

/** What the end is called beside `finish_reason`. */
export const elsewhere = ["finishReason", "stop_reason", "stopReason", "done_reason", "finish_details"] as const

/** What a `finish_reason` says; `undefined` where it says that the completion goes on. */
export const read = (value: unknown): Ending | undefined => {
  if (value === null || value === undefined || value === "") return undefined
  const said = isRecord(value) ? asString(value["type"] ?? value["reason"] ?? value["name"]) : asString(value)
  if (said === "") return undefined
  const reason = exact.has(said) ? said : normalize(said)
  if (reason === "" || (ongoing.has(reason) && said !== unspecified)) return undefined
  const known = exact.get(reason)
  if (known !== undefined) return known
  const has = (words: ReadonlyArray<string>) => words.some((word) => reason.includes(word))
  if (reason.includes("context") && has(contextWords)) {
    return new LMError.ContextWindowExceeded({
      description:
        `the messages and the answer fill the model's context window (${said}). Shorten the messages, or use a ` +
        "model with a larger context"
    })
  }
  if (has(filterWords)) return "content-filter"
  if (reason.includes("refus")) return "refusal"
  // The model's mistake, which it can mend if it is told: to ask again in silence brings the same.
  if (/(?:malformed|invalid|unexpected).*(?:call|tool|function)/.test(reason)) {
    return new LMError.InvalidResponse({
      description: `what the model wrote could not be read as a tool call (${said})`
    })
  }
  if (has(failureWords)) {
    return new LMError.Server({ description: `the provider gave up on the answer (${said})` })
  }
  if (has(lengthWords)) return "length"
  return new Unknown({
    description: `the provider ended the answer for a reason that is not known, so it may not be whole: ${said}`
  })
}

/** What LiteLLM makes of every reason that it does not know. Gemini's own, in capitals, says nothing of an end. */
const unspecified = "finish_reason_unspecified"

/** A reason that is not known. */
class Unknown extends LMError.InvalidResponse {}

/** `FINISH_REASON_MAX_TOKENS`, `maxTokens` and `max-tokens` are one reason. */
const normalize = (reason: string): string =>
  reason
    .slice(0, 200)
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^(?:finish|stop|done)_reason_/, "")
    .replace(/^_|_$/g, "")

/** What servers write while a completion goes on. */
const ongoing: ReadonlySet<string> = new Set([
  "null",
  "none",
  "nil",
  "undefined",
  "unspecified",
  "not_finished",
  "unfinished",
  "in_progress"
])

const exact: ReadonlyMap<string, FinishReason> = new Map([
  ...[
    "stop",
    "stopped",
    "end",
    "ended",
    "end_turn",
    "endturn",
    "end_of_turn",
    "end_of_text",
    "end_of_sequence",
    "eos",
    "eos_found",
    "eos_token",
    "eot",
    "eot_token",
    "eot_id",
    "eom_id",
    "</s>",
    "im_end",
    "endoftext",
    "stop_eos",
    "end_of_sentence",
    "stop_token",
    "stop_sequence",
    "stop_sequences",
    "stopsequence",
    "stop_string",
    "stop_string_found",
    "stop_str",
    "stop_word",
    "stop_words",
    "stop_criteria",
    "complete",
    "completed",
    "completion",
    "done",
    "finish",
    "finished",
    "success",
    "succeeded",
    "normal",
    "ok"
  ].map((reason) => [reason, "stop"] as const),
  ...[
    "tool",
    "tools",
    "tool_call",
    "tool_calls",
    "toolcall",
    "toolcalls",
    "tool_use",
    "tooluse",
    "tool_calling",
    "function",
    "functions",
    "function_call",
    "function_calls",
    "functioncall",
    "function_calling"
  ].map((reason) => [reason, "tool-calls"] as const)
])

const contextWords = ["window", "length", "size", "limit", "exceed", "overflow", "full"]

const filterWords = [
  "filter",
  "safety",
  "unsafe",
  "sensitive",
  "prohibited",
  "blocklist",
  "blocked",
  "block_list",
  "recitation",
  "spii",
  "moderat",
  "guardrail",
  "model_armor",
  "toxic",
  "harm",
  "flagged",
  "censor",
  "policy",
  "violation",
  "copyright",
  "jailbreak"
]

const failureWords = [
  "error",
  "fail",
  "abort",
  "cancel",
  "malformed",
  "invalid",
  "unexpected",
  "network",
  "connection",
  "disconnect",
  "timeout",
  "timed_out",
  "time_limit",
  "rate_limit",
  "overload",
  "unavailable",
  "insufficient",
  "interrupt",
  "terminat",
  "crash",
  "exception",
  "too_many",
  "unloaded",
  "user_stop",
  "pause"
]

const lengthWords = [
  "length",
  "max_token",
  "max_output",
  "max_completion",
  "maxtokens",
  "max_predicted",
  "max_new",
  "limit",
  "truncat"
]
