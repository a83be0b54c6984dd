/**
 * What an error says of itself, wherever it says it.
 *
 * Providers and the gateways before them put one error into another: as objects, lists, or JSON in a text. Only members that
 * are known to speak of the error are read: others repeat what the user or the model has written.
 */
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { asString, isRecord, parse } from "../../../text/json/values.ts"
import * as RetryDelay from "../../../text/retryDelay.ts"
import { excerpt } from "../../internal/excerpt.ts"

// Models

/** What was found in an error, the outermost first. */
export interface Facts {
  /** HTTP status codes that it names. */
  readonly statuses: ReadonlyArray<number>
  /** Codes and types in lower case, letters and digits only: see {@link kind}. */
  readonly kinds: ReadonlySet<string>
  /** The same codes and types as words: `InsufficientBalance` is "insufficient balance". */
  readonly names: string
  /** Its messages as one text; its JSON where it has none. With what the model wrote, where the error is about that. */
  readonly message: string
  /** The same without what the model wrote, and without what repeats the request. */
  readonly words: string
  /** How long it asks to wait. */
  readonly delay: Duration.Duration | undefined
  /** Headers of another response that it repeats, by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

// Constructors

/** Reads an error. */
export const make = (payload: unknown): Facts => {
  const found: Found = {
    statuses: [],
    kinds: new Set(),
    names: [],
    texts: [],
    echoes: [],
    written: "",
    delay: undefined,
    headers: new Map()
  }
  look(payload, found, 0)
  const told = found.texts.filter((text, index) =>
    found.texts.every((other, at) => at === index || !other.includes(text) || (other === text && at > index))
  ).join(": ")
  const message = told === "" && typeof payload === "object" && payload !== null ? JSON.stringify(payload) : told
  return {
    statuses: found.statuses,
    kinds: found.kinds,
    names: found.names.join(". "),
    message: found.written === ""
      ? excerpt(message)
      : `${excerpt(message)} (the model wrote: ${excerpt(found.written)})`,
    words: found.echoes.reduce((words, echo) => words.replace(echo, () => ""), message),
    delay: found.delay ?? RetryDelay.fromText(told),
    headers: found.headers
  }
}

/** A code or a type as it is compared: providers write `API_KEY_INVALID`, `ApiKeyInvalid` and `api-key-invalid`. */
export const kind = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "")

// Details

interface Found {
  readonly statuses: Array<number>
  readonly kinds: Set<string>
  readonly names: Array<string>
  readonly texts: Array<string>
  /** What a text repeats of the request. */
  readonly echoes: Array<string>
  /** What the model wrote, where the error is about that. */
  written: string
  delay: Duration.Duration | undefined
  readonly headers: Map<string, string>
}

/** Names of members, by what they hold; as {@link kind} makes them. */
const codes = new Set([
  "code",
  "status",
  "statuscode",
  "errorcode",
  "httpcode",
  "httpstatus",
  "type",
  "errortype",
  "reason"
])
const texts = new Set([
  "message",
  "msg",
  "errormessage",
  "errormsg",
  "errmsg",
  "statusmsg",
  "title",
  "description",
  "errordescription",
  "raw",
  "reason"
])
const nested = new Set([
  "error",
  "errors",
  "detail",
  "details",
  "metadata",
  "innererror",
  "innererrors",
  "providerspecificfields",
  "baseresp",
  "xgroq",
  "cause",
  "body",
  "response",
  "upstreamerror",
  "originalerror"
])
const delays = new Set(["retrydelay", "retryafter", "retryafterseconds", "retryafterms", "estimatedtime"])

/** How deep errors are put into each other at the most, and how many messages are read. */
const deepest = 8
const most = 30

const look = (value: unknown, found: Found, depth: number): void => {
  if (depth > deepest) return
  if (typeof value === "string") return lookText(value.trim(), found, depth)
  if (Array.isArray(value)) {
    for (const one of value.slice(0, 20)) look(one, found, depth + 1)
    return
  }
  if (!isRecord(value)) return
  if (Array.isArray(value["loc"]) && typeof value["msg"] === "string") {
    addText(`${value["loc"].join(".")}: ${value["msg"]}`, found)
    return
  }
  const members = Object.entries(value).map(([name, member]) => [kind(name), member] as const)
  for (const [name, member] of members) {
    if (codes.has(name)) addCode(member, found)
    if (delays.has(name)) found.delay ??= RetryDelay.fromMember(name, member)
    if (name === "headers" && isRecord(member)) {
      for (const [header, text] of Object.entries(member)) found.headers.set(header.toLowerCase(), String(text))
    }
    if (name === "failedgeneration" && found.written === "") found.written = asString(member)
  }
  for (const [name, member] of members) {
    if (texts.has(name) && (name !== "reason" || asString(member).includes(" "))) look(member, found, depth + 1)
  }
  for (const [name, member] of members) {
    if (!nested.has(name)) continue
    // As in `{ "error": "invalid_api_key", "message": "..." }`.
    if (name === "error") addCode(member, found)
    // MiniMax counts its codes for itself.
    if (name === "baseresp" && isRecord(member)) addCode(`base_resp_${String(member["status_code"])}`, found)
    look(member, found, depth + 1)
  }
}

/** A text may be JSON, or end in it: `OpenAIException - {"error": {...}}`. */
const lookText = (text: string, found: Found, depth: number): void => {
  const start = text.search(/[{[]/)
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"))
  if (start !== -1 && end > start) {
    const json = text.slice(start, end + 1)
    const inner = parse(json)
    if (Result.isSuccess(inner) && isRequest(inner.success)) found.echoes.push(json)
    else if (Result.isSuccess(inner) && tells(inner.success)) {
      addText(text.slice(0, start).replace(/[\s:'"-]{1,20}b?['"]?$/, ""), found)
      return look(inner.success, found, depth + 1)
    }
  }
  addText(text, found)
}

/** Whether JSON in a text is an error, and not a value that the error is about. */
const tells = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every(tells)
    : isRecord(value) &&
      Object.keys(value).map(kind).some((name) => (texts.has(name) || nested.has(name)) && name !== "reason")

/** Whether JSON in a text is a request, or messages of one. */
const isRequest = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every(isRequest)
    : isRecord(value) && (Array.isArray(value["messages"]) || (typeof value["role"] === "string" && "content" in value))

const addText = (text: string, found: Found): void => {
  if (text === "" || found.texts.length >= most) return
  found.texts.push(text)
  // At the beginning only: further inside it may be about an image that could not be fetched.
  const status =
    /^(?:[\w.]+: ){0,3}(?:error code|(?:bad response )?status code|http(?: error| status)?)\W{0,3}([45]\d\d)\b/i.exec(
      text
    )
      ?.[1]
  if (status !== undefined) found.statuses.push(Number(status))
}

const addCode = (value: unknown, found: Found): void => {
  if (typeof value !== "string" && typeof value !== "number") return
  const status = Number(value)
  if (Number.isInteger(status) && status >= 400 && status < 600) {
    found.statuses.push(status)
    return
  }
  // `com.amazonaws#ThrottlingException`
  const name = String(value).replace(/^.*#/, "")
  if (name.length > 100) return
  found.kinds.add(kind(name))
  found.names.push(name.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " "))
}
