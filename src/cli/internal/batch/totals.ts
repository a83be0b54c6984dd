/**
 * How far a batch is: one line on a terminal that is drawn again while rows are asked, and one line at the end.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Usage from "../../../lm/Usage.ts"
import * as Console from "../console.ts"
import type * as Progress from "../progress.ts"
import type { Store } from "./store.ts"

/** What is said of a batch. */
export interface Totals {
  /** Counts what a row has used. */
  readonly add: (usage: Usage.Usage) => void
  /** Shows how far the batch is while it runs. If it ends before its time, it says how to go on. */
  readonly shown: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Says what came of all. */
  readonly said: Effect.Effect<void>
}

/** The totals of a batch that begins now. `total` is how many rows there are, where that is known. */
export const make = Effect.fnUntraced(function*(
  store: Store,
  { out, total }: { readonly total: number | undefined; readonly out: string },
  console: Console.Console,
  progress: Progress.Progress
): Effect.fn.Return<Totals> {
  const began = yield* Clock.currentTimeMillis
  const doneBefore = store.done()
  let usage = Usage.empty
  const say = (text: string) => console.say(...Console.remark(console, text))
  const seconds = Effect.map(Clock.currentTimeMillis, (now) => Math.max(now - began, 1) / 1000)
  const tokens = () => `${count(usage.inputTokens + usage.outputTokens)} tokens`
  const of = total === undefined ? "" : `/${count(total)}`
  const draw = Effect.flatMap(seconds, (seconds) =>
    progress.report({
      fraction: total === undefined ? undefined : store.done() / Math.max(total, 1),
      message: `${count(store.done())}${of} rows, ${count(store.failed())} failed, ` +
        `${((store.done() - doneBefore) / seconds).toFixed(1)} rows/s, ${tokens()}`
    }))
  return {
    add: (more) => void (usage = Usage.add(usage, more)),
    shown: (self) =>
      Effect.scoped(Effect.andThen(
        console.stderr.canAnimate
          ? Effect.forkScoped(Effect.repeat(draw, Schedule.spaced("200 millis")))
          : Effect.void,
        self
      )).pipe(
        Effect.ensuring(progress.clear),
        Effect.onError(() => say(`Stopped after ${count(store.done())}${of} rows: the same command goes on from there`))
      ),
    said: Effect.flatMap(seconds, (seconds) => {
      const asked = store.done() - doneBefore
      const answered = store.done() - store.failed()
      const took = asked === 0 ? "nothing was left to ask" : `${tokens()}, ${seconds.toFixed(1)} s`
      return say(`${out}: ${count(answered)} rows answered, ${count(store.failed())} failed; ${took}`)
    })
  }
})

const count = (n: number): string => n.toLocaleString("en-US")
