/**
 * The body of a response that is no success, up to a limit: a server cannot send more than that, nor what cannot be looked
 * through.
 */
import * as Result from "effect/Result"
import * as LMError from "../../lm/LMError.ts"
import { parse, TooDeep } from "../../text/json/values.ts"
import type { Refusal } from "../Protocol.ts"
import { excerpt } from "./excerpt.ts"
import { Refused } from "./failure.ts"
import { header, type Reply } from "./reply.ts"

/** Reads why a request was refused; rejects with `Refused` where the body is larger than `limit` bytes. */
export const read = (reply: Reply, limit: number, now: number): Promise<Refusal> => {
  const { headers, status } = reply
  const utf8 = new TextDecoder()
  let text = ""
  let size = 0
  const next = (): Promise<Refusal> =>
    reply.read().then((bytes) => {
      if (bytes === undefined) {
        return {
          status,
          header: (name) => header(reply, name.toLowerCase()),
          payload: payloadOf(text + utf8.decode()),
          now
        }
      }
      size += bytes.length
      if (size <= limit) {
        text += utf8.decode(bytes, { stream: true })
        return next()
      }
      reply.cancel()
      throw new Refused(
        new LMError.InvalidResponse({
          description: `the provider's error (status ${status}) is larger than ${limit} bytes, which is the limit ` +
            "(limits.errorBody)"
        }),
        headers
      )
    })
  return next()
}

const payloadOf = (text: string): unknown => {
  const parsed = parse(text)
  if (Result.isSuccess(parsed)) return parsed.success
  return parsed.failure instanceof TooDeep ? excerpt(`not read, because it is nested too deep: ${text}`) : text
}
