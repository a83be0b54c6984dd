/**
 * The body of a response that is no success. A body that is too long, or nested too deep, is refused.
 */
import * as Result from "effect/Result"
import { parse, TooDeep } from "../../text/json/values.ts"
import type { Refusal } from "../Protocol.ts"
import { textOf } from "./bodyText.ts"
import { excerpt } from "./excerpt.ts"
import { header, type Reply } from "./reply.ts"

/** Reads why a request was refused; rejects with `Refused` where the body is larger than `limit` bytes. */
export const read = (reply: Reply, limit: number, now: number): Promise<Refusal> =>
  textOf(
    reply,
    limit,
    `the provider's error (status ${reply.status}) is larger than ${limit} bytes, which is the limit (limits.errorBody)`
  ).then((text) => ({
    status: reply.status,
    header: (name) => header(reply, name.toLowerCase()),
    payload: payloadOf(text),
    now
  }))

const payloadOf = (text: string): unknown => {
  const parsed = parse(text)
  if (Result.isSuccess(parsed)) return parsed.success
  return parsed.failure instanceof TooDeep ? excerpt(`not read, because it is nested too deep: ${text}`) : text
}
