/**
 * A program: an immutable, callable value with a name, sub-modules by key and predictors by path.
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Pipeable } from "effect/Pipeable"
import type { GenerationConfig } from "../lm/LMRequest.ts"
import * as Call from "../run/Call.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { combinator, given } from "../text/options.ts"
import { CurrentMaxIterations } from "./CurrentMaxIterations.ts"
import type { InputError } from "./InputError.ts"
import { type Answer, checkedEffect, conclude } from "./internal/answer.ts"
import { callOptions } from "./internal/callOptions.ts"
import { config, configured } from "./internal/checkedConfig.ts"
import { bind, isModule, TypeId } from "./internal/invoke.ts"
import * as Layers from "./internal/layers.ts"
import { validInputs } from "./internal/validInputs.ts"
import { around } from "./internal/wrap.ts"
import type { Predict } from "./Predict.ts"
import type * as Prediction from "./Prediction.ts"

// Models

export type { Answer, ModuleError } from "./internal/answer.ts"
export type { Attempt } from "./internal/attempt.ts"
export type { LoadOptions } from "./internal/state.ts"
export { TypeId }

/** Signatures by predictor path. */
export interface Signatures {
  readonly [path: string]: Signature.Any
}

/** Options of one call. */
export interface CallOptions {
  /** Wins over the predictor's own config; given to a composed module, it is the default of all predictors inside. */
  readonly config?: GenerationConfig | undefined
  /** The most iterations of the agent, or of each agent inside, whatever its own limit is. */
  readonly maxIterations?: number | undefined
}

/**
 * A program that takes `I` and answers a {@link Prediction.Prediction} of `O`. `S` tells the signature of each predictor
 * by its path: `self` for a bare predictor, the key of a sub-module, `agent.react` further below. Identity is the path,
 * never the object, so listeners survive copies.
 */
export interface Module<in I, out O, out E, out R, out S extends Signatures> extends Members<S> {
  (input: I, options?: CallOptions): Effect.Effect<Prediction.Prediction<O>, E, R>
}

/** The members that every module has, beside being callable. */
export interface Members<out S extends Signatures> extends Pipeable {
  readonly [TypeId]: Definition
  readonly name: string
  readonly modules: Modules
  readonly signatures: S
  /** What is known of the inputs and outputs at run time; a composed module has one if it was given one. */
  readonly signature: Signature.Any | undefined
}

/** Any module. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one type that every module is assignable to
export type Any = Module<any, any, any, any, any>

/** Sub-modules by key. */
export interface Modules {
  readonly [key: string]: Any
}

/** The predictors of sub-modules: a bare predictor has its key as path, others have the key before theirs. */
export type SignaturesOf<Ms extends Modules> = { readonly [P in PathsOf<Ms>]: SignatureAt<Ms, P> }

type PathsOf<Ms extends Modules> = {
  [K in keyof Ms & string]: { [P in keyof Ms[K]["signatures"] & string]: P extends "self" ? K : `${K}.${P}` }[
    keyof Ms[K]["signatures"] & string
  ]
}[keyof Ms & string]

type SignatureAt<Ms extends Modules, P extends string> = (P extends keyof Ms ? Ms[P]["signatures"]["self"]
  : P extends `${infer K}.${infer Rest}` ? Ms[K]["signatures"][Rest]
  : never) extends infer S extends Signature.Any ? S : never

/** How a module works: what `make` and the built-ins hand over, and what copies are made from. */
export interface Definition {
  readonly name: string
  readonly signature: Signature.Any | undefined
  readonly modules: Modules
  readonly signatures: Signatures
  // oxlint-disable typescript/no-explicit-any -- the module's type says what they are
  readonly run: (
    input: any,
    options: any,
    call: Call.Call
  ) => Effect.Effect<Prediction.Prediction<any>, any, any>
  // oxlint-enable typescript/no-explicit-any
  /** Whether it calls tools until it knows enough; false if left out. */
  readonly isAgent?: boolean | undefined
  /** Properties of the callable value beyond a module's own. */
  readonly members?: PropertyDescriptorMap | undefined
  /** The same module with every predictor replaced by `f` of it and its path below `path`. */
  readonly mapPredictors: (f: MapPredictor, path: string) => Any
}

