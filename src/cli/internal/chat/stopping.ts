/**
 * An answer that a person at the terminal can stop, without an end to the conversation.
 *
 * Keys are read while the answer is written, so that Ctrl-C is a key and no signal. What else is typed meanwhile is for nobody.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as Queue from "effect/Queue"
import * as Terminal from "effect/Terminal"
import { Approver } from "../../../tool/Approval.ts"
import * as Console from "../console.ts"

/** Runs until it is over, or until Ctrl-C, Ctrl-D or the escape key is pressed. */
export const stoppable = <E, R>(
  self: Effect.Effect<void, E, R>,
  console: Console.Console
): Effect.Effect<void, E, R | Terminal.Terminal> =>
  Effect.scoped(Effect.gen(function*() {
    const terminal = yield* Terminal.Terminal
    const stopped = yield* Deferred.make<void>()
    const watching = yield* FiberHandle.make()
    const watch = FiberHandle.run(
      watching,
      Effect.scoped(Effect.flatMap(terminal.readInput, (keys) => Effect.ignore(Effect.forever(Queue.takeAll(keys)))))
        .pipe(
          Effect.andThen(Deferred.succeed(stopped, undefined))
        )
    )
    // An approval is typed as a line.
    const asking = <A>(self: Effect.Effect<A>) =>
      Effect.acquireUseRelease(FiberHandle.clear(watching), () => self, () => watch)
    yield* watch
    const isStopped = yield* self.pipe(
      Effect.updateService(Approver, ({ request }) => ({ request: (asked) => asking(request(asked)) })),
      Effect.as(false),
      Effect.raceFirst(Effect.as(Deferred.await(stopped), true))
    )
    if (isStopped) yield* console.say(...Console.remark(console, "Stopped"))
  }))
