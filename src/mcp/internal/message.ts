/**
 * JSON-RPC messages, read as leniently as their meaning allows. A part that is no message is passed over; the messages around it are
 * read all the same.
 */
import * as Result from "effect/Result"
import { isRecord, type JsonRecord as Json } from "../../text/json/values.ts"

export { isRecord, type Json }

/** What we send. */
export interface Request {
  readonly jsonrpc: "2.0"
  readonly id: number
  readonly method: string
  readonly params: Json
}

/** What we send and have no answer to. */
export type Told =
  | { readonly jsonrpc: "2.0"; readonly method: string; readonly params?: Json }
  | { readonly jsonrpc: "2.0"; readonly id: string | number; readonly result: Json }
  | { readonly jsonrpc: "2.0"; readonly id: string | number; readonly error: Json }

/** What a server sends. An id is compared as text: some servers send numbers back as strings. */
export type Received =
  /** Without an id where the server did not say to which request it belongs. */
  | { readonly _tag: "Answer"; readonly id: string | undefined; readonly result: unknown }
  | { readonly _tag: "Refusal"; readonly id: string | undefined } & Problem
  | { readonly _tag: "Asked"; readonly id: string | number; readonly method: string }
  | { readonly _tag: "Notified"; readonly method: string; readonly params: Json }

/** The error of a response. */
export interface Problem {
  readonly code: number | undefined
  readonly message: string
  readonly data: unknown
}

/** The most characters of a message, and the most bytes of a response's body. */
export const mostCharacters = 16 * 1024 * 1024

export const notification = (method: string, params?: Json): Told => ({
  jsonrpc: "2.0",
  method,
  ...(params === undefined ? {} : { params })
})

/** The messages of a text: one, those of a batch, or none. What was written before one on its line is passed over. */
export const parse = (text: string): ReadonlyArray<Received> => {
  const json = text.trim()
  const messages = read(json)
  const start = json.indexOf("{\"")
  return messages.length === 0 && start > 0 ? read(json.slice(start)) : messages
}

/** The id of the request that a message with this beginning answers, if the beginning shows it. */
export const idOf = (head: string): string | undefined => {
  const [, text, number] = /"id"\s*:\s*(?:"([^"]*)"|(\d+))/.exec(head) ?? []
  return text ?? number
}

/** A ping is answered; nothing else that servers ask for is offered here. */
export const reply = ({ id, method }: Received & { readonly _tag: "Asked" }): Told =>
  method === "ping"
    ? { jsonrpc: "2.0", id, result: {} }
    : { jsonrpc: "2.0", id, error: { code: -32_601, message: `this client does not offer ${method}` } }

// Details

const read = (json: string): ReadonlyArray<Received> => {
  const value = Result.getOrUndefined(Result.try((): unknown => JSON.parse(json)))
  return (Array.isArray(value) ? value : [value]).map(toReceived).filter((message) => message !== undefined)
}

const toReceived = (u: unknown): Received | undefined => {
  if (!isRecord(u) || !(Object.hasOwn(u, "jsonrpc") || isAnswer(u))) return undefined
  const { error, id: own, method, params, result } = u
  const known = typeof own === "string" || typeof own === "number" ? own : undefined
  const id = known === undefined ? undefined : String(known)
  if (error !== undefined && error !== null) return { _tag: "Refusal", id, ...toProblem(error) }
  if (result !== undefined) return { _tag: "Answer", id, result }
  if (typeof method === "string") {
    return known === undefined
      ? { _tag: "Notified", method, params: isRecord(params) ? params : {} }
      : { _tag: "Asked", id: known, method }
  }
  return id === undefined
    ? undefined
    : { _tag: "Refusal", id, ...toProblem("the answer has neither a result nor an error") }
}

/** An answer that leaves out its version. An object with other keys is no answer: it may be a line of a log. */
const isAnswer = (u: Json): boolean =>
  Object.hasOwn(u, "id") && (Object.hasOwn(u, "result") || Object.hasOwn(u, "error")) &&
  Object.keys(u).every((key) => ["id", "result", "error", "_meta"].includes(key))

const toProblem = (error: unknown): Problem => {
  const { code, data, message } = isRecord(error) ? error : { code: undefined, data: undefined, message: error }
  return {
    code: typeof code === "number" ? code : undefined,
    message: typeof message === "string" && message !== "" ? message : JSON.stringify(error),
    data
  }
}
