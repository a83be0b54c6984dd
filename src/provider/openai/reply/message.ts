/**
 * What a `delta` or a `message` says, in the forms that servers give it: as a text, as an object with a text, or in parts.
 *
 * Each form that means one thing is read. What is of no known form is kept apart: an answer of nothing else is no empty one.
 */
import { asString, isPresent, isRecord, type JsonRecord } from "../../../text/json/values.ts"
import * as ReasoningDetails from "./reasoningDetails.ts"

/** What a part of a completion says. */
export interface ChatMessage {
  readonly text: string
  readonly reasoning: string
  /** What the provider calls the reasoning. An empty one counts too: DeepSeek wants it back as it came. */
  readonly reasoningField: string | undefined
  /** The parts of the reasoning, or fragments of them; see `reasoningDetails.ts`. */
  readonly details: ReadonlyArray<unknown>
  readonly refusal: string
  /** Tool calls, or fragments of them. */
  readonly calls: ReadonlyArray<unknown>
  /** Content of no known form. */
  readonly unknown: unknown
}

/** Reads the `delta`, the `message` or the `text` of a choice. Undefined where it has another form. */
export const read = (message: unknown): ChatMessage | undefined => {
  if (typeof message === "string") return { ...nothing, text: message }
  if (!isRecord(message)) return undefined
  const { content } = message
  const said = typeof content === "string" ? undefined : fromContent(content)
  // One of the two names, never both: some servers send the same text under each.
  const field = asString(message["reasoning_content"]) !== ""
    ? "reasoning_content"
    : asString(message["reasoning"]) !== ""
    ? "reasoning"
    : undefined
  const details: ReadonlyArray<unknown> = Array.isArray(message["reasoning_details"])
    ? message["reasoning_details"]
    : []
  const told = message["tool_calls"] ?? message["function_call"]
  const calls = Array.isArray(told) ? told : isRecord(told) ? [told] : []
  return {
    text: said === undefined ? asString(content) : said.text,
    reasoning: field === undefined ? said?.reasoning || ReasoningDetails.textOf(details) : asString(message[field]),
    details,
    reasoningField: field ?? (typeof message["reasoning_content"] === "string" ? "reasoning_content" : undefined),
    refusal: asString(message["refusal"]) || (said?.refusal ?? ""),
    calls: calls.length === 0 ? said?.calls ?? calls : calls,
    unknown: said?.unknown
  }
}

/** The message of a choice that has neither a `delta` nor a `message`, as old completions have their text. */
export const ofText = ({ delta, message, text }: JsonRecord): string | undefined =>
  typeof text === "string" && text !== "" && !says(delta) && !says(message) ? text : undefined

/** Which one a choice or a tool call is; some write the number as text. */
export const indexOf = ({ index }: JsonRecord): number | undefined => {
  if (typeof index === "number") return index
  return typeof index === "string" && /^\d{1,6}$/.test(index) ? Number(index) : undefined
}

const says = (part: unknown): boolean => isRecord(part) ? isPresent(part["content"]) : isPresent(part)

const nothing: ChatMessage = {
  text: "",
  reasoning: "",
  reasoningField: undefined,
  details: [],
  refusal: "",
  calls: [],
  unknown: undefined
}

interface Said {
  text: string
  reasoning: string
  refusal: string
  readonly calls: Array<unknown>
  unknown: unknown
}

/** Content that is no text: one part, or several. */
const fromContent = (content: unknown): Said => {
  const said: Said = { text: "", reasoning: "", refusal: "", calls: [], unknown: undefined }
  if (content === undefined || content === null) return said
  for (const part of Array.isArray(content) ? content : [content]) {
    if (typeof part === "string") said.text += part
    else if (isRecord(part)) pushPart(part, said)
    else if (isPresent(part)) said.unknown ??= part
  }
  return said
}

const pushPart = (part: JsonRecord, said: Said): void => {
  const type = asString(part["type"]).toLowerCase()
  if (callTypes.has(type)) {
    const { arguments: args, id, input, name } = part
    said.calls.push(
      isRecord(part["function"]) ? part : { id, function: { name, arguments: args ?? input ?? part["args"] } }
    )
  } else if (type === "refusal") {
    said.refusal += textOf(part["refusal"] ?? part["text"])
  } else if (/^(?:thinking|reasoning|thought)/.test(type) || isPresent(part["thinking"])) {
    // Parts of Mistral's reasoning models hold parts of their own; others tell it in a summary.
    said.reasoning += textOf(
      part["thinking"] ?? part["reasoning"] ?? part["text"] ?? part["content"] ?? part["summary"]
    )
    if (type === "") said.text += textOf(part["text"])
  } else if (type === "" || type.includes("text")) {
    const text = part["text"] ?? (type === "" ? undefined : part["content"])
    said.text += textOf(text)
    if (text === undefined) said.unknown ??= part
  } else if (!silent.has(type)) said.unknown ??= part
}

const textOf = (told: unknown): string => {
  if (typeof told === "string") return told
  if (Array.isArray(told)) return told.map(textOf).join("")
  return isRecord(told) ? textOf(told["text"] ?? told["value"]) : ""
}

const callTypes: ReadonlySet<string> = new Set(["tool_use", "tool_call", "toolcall", "function", "function_call"])

/** Parts that say nothing that anybody could read. */
const silent: ReadonlySet<string> = new Set(["redacted_thinking"])
