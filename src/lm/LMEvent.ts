/**
 * What a language model says while it answers. `index` is the completion's, 0 where only one was asked for.
 */
import * as Schema from "effect/Schema"
import { ProviderData } from "./LMContent.ts"
import { LMError } from "./LMError.ts"
import * as Usage from "./Usage.ts"

/** A piece of the answer. `providerData` is what its provider wants back with the text that ends here, which may be empty. */
export const TextDelta = Schema.TaggedStruct("TextDelta", {
  index: Schema.Finite,
  text: Schema.String,
  providerData: Schema.optionalKey(ProviderData)
})
export interface TextDelta extends Schema.Schema.Type<typeof TextDelta> {}

/**
 * The model's own thinking, which is not part of its answer. `providerData` says that the thought is whole, and what its provider
 * wants back with it; then the text may be empty.
 */
export const ReasoningDelta = Schema.TaggedStruct("ReasoningDelta", {
  index: Schema.Finite,
  text: Schema.String,
  providerData: Schema.optionalKey(ProviderData)
})
export interface ReasoningDelta extends Schema.Schema.Type<typeof ReasoningDelta> {}

/** A piece of a tool call. `call` is the call's place within its completion; `id` and `name` are whole, once known. */
export const ToolCallDelta = Schema.TaggedStruct("ToolCallDelta", {
  index: Schema.Finite,
  call: Schema.Finite,
  id: Schema.String,
  name: Schema.String,
  argumentsDelta: Schema.String,
  /** What the provider has put beside the call, once known. */
  providerData: Schema.optionalKey(ProviderData)
})
export interface ToolCallDelta extends Schema.Schema.Type<typeof ToolCallDelta> {}

/**
 * The text of the completion so far is no part of its answer, which begins after this event: it was thinking, and counts as
 * reasoning from here on. Models whose prompt opens `<think>` for them tell so only where the thought ends.
 */
export const ThoughtEnd = Schema.TaggedStruct("ThoughtEnd", { index: Schema.Finite })
export interface ThoughtEnd extends Schema.Schema.Type<typeof ThoughtEnd> {}

/** A token of the text, the logarithm of its probability, and what might have stood in its place. */
export const Logprob = Schema.Struct({
  token: Schema.String,
  logprob: Schema.Finite,
  alternatives: Schema.Array(Schema.Struct({ token: Schema.String, logprob: Schema.Finite }))
})
export interface Logprob extends Schema.Schema.Type<typeof Logprob> {}

/** How likely the next tokens of the completion's text were. */
export const Logprobs = Schema.TaggedStruct("Logprobs", { index: Schema.Finite, tokens: Schema.Array(Logprob) })
export interface Logprobs extends Schema.Schema.Type<typeof Logprobs> {}

/** Why a completion is over. Only `stop` and `tool-calls` are whole answers. */
export const FinishReason = Schema.Literals(["stop", "tool-calls", "length", "content-filter", "refusal"])
export type FinishReason = typeof FinishReason.Type

/** The completion is over, and why. Only `stop` and `tool-calls` are whole answers. */
export const Finish = Schema.TaggedStruct("Finish", {
  index: Schema.Finite,
  reason: FinishReason,
  /** What the provider said of a refusal or a filter, if anything. */
  detail: Schema.optionalKey(Schema.String)
})
export interface Finish extends Schema.Schema.Type<typeof Finish> {}

/** What was used so far. The last report of a response counts. */
export const UsageReport = Schema.TaggedStruct("Usage", { usage: Usage.Usage })
export interface UsageReport extends Schema.Schema.Type<typeof UsageReport> {}

/** What the provider says of the response itself. Fields that are not known are left out. */
export const ResponseInfo = Schema.TaggedStruct("ResponseInfo", {
  id: Schema.optionalKey(Schema.String),
  /** The model that answered, which need not be the one asked for. */
  model: Schema.optionalKey(Schema.String),
  /** What the provider calls the request, for its support. */
  requestId: Schema.optionalKey(Schema.String),
  /** The headers of the response, in lower case. */
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
export interface ResponseInfo extends Schema.Schema.Type<typeof ResponseInfo> {}

/** All that was said so far is void: the answer begins anew, from another attempt or another model. What was used stays used. */
export const Restart = Schema.TaggedStruct("Restart", {})
export interface Restart extends Schema.Schema.Type<typeof Restart> {}

/** The request has failed, and is sent again: as attempt number `attempt` (the first one is 1), after `delayMillis`. */
export const Retrying = Schema.TaggedStruct("Retrying", {
  attempt: Schema.Finite,
  delayMillis: Schema.Finite,
  error: LMError
})
export interface Retrying extends Schema.Schema.Type<typeof Retrying> {}

/** A model has failed, and `model` is asked in its place. */
export const FellBack = Schema.TaggedStruct("FellBack", { model: Schema.String, error: LMError })
export interface FellBack extends Schema.Schema.Type<typeof FellBack> {}

/** What a request waits for that a policy holds back: a limit of its own, or what the provider has asked for. */
export const WaitsFor = Schema.Literals(["concurrency", "requests", "tokens", "provider"])
export type WaitsFor = typeof WaitsFor.Type

/** The request waits until it may be sent, behind `ahead` others. The first of them waits for `delayMillis`, where that is known. */
export const Waiting = Schema.TaggedStruct("Waiting", {
  for: WaitsFor,
  ahead: Schema.Finite,
  delayMillis: Schema.optionalKey(Schema.Finite)
})
export interface Waiting extends Schema.Schema.Type<typeof Waiting> {}

/** Nothing of the answer has come for `afterMillis`, and the request is sent a second time beside the first. */
export const Hedged = Schema.TaggedStruct("Hedged", { afterMillis: Schema.Finite })
export interface Hedged extends Schema.Schema.Type<typeof Hedged> {}

/** The answer was given before and is given again: it costs nothing. */
export const GivenAgain = Schema.TaggedStruct("GivenAgain", {})
export interface GivenAgain extends Schema.Schema.Type<typeof GivenAgain> {}

/** What a middleware does while it has no answer yet. */
export const Notice: Schema.Codec<Notice, unknown> = Schema.Union([Retrying, FellBack, Waiting, Hedged])
export type Notice = Retrying | FellBack | Waiting | Hedged

/** Any of them: what `LM.stream` gives. */
export const LMEvent = Schema.Union([
  TextDelta,
  ReasoningDelta,
  ToolCallDelta,
  ThoughtEnd,
  Logprobs,
  Finish,
  UsageReport,
  ResponseInfo,
  Restart,
  Retrying,
  FellBack,
  Waiting,
  Hedged,
  GivenAgain
])
export type LMEvent =
  | TextDelta
  | ReasoningDelta
  | ToolCallDelta
  | ThoughtEnd
  | Logprobs
  | Finish
  | UsageReport
  | ResponseInfo
  | Restart
  | Retrying
  | FellBack
  | Waiting
  | Hedged
  | GivenAgain

// Guards

/** Whether an event tells what a middleware does. */
export const isNotice = (event: LMEvent): event is Notice => notices.has(event._tag)

const notices: ReadonlySet<LMEvent["_tag"]> = new Set(["Retrying", "FellBack", "Waiting", "Hedged"])

/** Whether an event shows something of the answer, so that it cannot be sent again unseen. */
export const isContent = ({ _tag }: LMEvent): boolean => content.has(_tag)

const content: ReadonlySet<LMEvent["_tag"]> = new Set([
  "TextDelta",
  "ReasoningDelta",
  "ToolCallDelta",
  "ThoughtEnd",
  "Logprobs",
  "Finish"
])
