/**
 * One answer that several callers follow while it comes: each of them from its beginning, and at its own pace.
 *
 * The source goes on when the fastest of them wants more, so that a slow caller that is alone slows the provider down. What has
 * come is kept until the end, for those who come later.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { LMError } from "../../../lm/LMError.ts"
import type { LMEvent } from "../../../lm/LMEvent.ts"
import * as Usage from "../../../lm/Usage.ts"

type Events = NonEmptyReadonlyArray<LMEvent>

/** Asks for the answer, and tells the flight of it. */
export type Source = (flight: Flight) => Effect.Effect<void, LMError>

/** The answers that are on their way, by their keys. */
export class Flights {
  private readonly flying = new Map<string, Flight>()

  /** The answer that is on its way, or a new one from the source. The last caller that leaves interrupts the source. */
  follow(key: string, source: Source): Stream.Stream<LMEvent, LMError> {
    return Stream.unwrap(Effect.map(
      Effect.acquireRelease(this.join(key, source), (flight) => this.leave(key, flight)),
      (flight) => Stream.fromPull(Effect.sync(() => new Follower(flight).pull))
    ))
  }

  private join(key: string, source: Source): Effect.Effect<Flight> {
    return Effect.suspend(() => {
      const known = this.flying.get(key)
      if (known !== undefined) {
        known.followers++
        return Effect.succeed(known)
      }
      const flight = new Flight()
      this.flying.set(key, flight)
      const run = Effect.onExit(source(flight), (exit) =>
        Effect.sync(() => {
          this.land(key, flight)
          flight.end(exit)
        }))
      return Effect.map(Effect.forkDetach(run, { startImmediately: true }), (fiber) => {
        flight.fiber = fiber
        return flight
      })
    })
  }

  private leave(key: string, flight: Flight): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (--flight.followers > 0 || flight.exit !== undefined || flight.fiber === undefined) return Effect.void
      this.land(key, flight)
      return Effect.asVoid(Fiber.interrupt(flight.fiber))
    })
  }

  private land(key: string, flight: Flight): void {
    if (this.flying.get(key) === flight) this.flying.delete(key)
  }
}

/** One answer on its way. */
export class Flight {
  readonly reads: Array<Events> = []
  exit: Exit.Exit<void, LMError> | undefined
  fiber: Fiber.Fiber<void, LMError> | undefined
  followers = 1
  /** The follower for whom the answer is paid; for the others it is given again. */
  payer: Follower | undefined
  /** Those who have seen all that there is. */
  private waiting = new Set<() => void>()
  private isWanted = false
  private resume: (() => void) | undefined

  /** Whether anybody has seen all that there is, and wants more: the source waits for it. */
  readonly wanted: Effect.Effect<void> = Effect.suspend(() =>
    this.isWanted ? Effect.void : Effect.callback<void>((resume) => {
      this.resume = () => resume(Effect.void)
    })
  )

  push(events: ReadonlyArray<LMEvent>): void {
    if (!Arr.isReadonlyArrayNonEmpty(events)) return
    this.reads.push(events)
    this.wake()
  }

  end(exit: Exit.Exit<void, LMError>): void {
    this.exit = exit
    this.wake()
  }

  /** Calls back once there is more. Gives what takes the wish back. */
  want(callback: () => void): Effect.Effect<void> {
    this.waiting.add(callback)
    this.isWanted = true
    const { resume } = this
    // The source may come to the next wait before it returns here.
    this.resume = undefined
    resume?.()
    return Effect.sync(() => this.waiting.delete(callback))
  }

  private wake(): void {
    const { waiting } = this
    this.waiting = new Set()
    this.isWanted = false
    for (const callback of waiting) callback()
  }
}

/** One caller, and how far it has read. */
class Follower {
  private readonly flight: Flight
  private at = 0
  /** Whether this caller has heard that the answer is given again. */
  private isTold = false

  constructor(flight: Flight) {
    this.flight = flight
  }

  readonly pull: Effect.Effect<Events, LMError | Cause.Done> = Effect.suspend(() => {
    const { exit, reads } = this.flight
    const events = reads[this.at]
    if (events !== undefined) {
      this.at++
      return Effect.succeed(this.seen(events))
    }
    if (exit !== undefined) return this.over(exit)
    return Effect.callback<Events, LMError | Cause.Done>((resume) => this.flight.want(() => resume(this.pull)))
  })

  private seen(events: Events): Events {
    this.isTold ||= events.some(({ _tag }) => _tag === "GivenAgain")
    if (this.isTold || !events.some(({ _tag }) => _tag === "Usage") || this.pays()) return events
    this.isTold = true
    return [givenAgain, ...events.map((event) => event._tag === "Usage" ? { ...event, usage: Usage.empty } : event)]
  }

  private over(exit: Exit.Exit<void, LMError>): Effect.Effect<Events, LMError | Cause.Done> {
    if (this.isTold || this.pays()) return Effect.andThen(exit, Cause.done())
    this.isTold = true
    // Asked once more, it is over.
    return Exit.isSuccess(exit)
      ? Effect.succeed([givenAgain])
      : Effect.andThen(Effect.mapError(exit, free), Cause.done())
  }

  /** The first who hears what the answer has cost pays for it. */
  private pays(): boolean {
    return (this.flight.payer ??= this) === this
  }
}

const givenAgain: LMEvent = { _tag: "GivenAgain" }

/** The failure of a call that has cost nothing. */
const free = (failed: LMError): LMError => {
  const { usage: _, ...error } = failed
  return new LMError({ ...error, givenAgain: true })
}
