/** What errors mean, in the words of the services that say them. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Stream } from "effect"
import type { LMError } from "effect-lm"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { asking } from "../../support/requests.ts"
import * as WireServer from "../../support/wireServer.ts"

/** A status (`stream`: an error inside a stream), the body, and how long it asks to wait, in milliseconds. */
export type Row = readonly [status: number | "stream", body: unknown, retryAfter?: number]

/** The body of an error, as most services write it. */
export const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

/** How a call fails that is answered like this. */
export const fails = Effect.fnUntraced(function*([status, body]: Row) {
  const server = yield* WireServer.make(
    status === "stream"
      ? WireServer.events(WireServer.data(body))
      : typeof body === "string"
      ? WireServer.reply(status, {}, body)
      : WireServer.json(status, body)
  )
  const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, retry: false })
  return yield* Effect.flip(Stream.runDrain(lm.stream(asking("q"))))
})

const retryable = new Set<LMError["reason"]["_tag"]>(["RateLimited", "Server", "Timeout"])

/** Tests that each of these is an error with this reason, which is tried again where that may help, after the time that it says. */
export const means = (tag: LMError["reason"]["_tag"], what: string, rows: ReadonlyArray<Row>): void => {
  describe(`what an error means: ${what}: ${tag}`, () => {
    for (const row of rows) {
      it.effect(`${row[0]} ${JSON.stringify(row[1]).slice(0, 150)}`, () =>
        Effect.gen(function*() {
          const failure: LMError = yield* fails(row)
          assert.strictEqual(failure.reason._tag, tag, failure.message)
          assert.strictEqual(failure.isRetryable, retryable.has(tag))
          const { retryAfter } = failure
          if (row[2] !== undefined || retryAfter !== undefined) {
            assert.strictEqual(retryAfter === undefined ? undefined : Duration.toMillis(retryAfter), row[2])
          }
        }))
    }
  })
}
