/**
 * A whole body as text, up to a limit.
 */
import * as LMError from "../../lm/LMError.ts"
import { Refused } from "./failure.ts"
import type { Reply } from "./reply.ts"

/** Reads a body; rejects with `Refused`, which says `tooLarge`, where it has more bytes than `limit`. */
export const textOf = (reply: Reply, limit: number, tooLarge: string): Promise<string> => {
  const utf8 = new TextDecoder()
  let text = ""
  let size = 0
  const next = (): Promise<string> =>
    reply.read().then((bytes) => {
      if (bytes === undefined) return text + utf8.decode()
      size += bytes.length
      if (size <= limit) {
        text += utf8.decode(bytes, { stream: true })
        return next()
      }
      reply.cancel()
      throw new Refused(new LMError.InvalidResponse({ description: tooLarge }), reply.headers)
    })
  return next()
}
