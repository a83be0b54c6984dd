/**
 * Who allows the tool calls of a command that need it: everybody, a person at the terminal, or nobody.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import type * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import * as Approval from "../../tool/Approval.ts"
import type { Console } from "./console.ts"
import type { Event } from "./screen.ts"

/** The approver of one run, and its screen. */
export interface Approvals {
  readonly layer: Layer.Layer<never, never, Terminal.Terminal | Stdio.Stdio>
  /** Writes to the screen, which waits while a question stands there. */
  readonly writing: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Tells that these events are on the screen: a person is asked about a call when all that led to it can be read. */
  readonly shown: (events: ReadonlyArray<Event>) => Effect.Effect<void>
}

/** What a command says of approvals. */
export interface Options {
  /** The run's events are shown, and told with `shown`. */
  readonly onScreen: boolean
  /** A person at the terminal may be asked. */
  readonly asks: boolean
  /** The flag that allows everything. */
  readonly flag: string
}

/** `all` is allowed, or a person is asked. */
export const make = (all: boolean, { asks, flag, onScreen }: Options, console: Console): Approvals => {
  const screen = Semaphore.makeUnsafe(1)
  const visible = new Map<string, Deferred.Deferred<void>>()
  const visibility = (approvalId: string): Deferred.Deferred<void> => {
    const known = visible.get(approvalId) ?? Deferred.makeUnsafe<void>()
    visible.set(approvalId, known)
    return known
  }
  const asking = Layer.effect(
    Approval.Approver,
    Effect.map(Approval.Approver, ({ request }) => ({
      request: (asked: Approval.Request) =>
        onScreen
          ? Effect.andThen(Deferred.await(visibility(asked.id)), screen.withPermit(request(asked)))
          : request(asked)
    }))
  ).pipe(Layer.provide(Approval.layerTerminal), Layer.provide(terminal(console)))
  return {
    layer: all
      ? Approval.layerAuto
      : console.canAsk && asks
      ? asking
      : Approval.layerRefuse(
        `it needs the approval of a person: run it ${asks ? "on a terminal, or " : ""}with ${flag}`
      ),
    writing: screen.withPermit,
    shown: (events) =>
      Effect.sync(() => {
        for (const event of events) {
          if (event._tag === "ApprovalRequested") Deferred.doneUnsafe(visibility(event.approvalId), Exit.void)
        }
      })
  }
}

/** Questions are no results: they go to standard error. */
const terminal = (console: Console): Layer.Layer<Terminal.Terminal, never, Terminal.Terminal> =>
  Layer.effect(
    Terminal.Terminal,
    Effect.map(Terminal.Terminal, (terminal) => ({ ...terminal, display: (text: string) => console.say(text) }))
  )
