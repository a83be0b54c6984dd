/**
 * Requests that go through a client of the `openai` SDK: it knows the ways of Azure, and its user may have set it up for a proxy,
 * or to be watched. Only what is needed of it is named here, since the SDK's own types bring Node's globals with them.
 */
import { asString, isRecord } from "../../text/json/values.ts"
import { FetchReply } from "../internal/fetchSender.ts"
import type { Post } from "../internal/posting.ts"
import type { Client } from "../OpenAI.ts"

/** Sends bodies to a path of the client's. Its own retries and time limits are off: ours are in their place. */
export const post = (client: Client, path: string): Post => ({ body, headers }, abort) =>
  client.post(path, { body, headers, signal: abort.signal(), maxRetries: 0, timeout: 2 ** 31 - 1 }).asResponse()
    .catch((error: unknown) => {
      const refused = refusalOf(error)
      if (refused === undefined) throw error
      return refused
    })
    .then((response) => new FetchReply(response))

/** What a server has refused, which the SDK throws, as the response that it was. */
const refusalOf = (error: unknown): Response | undefined => {
  if (!isRecord(error) || typeof error["status"] !== "number") return undefined
  const { headers, message, status } = error
  // The SDK keeps the member `error` of a body only.
  const text = error["error"] === undefined
    ? asString(message).replace(`${status} `, "")
    : JSON.stringify({ error: error["error"] })
  return new Response(text, { status: error["status"], ...(headers instanceof Headers ? { headers } : {}) })
}
