/**
 * What a server does not have, from what it says when it refuses a request. Servers share words here, and no codes.
 */
import * as LMError from "../../lm/LMError.ts"
import type { Feature } from "../../lm/LMRequest.ts"

/**
 * The reason as `NotSupported`, where it says that of something that the request has used; else the reason as it is.
 *
 * That tools are not supported is said as Ollama says it (`llama does not support tools`), vLLM (`"auto" tool choice requires
 * --enable-auto-tool-choice`), llama.cpp (`tools param requires --jinja flag`, as a failure of its own), OpenRouter (`no endpoints
 * found that support tool use`). A tool's schema that is not accepted is a mistake, and no reason to do without tools.
 */
export const read = (reason: LMError.Reason, used: ReadonlySet<Feature>): LMError.Reason => {
  if (!refusals.has(reason._tag) || isAboutCalls.test(reason.description)) return reason
  const { description } = reason
  if (used.has("tools") && noGrammar.test(description)) {
    return new LMError.NotSupported({ description, feature: "tools" })
  }
  const isRefused = cannot.some((words) => words.test(description))
  const found = names.find(([feature, name, unless]) =>
    used.has(feature) && name.test(description) && unless?.test(description) !== true &&
    (isRefused || (isHint(feature) && (name === format ? isOther : isInvalid).test(description)))
  )
  return found === undefined ? reason : new LMError.NotSupported({ description, feature: found[0] })
}

/** Whether the answer is what was asked for without this too, so that it may be asked for without it. */
export const isHint = (feature: Feature): boolean => hints.has(feature)

const hints: ReadonlySet<Feature> = new Set([
  "streamOptions",
  // What the reply's form is, the adapter says in words too.
  "jsonSchema",
  "responseFormat",
  "parallelToolCalls",
  "promptCache",
  "serviceTier",
  "metadata",
  "user"
])

const refusals: ReadonlySet<LMError.Reason["_tag"]> = new Set(["InvalidRequest", "UnsupportedModel", "Server"])

/** What llama.cpp says where it cannot make a grammar of the tools; it does not name them. */
const noGrammar = /failed to (initialize samplers|parse grammar)/i

const cannot = [
  /support|requires? (the )?(flag )?`?--|not (enabled|available|allowed|permitted|implemented|recognized)/i,
  /(unrecognized|unknown|unexpected|extra) (request )?(argument|parameter|field|input|propert)/i,
  /extra (inputs|fields) (are )?not (permitted|allowed)/i,
  /(\bcan ?not|\bcan['’]?t|unable to|\bdo(es)? ?n[o'’]t) (handle|use|take|accept|process|do) (any )?(tool|function|image|audio|file)/i,
  /(tool|function|call)s? ?(can ?not|can['’]?t) be (used|handled|combined)/i
]

/** What is said of a hint whose value is not taken, or not for everybody. */
const isInvalid =
  /\binvalid\b|unavailable|only (allowed|supported|available|valid)|not (valid|accepted)|(must|should) be/i

/** The same of a form of the reply: that its schema is wrong is a mistake in the request. */
const isOther = /(is|are) (unavailable|invalid|not valid)|(must|should) be (one of )?['"`]|expected one of/i

const format = /response_format|json[_ -]?schema|json[_ -]?(mode|object)|structured (output|response)/i

/** Whose name stands in a refusal, in the words of the protocol and of people; the first one counts. */
const names: ReadonlyArray<readonly [feature: Feature, name: RegExp, unless?: RegExp]> = [
  ["streamOptions", /stream_options|include_usage|include_obfuscation/i],
  ["parallelToolCalls", /parallel_tool_calls|parallel tool/i],
  ["jsonSchema", format],
  ["responseFormat", format],
  ["logprobs", /logprobs|log probabilit/i],
  ["reasoningEffort", /reasoning[_ ]effort|\bthinking\b/i],
  ["promptCache", /cache_control|prompt cach/i],
  ["serviceTier", /service[_ ]tier/i],
  ["metadata", /\bmetadata\b/i],
  ["maxTokens", /max(_completion)?_tokens/i],
  ["temperature", /\btemperature\b/i],
  ["topP", /\btop_p\b/i],
  ["topK", /\btop_k\b/i],
  ["seed", /\b(random_)?seed\b/i],
  ["stop", /['"`]stop['"`]|\bstop (sequence|parameter|word)/i],
  ["images", /\bimages?\b|image_url|\bvision\b|multi-?modal/i],
  ["audio", /\baudio\b/i],
  ["files", /\bfiles?\b|\bpdfs?\b|\bdocuments?\b/i],
  ["tools", /tool|function/i, /schema/i],
  ["n", /['"`]n['"`]|\bn\b (is|must|param)|multiple (completions|choices)/i],
  ["user", /['"`]user['"`]|[:.]\s*user\b|\buser\b (is|param|field)/i]
]

/** A tool call of the model's that its provider could not read: tools are known there. */
const isAboutCalls =
  /tool_use_failed|failed_generation|could not be read as a tool call|(tool|function)[ _-]?(call|use)s? (validation|parsing|generation)|pars\w+ (the |an? |model'?s? |generated )*(tool|function)[ _-]?calls?|tool choice is none/i
