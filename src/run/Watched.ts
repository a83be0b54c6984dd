/**
 * Makes the start and the end of a call visible to the observers.
 */
import * as Cause from "effect/Cause"
import { Clock } from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Kinds from "../text/kinds.ts"
import { given } from "../text/options.ts"
import * as Call from "./Call.ts"
import { notify, type Observer, Observers, type Start } from "./Observer.ts"
import type { Outcome, RunEvent } from "./RunEvent.ts"

/**
 * Runs an effect between two events. The end is told however the effect ends, also when it is interrupted: see {@link ending}.
 */
export const watched = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observers: ReadonlyArray<Observer>,
  start: () => Start,
  end: (outcome: Outcome<A>, durationMillis: number) => RunEvent
): Effect.Effect<A, E, R> =>
  observers.length === 0 ? self : Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock)
    const started = clock.currentTimeMillisUnsafe()
    return ending(
      Effect.suspend(() => {
        const begun = start()
        return Effect.andThen(notify(observers, [begun]), wrapped(self, observers, begun))
      }),
      observers,
      (exit) => [end(outcome(exit), clock.currentTimeMillisUnsafe() - started)]
    )
  })

/** The effect, wrapped by the observers, the first of them outermost. An observer that fails to wrap it leaves it as it is. */
const wrapped = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observers: ReadonlyArray<Observer>,
  begun: Start
): Effect.Effect<A, E, R> =>
  observers.reduceRight((inner, observer) => {
    if (observer.around === undefined) return inner
    const made = Result.try(() => observer.around!(begun, inner))
    if (Result.isSuccess(made) && Effect.isEffect(made.success)) return made.success
    return Effect.andThen(Effect.logWarning("an observer of the run wraps nothing", made), inner)
  }, self)

/**
 * Tells the observers how an effect ended. An observer that waits holds the run up, and is interrupted with it. Once the run is
 * interrupted, the other observers still hear of the end, but what they do after their first wait is not done.
 */
export const ending = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  observers: ReadonlyArray<Observer>,
  events: (exit: Exit.Exit<A, E>) => ReadonlyArray<RunEvent>
): Effect.Effect<A, E, R> =>
  observers.length === 0 ?
    self :
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.exit(restore(self)), (exit) => {
        const last = events(exit)
        if (last.length === 0) return exit
        let told = 0
        const tellAll = Effect.forEach(observers, (observer) => {
          told++
          return notify([observer], last)
        }, { discard: true })
        return restore(tellAll).pipe(
          Effect.onInterrupt(() =>
            Effect.forEach(observers.slice(told), (observer) => atOnce(notify([observer], last)), { discard: true })
          ),
          Effect.exit,
          Effect.andThen(exit)
        )
      })
    )

/** Runs an effect up to where it would have to wait. */
const atOnce = (self: Effect.Effect<unknown>): Effect.Effect<void> =>
  Effect.map(Effect.forkDetach(self, { startImmediately: true }), (fiber) => fiber.interruptUnsafe())

const outcome = <A, E>(exit: Exit.Exit<A, E>): Outcome<A> =>
  Exit.isSuccess(exit)
    ? { _tag: "Success", value: exit.value }
    : Cause.hasInterruptsOnly(exit.cause)
    ? { _tag: "Interrupted" }
    : { _tag: "Failure", error: Cause.squash(exit.cause) }

/** A tool call about to be made. */
export interface ToolCallOptions {
  readonly name: string
  /** What the model calls it; the call's place in the run if left out. */
  readonly toolCallId?: string | undefined
  readonly inputs: Readonly<Record<string, unknown>>
}

/** What a running tool call can tell the observers. */
export interface ToolReporter {
  readonly toolCallId: string
  /** What the model calls the call, where a model asked for it. */
  readonly asked: { readonly toolCallId?: string }
  readonly progress: (value: unknown) => Effect.Effect<void>
  /** Takes note that the result was given before: its end says so. */
  readonly givenAgain: () => void
  readonly clientRequested: (requestId: string, args: Readonly<Record<string, unknown>>) => Effect.Effect<void>
  readonly approvalRequested: (approvalId: string) => Effect.Effect<void>
  readonly approvalAnswered: (
    approvalId: string,
    approved: boolean,
    reason?: string,
    args?: Readonly<Record<string, unknown>>
  ) => Effect.Effect<void>
}

/**
 * Runs a tool call between two events, as a call of its own: modules that it calls are below it. The error of
 * the effect is the outcome that the observers see.
 */
export const toolCall = <A, E, R>(
  { inputs, name, toolCallId: givenId }: ToolCallOptions,
  self: (report: ToolReporter) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const parent = fiber.getRef(Call.CurrentCall)
    const observers = fiber.getRef(Observers)
    const call = parent === undefined ? Call.make(undefined, name, name) : Call.within(parent, name)
    const toolCallId = givenId ?? call.place
    const stamp = () => ({ sequence: call.run.nextSequence(), call, toolCallId })
    const tell = (event: () => RunEvent): Effect.Effect<void> =>
      observers.length === 0 ? Effect.void : Effect.suspend(() => Effect.asVoid(notify(observers, [event()])))
    let isGivenAgain = false
    const report: ToolReporter = {
      toolCallId,
      givenAgain: () => {
        isGivenAgain = true
      },
      asked: givenId === undefined ? {} : { toolCallId: givenId },
      progress: (value) => tell(() => ({ _tag: "ToolProgress", ...stamp(), value })),
      clientRequested: (requestId, args) =>
        tell(() => ({ _tag: "ClientRequested", ...stamp(), requestId, inputs: args })),
      approvalRequested: (approvalId) => tell(() => ({ _tag: "ApprovalRequested", ...stamp(), approvalId, inputs })),
      approvalAnswered: (approvalId, approved, reason, args) =>
        tell(() => ({ _tag: "ApprovalAnswered", ...stamp(), approvalId, approved, reason, arguments: args }))
    }
    return watched(
      Call.run(
        call,
        Effect.provideService(Effect.suspend(() => self(report)), Call.CurrentCall, Call.inToolCall(call))
      ),
      observers,
      () => ({ _tag: "ToolStart", ...stamp(), inputs }),
      (outcome, durationMillis) => ({
        _tag: "ToolEnd",
        ...stamp(),
        outcome,
        durationMillis,
        ...(isGivenAgain ? { givenAgain: true } : {})
      })
    )
  })

/**
 * Makes any effect visible as a tool call of the module that runs it: status hooks and other observers see its name, inputs and
 * result.
 *
 * @example
 * const page = yield* Watched.tool("fetch", { url }, fetchPage(url))
 */
export const tool = <A, E, R>(
  name: string,
  inputs: Readonly<Record<string, unknown>>,
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  given("Watched.tool", parameters, [name, inputs, self])
  return toolCall({ name, inputs }, () => self)
}

const parameters = { name: Kinds.text, inputs: Kinds.object, self: Kinds.effect }
