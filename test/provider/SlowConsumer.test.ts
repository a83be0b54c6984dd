/** Law 8: a consumer that does not read makes the server wait. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"

const { chunk, done } = WireServer

const request = asking("Capital of France?")

describe.each(Object.entries(Senders.every))("a slow consumer, over %s", (_, sending) => {
  const connect = Senders.connectWith(sending)

  it.live("law 8: a consumer that does not read makes the server wait", () =>
    Effect.gen(function*() {
      const piece = chunk({ content: "x".repeat(64 * 1024) })
      const pieces = 1000
      let sent = 0
      const { lm } = yield* connect((exchange) =>
        Effect.gen(function*() {
          yield* exchange.head(200, WireServer.eventStream)
          while (sent < pieces) {
            yield* exchange.write(piece)
            sent++
          }
          yield* exchange.write(chunk({}, { finish_reason: "stop" }), done)
          yield* exchange.end
        })
      )
      /** Waits until the server has not got rid of anything for many turns of the event loop. */
      const blocked = Effect.callback<number>((resume) => {
        const look = (last: number, still: number): void => {
          if (still === 200) return resume(Effect.succeed(last))
          setImmediate(() => look(sent, sent === last ? still + 1 : 0))
        }
        look(sent, 0)
      })
      let received = 0
      let atFirst: number | undefined
      yield* Stream.runForEachArray(lm.stream(request), (events) =>
        Effect.gen(function*() {
          for (const event of events) if (event._tag === "TextDelta") received++
          if (received > 0 && atFirst === undefined) atFirst = yield* blocked
        }))
      // What fits into the buffers of two sockets is far less than the 62 MB of the whole.
      assert.isBelow(atFirst!, pieces / 2)
      assert.strictEqual(received, pieces)
    }), 20_000)
})