/** Replaces a predictor by another of the same signature. */
export type MapPredictor = <S extends Signature.Any>(predict: Predict<S>, path: string) => Predict<S>

// Guards

export { isModule }

// Constructors

/**
 * Composes modules into one. `forward` receives the sub-modules, so the program can be rebuilt with other ones. It answers a
 * record of fields; an instance of a class keeps its getters and methods, as far as they read its fields. What is no record
 * (an array, a function, a value with a `_tag` of its own such as an `Option`) does not compile, and is a defect at run time.
 *
 * @example
 * const research = Module.make("Research", {
 *   analyze: ChainOfThought.make("question -> key_points: list[str]"),
 *   synthesize: ChainOfThought.make("question, key_points: list[str] -> answer")
 * }, ({ analyze, synthesize }) => Effect.fnUntraced(function*(input: { readonly question: string }) {
 *   const { key_points } = yield* analyze(input)
 *   return yield* synthesize({ ...input, key_points })
 * }))
 */
export const make = <const Ms extends Modules, I extends object, A extends object, E, R>(
  name: string,
  modules: Ms,
  forward: (modules: Ms) => (input: I) => Effect.Effect<A & Answer<A>, E, R>
  // Written out, so that editors show the signatures and not what they are taken from.
): Module<I, Prediction.Fields<A>, E, R, { readonly [P in PathsOf<Ms>]: SignatureAt<Ms, P> }> => {
  if (typeof name !== "string" || !Kinds.isObject(modules) || typeof forward !== "function") {
    throw new TypeError(
      "Module.make takes a name, the sub-modules by key, and a function of them, as in " +
        `Module.make("Ask", { qa }, ({ qa }) => (input) => qa(input))${Kinds.ofEntries(modules)}`
    )
  }
  checkModules(name, modules)
  const bound = Object.fromEntries(
    Object.entries(modules).map(([key, module]) => [key, bind(module[TypeId], key)])
  ) as Ms
  const run = forward(bound)
  if (typeof run !== "function") {
    throw new TypeError(
      `${name}: what is made of the sub-modules is a function, as in ({ qa }) => (input) => qa(input)`
    )
  }
  return fromDefinition({
    name,
    signature: undefined,
    modules,
    signatures: signaturesOf(modules),
    run: (input: I, optionsGiven: CallOptions, call) => {
      const options = callOptions(name, optionsGiven)
      return Effect.flatMap(
        Effect.suspend(() => checkedEffect(run(input), call)).pipe(
          configured(options.config),
          withMaxIterations(options.maxIterations),
          Effect.provideService(Call.CurrentCall, call)
        ),
        (answer) => conclude(answer, call)
      )
    },
    mapPredictors: (f, path) =>
      make(
        name,
        Object.fromEntries(
          Object.entries(modules).map(([key, module]) => [
            key,
            module[TypeId].mapPredictors(f, Call.below(path, key))
          ])
        ) as Ms,
        forward
      )
  })
}

/** The module that a definition describes; what built-in modules are made with. */
export const fromDefinition = <M extends Any>(definition: Definition): M => bind(definition, definition.name)

/** The signatures of the predictors below these modules, by path. */
export const signaturesOf = (modules: Modules): Signatures =>
  Object.fromEntries(
    Object.entries(modules).flatMap(([key, module]) =>
      Object.entries<Signature.Any>(module.signatures).map(([path, signature]) => [join(key, path), signature])
    )
  )

export { validInputs }

// Combinators

export { wrap } from "./internal/wrap.ts"

/**
 * Gives a composed module a signature: what a command line, a server or a form knows of it, and what validates its inputs
 * (the call may then fail with {@link InputError}). The module's types must agree with it.
 */
