/**
 * Chunks of a stream that are no part of a completion: which of them say that something went wrong.
 *
 * Servers say so in many forms. A member that is named like an error and holds something is one; so is a message beside a
 * code, or a status that is a failure. What is neither that nor a known sign of life is `unknown`: it means nothing for an
 * answer that the provider calls finished, and makes half an answer no whole one.
 */
import { asString, isPresent, isRecord, type JsonRecord } from "../../../text/json/values.ts"

/** Whether the value of an `error` member tells of one. */
export const isError = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && value !== "" && value !== 0 && value !== "0" &&
  !(Array.isArray(value) && value.length === 0) &&
  !(typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0)

/**
 * Whether a chunk with choices tells of an error beside them. Members that other chunks are judged by as well, such as a
 * message, may be anything here.
 */
export const besideChoices = (chunk: JsonRecord, choices: ReadonlyArray<unknown>): boolean => {
  if (isGroqFailure(chunk)) return true
  let strange = false
  for (const name in chunk) strange ||= !plain.has(name)
  if (!strange) return false
  for (const name in chunk) if (errorNames.test(name) && isError(chunk[name])) return true
  if (isBaseFailure(chunk) || chunk["success"] === false || chunk["ok"] === false) return true
  if (isErrorStatus(chunk["code"]) || isErrorStatus(chunk["status_code"]) || isErrorStatus(chunk["statusCode"])) {
    return true
  }
  const named = [chunk["status"], chunk["type"], chunk["object"], chunk["event"]]
  if (named.some((name) => failed.has(asString(name).toLowerCase())) || isErrorStatus(chunk["status"])) return true
  // The choice may say what was incomplete: then that is how it ended.
  return asString(chunk["status"]).toLowerCase() === "incomplete" &&
    !choices.some((choice) => isRecord(choice) && /^(?!stop$)./.test(asString(choice["finish_reason"])))
}

/** The error that a choice, its `delta` or its `message` holds; `undefined` where it holds none. */
export const inPart = (part: unknown): unknown => {
  if (!isRecord(part)) return undefined
  for (const name in part) {
    if (!usual.has(name) && errorNames.test(name) && isError(part[name])) return name === "error" ? part[name] : part
  }
  return undefined
}

/** What nearly all choices hold. */
const usual: ReadonlySet<string> = new Set([
  "index",
  "delta",
  "message",
  "finish_reason",
  "logprobs",
  "role",
  "content",
  "reasoning",
  "reasoning_content",
  "tool_calls"
])

/** What an error is called. */
const errorNames =
  /^(?:[Ee]rr|[Ee]rror|[Ee]xception)s?(?:$|[_A-Z])|^err(?:code|msg|no)$|(?:_e|E)rror$|(?:_e|E)xception$/

/** MiniMax: 0 is a success. */
const isBaseFailure = (chunk: JsonRecord): boolean => {
  const base = chunk["base_resp"]
  return isRecord(base) && isError(base["status_code"])
}

/** Groq tells what broke beside what it counts. */
const isGroqFailure = (chunk: JsonRecord): boolean => isRecord(chunk["x_groq"]) && isError(chunk["x_groq"]["error"])

/** Gemini says of a prompt that it answers with nothing why it was blocked. */
const isRefusal = (feedback: unknown): boolean =>
  isRecord(feedback) && isPresent(feedback["blockReason"] ?? feedback["block_reason"])

/** What a chunk means that has no choices. */
export const read = (chunk: JsonRecord): "failure" | "harmless" | "unknown" => {
  let strange = false
  for (const name in chunk) {
    if (errorNames.test(name) && isError(chunk[name])) return "failure"
    strange ||= !metadata.has(name)
  }
  if (isBaseFailure(chunk) || isGroqFailure(chunk)) return "failure"
  if (!strange && chunk["object"] === undefined) return "harmless"
  const type = asString(chunk["type"]).toLowerCase()
  const object = asString(chunk["object"]).toLowerCase()
  if (failed.has(type) || failed.has(object) || failed.has(asString(chunk["event"]).toLowerCase())) return "failure"
  if (isError(chunk["detail"]) || chunk["success"] === false || chunk["ok"] === false) return "failure"
  const status = chunk["status"] ?? chunk["status_code"] ?? chunk["statusCode"]
  if (isErrorStatus(status) || failed.has(asString(status).toLowerCase())) return "failure"
  const message = chunk["message"] ?? chunk["msg"] ?? chunk["Message"]
  const code = chunk["code"] ?? chunk["Code"]
  if (isErrorStatus(code) || isRefusal(chunk["promptFeedback"] ?? chunk["prompt_feedback"])) return "failure"
  if (typeof message === "string" && message !== "" && isError(code) && !fine.has(String(code).toLowerCase())) {
    return "failure"
  }
  return !strange || alive.has(type) || object.endsWith(".chunk") ? "harmless" : "unknown"
}

/** A status of HTTP that is an error's, as a number or as text. */
const isErrorStatus = (value: unknown): boolean => {
  const status = typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : 0
  return Number.isInteger(status) && status >= 400 && status < 600
}

const failed: ReadonlySet<string> = new Set(["error", "failed", "failure", "exception"])

/** Codes that say success. */
const fine: ReadonlySet<string> = new Set(["200", "ok", "success"])

const alive: ReadonlySet<string> = new Set(["ping", "pong", "heartbeat", "keepalive", "keep-alive", "keep_alive"])

/** What is said of a response beside its completions. */
const plain: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "provider",
  "choices",
  "usage",
  "usageMetadata",
  "usage_metadata",
  "prompt_eval_count",
  "eval_count",
  "total_duration",
  "load_duration",
  "prompt_eval_duration",
  "eval_duration",
  "x_groq",
  "system_fingerprint",
  "service_tier",
  "obfuscation",
  "moderation",
  "prompt_filter_results",
  "content_filter_results",
  "prompt_annotations",
  "citations",
  "search_results",
  "timings",
  "nvext",
  "request_id"
])

const metadata: ReadonlySet<string> = new Set([
  ...plain,
  "base_resp",
  // Members with the name of an error, which may be there without one.
  "error",
  "errors",
  "error_code",
  "error_message",
  "error_msg",
  "error_type"
])
