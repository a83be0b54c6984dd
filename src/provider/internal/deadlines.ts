/**
 * Time limits of equal length, watched by one fiber for all calls. A timer for each call would cost a fiber, and more time
 * than reading the reply does.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** A wait that has begun. */
interface Wait {
  readonly until: number
  readonly giveUp: () => void
}

/** The waits of one length, by one clock. */
export class Deadlines {
  readonly #clock: Clock.Clock
  readonly #limit: number
  /** In the order in which they end, since all are equally long. */
  readonly #waits = new Set<Wait>()
  #watcher: Fiber.Fiber<void> | undefined
  #isEnding = false

  /** `limit` in milliseconds. */
  constructor(clock: Clock.Clock, limit: number) {
    this.#clock = clock
    this.#limit = limit
  }

  /** Begins a wait: it gives up at its end unless the function that is returned has ended it before. */
  begin(giveUp: () => void): () => void {
    if (this.#limit === Infinity) return () => {}
    const wait: Wait = { until: this.#clock.currentTimeMillisUnsafe() + this.#limit, giveUp }
    this.#waits.add(wait)
    this.#watcher ??= Effect.runForkWith(Context.make(Clock.Clock, this.#clock))(this.#watch)
    return () => {
      if (this.#waits.delete(wait) && this.#waits.size === 0) this.#endSoon()
    }
  }

  readonly #watch: Effect.Effect<void> = Effect.suspend(() => {
    const now = this.#clock.currentTimeMillisUnsafe()
    for (const wait of this.#waits) {
      if (wait.until > now) return Effect.andThen(Effect.sleep(wait.until - now), this.#watch)
      this.#waits.delete(wait)
      wait.giveUp()
    }
    this.#watcher = undefined
    return Effect.void
  })

  /** A fiber that sleeps keeps the process alive. The next call often begins at once, and goes on with the same. */
  #endSoon(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    setTimeout(() => {
      this.#isEnding = false
      if (this.#waits.size > 0) return
      this.#watcher?.interruptUnsafe()
      this.#watcher = undefined
    }, 0)
  }
}

/** The waits of this length, in milliseconds, by this clock. */
export const of = (clock: Clock.Clock, limit: number): Deadlines => {
  let byLimit = known.get(clock)
  if (byLimit === undefined) known.set(clock, byLimit = new Map())
  let deadlines = byLimit.get(limit)
  if (deadlines === undefined) byLimit.set(limit, deadlines = new Deadlines(clock, limit))
  return deadlines
}

const known = new WeakMap<Clock.Clock, Map<number, Deadlines>>()