export const withSignature: {
  <Sig extends Signature.Any>(
    signature: Sig
  ): <O extends Signature.Output<Sig>, E, R, S extends Signatures>(
    self: Module<Signature.Input<Sig>, O, E, R, S>
  ) => Module<Signature.Input<Sig>, O, E | InputError, R, S>
  <Sig extends Signature.Any, O extends Signature.Output<Sig>, E, R, S extends Signatures>(
    self: Module<Signature.Input<Sig>, O, E, R, S>,
    signature: Sig
  ): Module<Signature.Input<Sig>, O, E | InputError, R, S>
} = combinator(
  "Module.withSignature",
  { self: Kinds.program, signature: (_, value) => Signature.from(value) },
  (self: Any, signature: Signature.Any) => signed(self[TypeId], Signature.from(signature))
)

const signed = <M extends Any>(definition: Definition, signature: Signature.Any): M =>
  around(definition, (inner) => ({
    ...inner,
    signature,
    run: (input, options, call) =>
      Effect.flatMap(validInputs(inner.name, signature, input), (valid) => inner.run(valid, options, call))
  }))

/**
 * Provides a layer to this module alone: another language model or adapter for one sub-module. It is built once in a run of
 * the outermost program, when a call first needs it, shared by all calls of the run, and released when the run is over.
 */
export const provide: {
  <RIn, E2, ROut>(
    layer: Layer.Layer<ROut, E2, RIn>
  ): <I, O, E, R, S extends Signatures>(
    self: Module<I, O, E, R, S>
  ) => Module<I, O, E | E2, RIn | Exclude<R, ROut>, S>
} = (layer) => {
  given("Module.provide", { layer: Kinds.layer }, [layer])
  return (self) => {
    given("Module.provide", { self: Kinds.program }, [self])
    return provided(self[TypeId], layer)
  }
}

const provided = <M extends Any>(definition: Definition, layer: Layer.Layer<never, unknown, unknown>): M =>
  around(definition, (inner) => ({
    ...inner,
    run: (input, options, call) =>
      Effect.flatMap(
        Layers.build(layer, call.run),
        (services) => Effect.provideContext(inner.run(input, options, call), services)
      )
  }))

/** Runs an effect with generation settings for all predictors inside, below what a predictor or a call sets itself. */
export const withConfig: {
  (config: GenerationConfig): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, config: GenerationConfig): Effect.Effect<A, E, R>
} = combinator(
  "Module.withConfig",
  { self: Kinds.effect, config },
  <A, E, R>(self: Effect.Effect<A, E, R>, config: GenerationConfig) => configured(config)(self)
)

/**
 * The same program with every predictor replaced: other demos, config or instructions. Paths and types stay.
 *
 * @example
 * const terse = Module.mapPredictors(research, (predict) => Predict.withInstructions(predict, "Answer in one sentence."))
 */
export const mapPredictors = <M extends Any>(self: M, f: MapPredictor): M => {
  given("Module.mapPredictors", { self: Kinds.program, f: Kinds.fn("a function of a predictor and its path") }, [
    self,
    f
  ])
  return self[TypeId].mapPredictors(f, Call.rootPath) as M
}

// Attempts, many calls, and state

export { attempt } from "./internal/attempt.ts"
export { batch, batchStream } from "./internal/batch.ts"
export { load, save } from "./internal/state.ts"

// Details

const checkModules = (name: string, modules: Readonly<Record<string, unknown>>): void => {
  for (const [key, module] of Object.entries(modules)) {
    if (key === "" || key === Call.rootPath || key.includes(".")) {
      throw new TypeError(
        `${name}: a sub-module cannot have the key '${key}': use a name without dots, other than 'self'`
      )
    }
    if (!isModule(module)) {
      throw new TypeError(
        `${name}: the sub-module '${key}' is none: make one, as Predict.make("question -> answer") is`
      )
    }
  }
}

const withMaxIterations =
  (most: number | undefined) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    most === undefined ? self : Effect.provideService(self, CurrentMaxIterations, most)

const join = (key: string, path: string) => path === Call.rootPath ? key : Call.below(key, path)
