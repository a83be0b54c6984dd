/**
 * The body of a response that is no success, up to a limit.
 *
 * The SDK reads such a body whole, to say what is in it. Here it is read before that, so that a server cannot send more
 * than the limit, nor one that cannot be looked through.
 */
import * as Result from "effect/Result"
import * as LMError from "../LMError.ts"
import { excerpt } from "./excerpt.ts"
import { Rejected } from "./failure.ts"
import { parse, TooDeep } from "./json.ts"

/** The response, its body read if it is an error's; rejects with `Rejected` where the body is larger than `limit` bytes. */
export const bounded = (response: Response, limit: number): Promise<Response> | Response => {
  if (response.ok || response.body === null) return response
  const { headers, status, statusText } = response
  const reader = response.body.getReader()
  const pieces: Array<Uint8Array<ArrayBuffer>> = []
  let size = 0
  const next = (): Promise<Response> =>
    reader.read().then(({ value }) => {
      if (value === undefined) {
        return new Blob(pieces).text().then((text) => {
          const parsed = parse(text)
          const deep = Result.isFailure(parsed) && parsed.failure instanceof TooDeep
          // As text the SDK takes it as it is.
          return new Response(deep ? excerpt(`not read, because it is nested too deep: ${text}`) : new Blob(pieces), {
            headers,
            status,
            statusText
          })
        })
      }
      size += value.length
      if (size <= limit) {
        pieces.push(value)
        return next()
      }
      const error = new Rejected(
        new LMError.InvalidResponse({
          description: `the provider's error (status ${status}) is larger than ${limit} bytes, which is the limit ` +
            "(limits.errorBody)"
        })
      )
      return reader.cancel().then(() => Promise.reject(error), () => Promise.reject(error))
    })
  return next()
}
