/**
 * Several programs for one task, whose answers become one; and what most of several answers say.
 */
import * as Effect from "effect/Effect"
import * as Step from "../run/Step.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import type { Answer } from "./internal/answer.ts"
import { attempt } from "./internal/attempt.ts"
import * as Module from "./Module.ts"
import type * as Prediction from "./Prediction.ts"

// Models

/** Options of {@link make}. */
export interface Options<in O, out A, out E, out R> {
  /** Makes one answer of those of the programs that have succeeded, in their order; {@link majority} by default. */
  readonly reduce?: ((answers: ReadonlyArray<O>) => A | Effect.Effect<A, E, R>) | undefined
  /** How many of the programs are asked; each call chooses anew. All by default. */
  readonly size?: number | undefined
  /** How many are asked at the same time; all by default. */
  readonly concurrency?: number | "unbounded" | undefined
}

/** Options of {@link majority}. */
export interface MajorityOptions<O> {
  /** The field that is compared; the last one by default. */
  readonly field?: keyof O & string | undefined
  /**
   * What of a field's value has to be the same; nothing where the answer does not count. By default text is compared without case,
   * accents, punctuation, articles and white space, as DSPy does, and other values by their JSON.
   */
  readonly normalize?: ((value: unknown) => unknown) | undefined
}

type InputOf<M> = M extends (input: infer I, ...more: ReadonlyArray<never>) => unknown ? I : never
type EffectOf<M> = M extends (...args: ReadonlyArray<never>) => infer Ef ? Ef : never
type OutputOf<M> = EffectOf<M> extends Effect.Effect<infer A, infer _E, infer _R> ? Prediction.Fields<A> : never
type ErrorOf<M> = EffectOf<M> extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
type ServicesOf<M> = EffectOf<M> extends Effect.Effect<infer _A, infer _E, infer R> ? R : never
type All<T> = (T extends unknown ? (_: T) => void : never) extends (_: infer I) => void ? I : never

// Constructors

/**
 * A module that asks several programs the same, at the same time, and answers what `reduce` makes of their answers. One that fails
 * does not count; where all fail, the module fails with the error of the first of them. A stream shows all answers, and takes back
 * (`Retracted`) those that `reduce` does not choose.
 *
 * @example
 * const qa = Ensemble.make({ short: Predict.make("question -> answer"), long: ChainOfThought.make("question -> answer") })
 */
export const make = <
  const Ms extends Module.Modules,
  A extends object = OutputOf<Ms[keyof Ms]> & object,
  E = never,
  R = never
>(
  programs: Ms,
  options: Options<Readonly<OutputOf<Ms[keyof Ms]>>, A & Answer<A>, E, R> = {}
): Module.Module<
  All<InputOf<Ms[keyof Ms]>> & object,
  Prediction.Fields<A>,
  ErrorOf<Ms[keyof Ms]> | E,
  ServicesOf<Ms[keyof Ms]> | R,
  Module.SignaturesOf<Ms>
> => {
  given("Ensemble.make", { programs: Kinds.recordOf("programs by name", Kinds.program) }, [programs])
  const keys = Object.keys(programs)
  if (keys.length === 0) throw new TypeError("Ensemble.make: there is no program to ask: give it one or more by name")
  const { concurrency = "unbounded", reduce = majority(), size = keys.length } = onlyKnown(
    "Ensemble.make",
    options as Options<object, object, E, R>,
    optionNames
  )
  const forward = (members: Module.Modules) => (input: object) =>
    Effect.gen(function*() {
      const asked = yield* sample(keys, size)
      const [attempts, failures] = yield* Effect.partition(asked, (key) => attempt(members[key]!(input)), {
        concurrency
      })
      if (attempts.length === 0) return yield* Effect.fail(failures[0]!)
      const reduced = reduce(attempts.map(({ value }) => value))
      const answer = Effect.isEffect(reduced) ? yield* reduced : reduced
      yield* Effect.forEach(attempts, ({ discard, value }) => value === answer ? Effect.void : discard(), {
        discard: true
      })
      return answer
    })
  return Module.make("Ensemble", programs, forward as never) as never // what goes in and out is told by the programs' own types
}

/**
 * The answer that most agree with, as a function of several answers: the earliest of those that say the same, and of equally many
 * the earlier ones. No answers at all throw a `TypeError`.
 *
 * @example
 * const prediction = yield* qa({ question }, { config: { n: 5, temperature: 1 } })
 * const { answer } = Ensemble.majority()(Prediction.completions(prediction))
 */
export const majority = <O extends object = Readonly<Record<string, unknown>>>(
  options: MajorityOptions<NoInfer<O>> = {}
): <P extends O>(answers: ReadonlyArray<P | undefined>) => P => {
  const { field, normalize = normalized } = onlyKnown("Ensemble.majority", options, majorityNames)
  return (answers) => {
    const votes = new Map<unknown, { readonly first: (typeof answers)[number]; count: number }>()
    for (const answer of answers) {
      if (answer === undefined) continue
      const said = normalize(Reflect.get(answer, field ?? Object.keys(answer).at(-1) ?? ""))
      if (said === undefined) continue
      const vote = votes.get(said)
      if (vote === undefined) votes.set(said, { first: answer, count: 1 })
      else vote.count++
    }
    const [winner] = [...votes.values()].toSorted((a, b) => b.count - a.count)
    const first = winner?.first ?? answers.find((answer) => answer !== undefined)
    if (first === undefined) throw new TypeError("Ensemble.majority: there are no answers to choose from")
    return first
  }
}

// Details

/** So many of the keys, in their order. Which ones is a step of the run: a run that is begun again asks the same programs. */
const sample = (keys: ReadonlyArray<string>, size: number): Effect.Effect<ReadonlyArray<string>> =>
  size >= keys.length ? Effect.succeed(keys) : Effect.gen(function*() {
    const left = keys.map((_, index) => index)
    const chosen: Array<number> = []
    while (chosen.length < size) {
      const at = Math.floor((yield* Step.random) * left.length)
      chosen.push(...left.splice(at, 1))
    }
    return chosen.toSorted((a, b) => a - b).map((index) => keys[index]!)
  })

/** The value as DSPy compares it. A text of articles and punctuation alone does not count. */
const normalized = (value: unknown): unknown => {
  if (typeof value !== "string") return value === undefined ? undefined : JSON.stringify(value)
  const text = value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\p{P}/gu, "")
    .replace(/\b(?:a|an|the)\b/g, " ").split(/\s+/).filter((word) => word !== "").join(" ")
  return text === "" ? undefined : text
}

const optionNames: Names<Options<never, unknown, unknown, unknown>> = {
  reduce: Kinds.fn("a function of the answers, as Ensemble.majority() gives one"),
  size: Kinds.wholeFrom(1),
  concurrency: Kinds.concurrency
}

const majorityNames: Names<MajorityOptions<Readonly<Record<string, unknown>>>> = {
  field: Kinds.text,
  normalize: Kinds.fn("a function of a field's value")
}
