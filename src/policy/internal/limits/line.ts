/**
 * Those who wait, in the order in which they came.
 *
 * Only the first one asks for a place, so nobody is passed. Who is not there when a place is free, since its stream is not being
 * read, keeps its turn and holds nobody up.
 */
import * as Effect from "effect/Effect"
import type { Wait } from "./log.ts"

// Models

/** The turn of one who waits. */
export interface Turn {
  /** Whether it wants a place now. */
  isThere: boolean
  /** Wakes it, so that it looks again. */
  wake: () => void
}

// Constructors

/** A line. */
export class Line {
  readonly #turns = new Set<Turn>()

  /** How many are in the line. */
  get size(): number {
    return this.#turns.size
  }

  /** Goes to the end of the line. */
  enter(): Turn {
    const turn: Turn = { isThere: true, wake: nothing }
    this.#turns.add(turn)
    return turn
  }

  /** Leaves the line, wherever its turn is. */
  leave(turn: Turn): void {
    if (this.#turns.delete(turn)) this.wake()
  }

  /** It keeps its turn, and the others go on without it until it waits. */
  away(turn: Turn): void {
    turn.isThere = false
    this.wake()
  }

  /** Lets the first one look again. */
  wake(): void {
    this.#first()?.wake()
  }

  isFirst(turn: Turn): boolean {
    return this.#first() === turn
  }

  /** Waits for a place, which `ask` gives to the first in line, or says how long there is none. It leaves the line with it. */
  pass<Place extends object, E, R>(turn: Turn, ask: Effect.Effect<Place | Wait, E, R>): Effect.Effect<Place, E, R> {
    return Effect.uninterruptibleMask((restore) => {
      const look: Effect.Effect<Place, E, R> = Effect.suspend(() =>
        this.isFirst(turn)
          ? Effect.flatMap(ask, (answer) => isWait(answer) ? after(answer.millis) : Effect.succeed(answer))
          : after(Infinity)
      )
      const after = (millis: number) => Effect.flatMap(restore(asleep(turn, millis)), () => look)
      turn.isThere = true
      // One that comes back may be before the one that has been first.
      return Effect.ensuring(look, Effect.sync(() => this.leave(turn)))
    })
  }

  #first(): Turn | undefined {
    for (const turn of this.#turns) if (turn.isThere) return turn
    return undefined
  }
}

/** Whether there is no place yet. */
export const isWait = (answer: object): answer is Wait => "millis" in answer

// Details

const nothing = () => {}

/** Until it is woken, or so many milliseconds have passed. */
const asleep = (turn: Turn, millis: number): Effect.Effect<void> => {
  const woken = Effect.callback<void>((resume) => {
    // Not at once: it would go on inside of what has woken it, and be sent before that.
    turn.wake = () => resume(Effect.yieldNow)
    return Effect.sync(() => void (turn.wake = nothing))
  })
  return millis === Infinity ? woken : Effect.raceFirst(woken, Effect.sleep(millis))
}
