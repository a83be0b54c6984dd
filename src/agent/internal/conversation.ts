/**
 * An agent's turns, as far as the language model can still take them.
 */
import * as Effect from "effect/Effect"
import type * as Adapter from "../../adapter/Adapter.ts"
import { LMError } from "../../lm/LMError.ts"
import * as Call from "../../run/Call.ts"
import { notify, Observers } from "../../run/Observer.ts"

/** The turns of one run of an agent. */
export interface Conversation {
  readonly add: (iteration: number, turn: Adapter.Turn) => void
  /**
   * Sends the turns. Where the model's context is full it sends the newer half of them instead, and says so: to the model in
   * a note, to the observers in an event. Fails where the newest turn alone is too long.
   */
  readonly fitting: <A, E, R>(
    send: (turns: ReadonlyArray<Adapter.Turn>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

/** No turns yet; `call` is the agent's. */
export const make = (call: Call.Call): Conversation => {
  let kept: ReadonlyArray<{ readonly iteration: number; readonly turn: Adapter.Turn }> = []
  let lastDropped = 0

  const drop = Effect.gen(function*() {
    const dropped = kept.slice(0, Math.ceil(kept.length / 2))
    kept = kept.slice(dropped.length)
    lastDropped = dropped.at(-1)!.iteration
    yield* notify(yield* Observers, [{
      _tag: "StepsDropped",
      sequence: call.run.nextSequence(),
      call: (yield* Call.CurrentCall) ?? call,
      iterations: dropped.map(({ iteration }) => iteration)
    }])
  })

  const fitting: Conversation["fitting"] = (send) =>
    Effect.suspend(() =>
      Effect.catchIf(
        send([...note(lastDropped), ...kept.map(({ turn }) => turn)]),
        (error) => kept.length > 1 && error instanceof LMError && error.reason._tag === "ContextWindowExceeded",
        () => Effect.andThen(drop, fitting(send))
      )
    )

  return {
    add: (iteration, turn) => {
      kept = [...kept, { iteration, turn }]
    },
    fitting
  }
}

const note = (lastDropped: number): ReadonlyArray<Adapter.Turn> =>
  lastDropped === 0 ? [] : [{
    _tag: "Note",
    text: lastDropped === 1
      ? "(Turn 1 of the work stood here. It was left out because the text became too long.)"
      : `(Turns 1 to ${lastDropped} of the work stood here. They were left out because the text became too long.)`
  }]
