/**
 * The body of a response that is no success, up to a limit.
 *
 * The SDK reads such a body whole, to say what is in it. Here it is read before that, so that a server cannot send more
 * than the limit.
 */
import * as LMError from "../LMError.ts"
import { Rejected } from "./failure.ts"

/** The response, its body read if it is an error's; rejects with `Rejected` where the body is larger than `limit` bytes. */
export const bounded = (response: Response, limit: number): Promise<Response> | Response => {
  if (response.ok || response.body === null) return response
  const { headers, status, statusText } = response
  const reader = response.body.getReader()
  const pieces: Array<Uint8Array<ArrayBuffer>> = []
  let size = 0
  const next = (): Promise<Response> =>
    reader.read().then(({ value }) => {
      if (value === undefined) return new Response(new Blob(pieces), { headers, status, statusText })
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
