/** A model that stops in the middle of its answer. */
import { Effect } from "effect"
import * as WireServer from "./wireServer.ts"

/** Begins an answer, and then says no more. */
export const begun: WireServer.Handler = (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    yield* exchange.write(WireServer.chunk({ content: "[[ ## answer ## ]]\nIt began" }))
    yield* exchange.closed
  })
