/**
 * What a run does in the world: a request to a language model, a tool call, an approval, a random choice. Every step passes one
 * seam, the {@link Performer}, which by default just does it and costs nothing. Whoever provides another one decides how each step
 * is done: once (a durable run), from a store, only within a budget, or written down.
 *
 * A middleware of a language model knows one request to one provider; a step knows the run: where it is, and what it asks.
 *
 * @example
 * const log: Step.Perform = (step, self) =>
 *   Effect.andThen(Effect.log(`${step.place.path}: ${step._tag} ${step.name}`), self)
 * program(input).pipe(Effect.provideService(Step.Performer, log))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Call from "./Call.ts"
import type { Meter } from "./Meter.ts"

// Models

/**
 * Something that a run is about to do. Its `place` and `asked` are the same in every process that runs the program; equal steps at
 * one place are told apart by their order.
 */
export interface Step<out A, out E> {
  readonly _tag: "LM" | "Tool" | "Approval" | "Random" | "Other"
  /** The model, the tool, or what a program calls a step of its own. */
  readonly name: string
  readonly place: Place
  /** Everything that decides the result, as plain data: JSON. */
  readonly asked: unknown
  /** The Schemas of the result and of the error, for whoever stores them. */
  readonly success: Schema.Codec<A, unknown>
  readonly error: Schema.Codec<E, unknown>
  /** What a request has brought so far, for a step that asks a language model. */
  readonly meter?: Meter | undefined
}

/** Where in the program. */
export interface Place {
  /** The path of the module, as listeners and events have it. */
  readonly path: string
  /** The iteration of the agent that the step is part of, from 1; missing outside of agents. */
  readonly iteration?: number | undefined
}

/**
 * Does a step, or takes its result from elsewhere. A performer that gives a stored response again marks it (`givenAgain: true`, as an
 * `LMError` is marked), so that nobody counts it as paid. A performer is part of the run: it is interrupted with the run, and fails only
 * with an error of the step, or with a defect.
 */
export type Perform = <A, E, R>(step: Step<A, E>, self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

const justDo: Perform = (_, self) => self

/** How the steps of what runs in this context are done. */
export const Performer = Context.Reference<Perform>("effect-lm/run/Performer", { defaultValue: () => justDo })

/** Whether the steps of what runs in this context are the last ones of an agent, which answers from what it has; false by default. */
export const Concluding = Context.Reference<boolean>("effect-lm/run/Concluding", { defaultValue: () => false })

// Constructors

/** Whether the steps of this fiber are done by a performer that somebody has provided. */
export const isPerformed = (fiber: Fiber.Fiber<unknown, unknown>): boolean => fiber.getRef(Performer) !== justDo

/** A step without its place. */
export type Options<A, E> = Omit<Step<A, E>, "place">

/** Does a step through the performer of the context. The options are made only if there is a performer; `call` says where the step is done. */
export const perform = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  options: () => Options<A, E>,
  call?: Call.Call
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const performer = fiber.getRef(Performer)
    if (performer === justDo) return self
    const { iteration, path = Call.rootPath } = call ?? fiber.getRef(Call.CurrentCall) ?? {}
    return performer({ ...options(), place: { path, ...(iteration === undefined ? {} : { iteration }) } }, self)
  })

/**
 * A step of a program's own: what it does in the world, and what it asks there. Its result and its error have Schemas, so that it
 * can be stored; one that does not fail needs none for the error.
 *
 * @example
 * const now = Step.make({ name: "now", asked: null, success: Schema.Finite }, Clock.currentTimeMillis)
 */
export const make = <A, R, E = never>(
  options: OwnOptions<A, E>,
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const { asked, error = Schema.Never, name, success } = onlyKnown("Step.make", options, optionNames)
  given("Step.make", parameters, [self])
  return perform(self, () => ({ _tag: "Other", name, asked, success, error: error as Schema.Codec<E, unknown> }))
}

/** What a program says of a step of its own. */
export interface OwnOptions<A, E> {
  readonly name: string
  /** All that decides the result, as plain data. */
  readonly asked: unknown
  readonly success: Schema.Codec<A, unknown>
  readonly error?: Schema.Codec<E, unknown> | undefined
}

const schema = Kinds.make("a Schema", Schema.isSchema)

const optionNames: Names<OwnOptions<unknown, unknown>> = {
  name: Kinds.needed(Kinds.text),
  asked: true,
  success: Kinds.needed(schema),
  error: schema
}

const parameters = { self: Kinds.effect }

/**
 * Runs an effect with one more performer. Those that are there already are outside of it: what they have stored does not reach it.
 *
 * @example
 * program(input).pipe(Step.through((step, self) => Effect.andThen(Effect.log(step.name), self)))
 */
export const through = (
  performer: Perform
): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> => {
  given("Step.through", performerParameters, [performer])
  return (self) => {
    given("Step.through", parameters, [self])
    return Effect.updateService(self, Performer, (outer) => inside(outer, performer))
  }
}

/** The performer that does each step through both. */
export const inside = (outer: Perform, inner: Perform): Perform =>
  outer === justDo ? inner : (step, self) => outer(step, inner(step, self))

const performerParameters = { performer: Kinds.fn("a function of a step and of the Effect that does it") }

/** A random number from 0 to 1. It is a step: a run that is begun again from a store finds the same number. */
export const random: Effect.Effect<number> = perform(Random.next, () => ({
  _tag: "Random",
  name: "random",
  asked: null,
  success: Schema.Finite,
  error: Schema.Never
}))
