/**
 * What HTTP and JSON can hold: looked at before it is sent, since afterwards it would pass for a failed connection.
 */
import * as Result from "effect/Result"
import type { Part } from "../../lm/LMContent.ts"
import type { Message } from "../../lm/LMRequest.ts"
import * as Secrets from "./secrets.ts"

/**
 * Why a text cannot be sent in a header, if so. The text is not shown. A `Headers` would tell too, but Node loads all of its
 * `fetch` for one, which takes longer than a request.
 */
export const headerProblem = (what: string, value: string, name = "x"): string | undefined =>
  ofConnection.has(name.toLowerCase())
    ? `${what} is one that the connection itself sets: leave it out`
    : isToken.test(name) && isText.test(value)
    ? undefined
    : `${what} cannot be sent in an HTTP header: it has a line break or a character that is not Latin-1. Check what was ` +
      "copied: it may hold quotation marks, an ellipsis or a second line"

/** The names and the values of RFC 9110, 5.1 and 5.5. */
const isToken = /^[\w!#$%&'*+.^`|~-]+$/
// oxlint-disable-next-line no-control-regex -- a tab is allowed
const isText = /^[\t\x20-\x7e\x80-\xff]*$/

/** Headers that say how the body is sent: others than those of the connection would contradict it. */
const ofConnection: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "transfer-encoding",
  "upgrade"
])

/** Why a value cannot be written as JSON, if so. */
export const jsonProblem = (what: string, value: unknown): string | undefined => {
  const written = Result.try(() => JSON.stringify(Secrets.reveal(value)))
  if (Result.isSuccess(written)) return undefined
  const [why] = (written.failure instanceof Error ? written.failure.message : String(written.failure)).split("\n")
  return `${what} cannot be written as JSON (${why}): it takes plain data without cycles, and numbers in place of BigInt`
}

/** Why requests cannot be sent to a base URL, or undefined if they can. Its user and password are not shown. */
export const urlProblem = (baseUrl: string): string | undefined => {
  const example = "such as http://localhost:11434/v1"
  if (baseUrl === "") return `the base URL is empty: write where the API is, ${example}, or leave it out`
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) {
    if (url.username !== "" || url.password !== "") {
      return "the base URL may hold no user and no password: send them as a header (authorization)"
    }
    if (/\s/.test(baseUrl)) return "the base URL has white space inside: write it without"
    return url.hash === "" ? undefined : "the base URL has a # in it, and what follows would not be sent: leave it out"
  }
  const host = /^(?:\/\/)?([\w.-]+(?::\d+)?)(?:\/|$)/.exec(baseUrl)?.[1]
  return "the base URL has to begin with http:// or https://" +
    (host === undefined ? `, ${example}` : `: write http://${host}... or https://${host}...`)
}

/** Which message cannot be sent as UTF-8, if one cannot: half a character is in it, where a text was cut in the middle of one. */
export const textProblem = (messages: ReadonlyArray<Message>): string | undefined => {
  const at = messages.findIndex(({ content }) => !content.every(isWellFormed))
  return at === -1
    ? undefined
    : `message ${at + 1} holds half a character (a lone surrogate), which UTF-8 does not have: cut texts between ` +
      "characters, or send text.toWellFormed()"
}

const isWellFormed = (part: Part): boolean =>
  part._tag === "Text" ? part.text.isWellFormed() : part._tag !== "ToolResult" || part.content.every(isWellFormed)
