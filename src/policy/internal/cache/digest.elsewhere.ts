/**
 * What is in the place of `digest.ts` where there is no Node. A page that did not come over HTTPS has no cryptography: there the
 * text stands for itself.
 */
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import type * as OnNode from "./digest.ts"

export const digest: typeof OnNode.digest = (text) => {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle
  return subtle === undefined ? Effect.succeed(text) : Effect.map(
    Effect.promise(() => subtle.digest("SHA-256", new TextEncoder().encode(text))),
    (hash) => Base64Url.encode(new Uint8Array(hash))
  )
}
