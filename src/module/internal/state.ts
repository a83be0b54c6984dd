/**
 * The state of a program, as its callers save and load it.
 */
import type * as Effect from "effect/Effect"
import * as Kinds from "../../text/kinds.ts"
import { combinator, given, optionsOf } from "../../text/options.ts"
import type { Any } from "../Module.ts"
import type { State } from "../State.ts"
import type { StateError } from "../StateError.ts"
import { isModule } from "./invoke.ts"
import * as SavedState from "./savedState.ts"

/** Options of {@link load}. */
export interface LoadOptions {
  /** The most characters that the state's JSON may have; 10,000,000 by default. */
  readonly maxLength?: number | undefined
}

const loadOptions = Kinds.optional(optionsOf<LoadOptions>({ maxLength: Kinds.countFrom(1) }))

/** The state is checked when it is loaded. */
const anything: Kinds.Kind = () => {}

/**
 * The instructions, descriptions, demos and generation settings of every predictor, as JSON with a version: a file of it is
 * `JSON.stringify(state, null, 2)`. Fails with a {@link StateError} where a setting is no JSON (a date, a secret), and where a demo
 * does not fit the signature that a predictor was given since; what is saved can be loaded.
 *
 * @example
 * const state = yield* Module.save(research) // { version: 1, predictors: { analyze: { signature, instructions, demos, config }, ... } }
 */
export const save = (self: Any): Effect.Effect<State, StateError> => {
  given("Module.save", { self: Kinds.program }, [self])
  return SavedState.save(self)
}

/**
 * The same program with a state that {@link save} gave: the value, or its text as it is in a file. What DSPy's
 * `program.save("state.json")` wrote of a program with the same predictors and fields is loaded too, without its language models
 * and traces.
 *
 * All of it is loaded or nothing. A path that only one of the two has, other fields, fields of other types and a newer version are
 * a {@link StateError}, and so are a demo or a setting that the program does not take.
 *
 * @example
 * const tuned = yield* Module.load(research, yield* fs.readFileString("research.json"))
 */
export const load: {
  (state: unknown, options?: LoadOptions): <M extends Any>(self: M) => Effect.Effect<M, StateError>
  <M extends Any>(self: M, state: unknown, options?: LoadOptions): Effect.Effect<M, StateError>
} = combinator(
  "Module.load",
  { self: Kinds.program, state: anything, options: loadOptions },
  <M extends Any>(
    self: M,
    state: unknown,
    { maxLength = 10_000_000 }: LoadOptions = {}
  ): Effect.Effect<M, StateError> => SavedState.load(self, state, maxLength),
  (args) => isModule(args[0])
)
