/**
 * A connection to a server: it has a session, and begins another where that one is over.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { Broken, Failure } from "./failure.ts"
import type { Session } from "./session.ts"

export interface Connection {
  /**
   * Uses the session. If the session was over already, a new one is begun, once. If the session ends in the middle of the use, the
   * server may have seen the request: the use is then repeated, once too, only if it `mayRepeat`.
   */
  readonly use: <A>(
    f: (session: Session) => Effect.Effect<A, Failure>,
    options: { readonly mayRepeat: boolean }
  ) => Effect.Effect<A, Exclude<Failure, Gone>>
}

type Gone = Extract<Failure, { readonly _tag: "Gone" }>

interface Current {
  readonly session: Session
  readonly scope: Scope.Closeable
}

/** Opens the first session, and ends that which is there with the scope. */
export const make = (
  open: Effect.Effect<Session, Failure, Scope.Scope>
): Effect.Effect<Connection, Exclude<Failure, Gone>, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const turn = Semaphore.makeUnsafe(1)
    let current: Current | undefined
    let isClosed = false

    /** A session that is another than `old`. */
    const renewed = (old: Current | undefined): Effect.Effect<Current, Failure> =>
      turn.withPermit(Effect.suspend(() => {
        if (isClosed) return Effect.fail(closed)
        if (current !== undefined && current !== old) return Effect.succeed(current)
        current = undefined
        return Effect.gen(function*() {
          if (old !== undefined) yield* Scope.close(old.scope, Exit.void)
          const own = yield* Scope.fork(scope)
          const session = yield* Effect.onError(
            Scope.provide(open, own),
            (cause) => Scope.close(own, Exit.failCause(cause))
          )
          return current = { session, scope: own }
        })
      }))

    const use: Connection["use"] = (f, { mayRepeat }) =>
      Effect.flatMap(
        Effect.suspend(() => current === undefined ? renewed(undefined) : Effect.succeed(current)),
        (used) =>
          Effect.catchIf(
            f(used.session),
            (failure) => isGone(failure) || (mayRepeat && failure._tag === "Ended"),
            () => Effect.flatMap(renewed(used), (next) => f(next.session))
          )
      ).pipe(Effect.mapError(whole))

    yield* Effect.addFinalizer(() => Effect.sync(() => isClosed = true))
    yield* Effect.mapError(renewed(undefined), whole)
    return { use }
  })

// Details

const closed: Broken = { _tag: "Unreachable", said: "the connection is closed" }

const isGone = (failure: Failure): failure is Gone => failure._tag === "Gone"

/** The new session was over too. */
const whole = (failure: Failure) => isGone(failure) ? failure.why : failure
