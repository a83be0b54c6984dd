/**
 * Few-shot by likeness: of many examples, each call is shown the few whose inputs are most like its own.
 *
 * The inputs of all examples are embedded once, when the set is made, and stay in memory. A call embeds its own inputs, and is compared
 * with all of them by the cosine of the angle between the vectors.
 *
 * @example
 * const nearest = yield* KNN.make("question -> answer", examples) // asks the Embedder
 * const qa = KNN.fewShot(ChainOfThought.make("question -> answer"), nearest, { k: 3 })
 */
import * as Effect from "effect/Effect"
import { Embedder, Embeddings, type Service, type Vector } from "../lm/Embedder.ts"
import * as LMError from "../lm/LMError.ts"
import { InputError } from "../module/InputError.ts"
import { encodedDemos } from "../module/internal/demos.ts"
import * as Module from "../module/Module.ts"
import * as Predict from "../module/Predict.ts"
import * as Call from "../run/Call.ts"
import * as Step from "../run/Step.ts"
import type { Field } from "../signature/Field.ts"
import * as Signature from "../signature/Signature.ts"
import { isRecord } from "../text/json/values.ts"
import * as Kinds from "../text/kinds.ts"
import { combinator, given, type Names, onlyKnown } from "../text/options.ts"
import { provided } from "../text/provided.ts"
import * as Likeness from "./internal/likeness.ts"

// Models

/** The property by which a set of examples is told from any other value. */
export const TypeId = "~effect-lm/optimize/KNN" as const

/** Examples that can be found by likeness. */
export interface KNN<out S extends Signature.Any> {
  readonly [TypeId]: Found
  readonly signature: S
  readonly examples: ReadonlyArray<Predict.Demo<S>>
}

/** Examples of any signature. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one signature that every set of examples is assignable to
export interface Any extends KNN<any> {}

/** How examples are compared. */
interface Found {
  /** The inputs that are compared. */
  readonly fields: ReadonlyArray<Field>
  readonly embedder: Service
  readonly points: Likeness.Points
}

/** An example, and how like the inputs it is. */
export interface Neighbour<S extends Signature.Any> {
  readonly example: Predict.Demo<S>
  /** The cosine of the angle between the two: 1 for the same, 0 for what has nothing in common. */
  readonly similarity: number
}

/** Options of {@link make}. */
export interface Options<S extends Signature.Any> {
  /** The inputs that are compared; all that are no content (`Image`, `Audio`, `File`) if left out. */
  readonly fields?: ReadonlyArray<keyof S["input"]["fields"] & string> | undefined
}

/** The examples of a program: of a single predictor, or by the path of each predictor that is to have some. */
export type For<M extends Module.Any> = Any | { readonly [Path in keyof M["signatures"] & string]?: Any }

// Guards

/** Whether a value is a set of examples. */
export const isKNN = (u: unknown): u is Any => isRecord(u) && Object.hasOwn(u, TypeId)

// Constructors

/**
 * Embeds the inputs of all examples, which keeps the embedder for the inputs of calls. An example may lack outputs, and some of its
 * inputs. Fails with an {@link InputError} for one that is not of the signature's types, or has none of the inputs that are
 * compared, and with the embedder's `LMError`.
 *
 * @example
 * const nearest = yield* KNN.make("title, text -> topic", articles, { fields: ["title"] })
 */
export const make = <const Spec>(
  spec: Signature.Arg<Spec>,
  examples: ReadonlyArray<Predict.Demo<NoInfer<Signature.From<Spec>>>>,
  options: Options<NoInfer<Signature.From<Spec>>> = {}
): Effect.Effect<KNN<Signature.From<Spec>>, InputError | LMError.LMError, Embedder> => {
  given("KNN.make", { examples: Kinds.list("examples, as { question: \"2 + 2?\", answer: \"4\" } is one") }, [examples])
  const { fields: names } = onlyKnown("KNN.make", options, { fields: Kinds.texts } as Names<typeof options>)
  const signature = Signature.from(spec) as Signature.From<Spec>
  const fields = fieldsOf(signature, names)
  return Effect.gen(function*() {
    const embedder = yield* provided(Embedder, "embedder", "OpenAIEmbedder.layerConfig")
    const demos = yield* encodedDemos("KNN.make", signature, examples)
    const texts = demos.map(({ inputs }) => textOf(fields, inputs))
    const blank = texts.flatMap((text, at) => text === undefined ? [at] : [])
    if (blank.length > 0) {
      return yield* new InputError({
        module: "KNN.make (an example)",
        signature: String(signature),
        issues: blank.map((at) => ({
          path: [at],
          message: `has none of the inputs that are compared: ${fields.map(({ name }) => name).join(", ")}`
        }))
      })
    }
    const vectors = yield* embedded(embedder, texts as ReadonlyArray<string>) // none is blank
    const found: Found = { fields, embedder, points: Likeness.points(vectors) }
    return new Examples(found, signature, [...examples])
  })
}

// Destructors

/**
 * The `k` examples (3 if left out) whose inputs are most like these, the most alike first; of equally alike ones those that stand
 * before the others.
 *
 * @example
 * const [first] = yield* KNN.nearest(examples, { question: "What is 3 + 4?" }, { k: 1 }) // { example, similarity: 0.93 }
 */
export const nearest = <S extends Signature.Any>(
  self: KNN<S>,
  inputs: Signature.Input<S>,
  options: NearestOptions = {}
): Effect.Effect<ReadonlyArray<Neighbour<S>>, InputError | LMError.LMError> => {
  given("KNN.nearest", { self: aSet, inputs: Kinds.objectOf("an object of inputs") }, [self, inputs])
  const { k = 3 } = onlyKnown("KNN.nearest", options, nearestNames)
  return Effect.flatMap(
    Module.validInputs("KNN.nearest", self.signature, inputs),
    (valid) => near(self, Signature.encodeInputs(self.signature, valid), k)
  )
}

/** Options of {@link nearest} and {@link fewShot}. */
export interface NearestOptions {
  /** How many; 3 if left out. */
  readonly k?: number | undefined
}

const nearestNames: Names<NearestOptions> = { k: Kinds.countFrom(1) }

const aSet = Kinds.make("a set of examples, as KNN.make(\"question -> answer\", examples) gives one", isKNN)

// Combinators

/**
 * The same program, whose predictors are shown the `k` examples (3 if left out) that are most like the inputs of each of their calls,
 * after demos of their own. A program of several predictors has a set of examples for each path that is to have some. Throws a
 * `TypeError` for a path that is not there and for a predictor without the inputs that are compared, and an {@link InputError} for
 * examples that it does not take.
 *
 * @example
 * const tuned = KNN.fewShot(research, { analyze: questions, synthesize: syntheses }, { k: 5 })
 */
export const fewShot: {
  <M extends Module.Any>(examples: For<M>, options?: NearestOptions): (self: M) => M
  <M extends Module.Any>(self: M, examples: For<M>, options?: NearestOptions): M
} = combinator(
  "KNN.fewShot",
  {
    self: Kinds.program,
    examples: (what, value) =>
      isKNN(value)
        ? undefined
        : Kinds.recordOf("a set of examples, or an object of sets by path", Kinds.optional(aSet))(what, value),
    options: Kinds.optional((_, value) => onlyKnown("KNN.fewShot", value as NearestOptions, nearestNames))
  },
  <M extends Module.Any>(self: M, examples: For<M>, { k = 3 }: NearestOptions = {}): M => {
    const byPath = new Map(Object.entries<Any | undefined>(isKNN(examples) ? { [Call.rootPath]: examples } : examples))
    const paths = Object.keys(self.signatures as Module.Signatures)
    const unknown = [...byPath.keys()].find((path) => !paths.includes(path))
    if (unknown !== undefined) {
      throw new TypeError(
        `KNN.fewShot: ${self.name} has no predictor '${unknown}'; give examples by path, as in ` +
          `{ ${paths[0]}: examples }. There are: ${paths.join(", ")}`
      )
    }
    return Module.mapPredictors(self, (predict, path) => {
      const set = byPath.get(path)
      return set === undefined ? predict : withNearest(predict, set, k)
    })
  },
  (args) => Module.isModule(args[0])
)

// Details

class Examples<S extends Signature.Any> implements KNN<S> {
  readonly [TypeId]: Found
  readonly signature: S
  readonly examples: ReadonlyArray<Predict.Demo<S>>

  constructor(found: Found, signature: S, examples: ReadonlyArray<Predict.Demo<S>>) {
    this[TypeId] = found
    this.signature = signature
    this.examples = examples
  }
}

type Values = Readonly<Record<string, unknown>>

const withNearest = <P extends Predict.Any>(predict: P, set: Any, k: number): P => {
  const { inputFields }: Signature.Any = predict.signature
  const known = new Set(inputFields.map(({ name }) => name))
  const missing = set[TypeId].fields.find(({ name }) => !known.has(name))
  if (missing !== undefined) {
    throw new TypeError(`KNN.fewShot: ${predict} has no input '${missing.name}', by which the examples are compared`)
  }
  // All examples are looked at here, and not the few of a call alone.
  Predict.withDemos(predict, set.examples)
  return Predict.withDemosFor(predict, (inputs: Values) =>
    Effect.map(
      near(set, Signature.encodeInputs(predict.signature, inputs), k),
      (neighbours) => neighbours.map(({ example }) => example)
    )) as P // of the same signature
}

/** The examples nearest to these inputs, which are JSON. */
const near = <S extends Signature.Any>(
  { [TypeId]: { embedder, fields, points }, examples }: KNN<S>,
  inputs: Values,
  k: number
): Effect.Effect<ReadonlyArray<Neighbour<S>>, LMError.LMError> => {
  const text = textOf(fields, inputs)
  // Of none there are none near; and what has no text is like nothing.
  if (examples.length === 0 || text === undefined) return Effect.succeed([])
  return Effect.flatMap(embedded(embedder, [text]), ([vector]) => {
    if (vector!.length !== points.dimensions) {
      return Effect.fail(
        new LMError.LMError({
          model: embedder.model,
          reason: new LMError.InvalidResponse({
            description: `the vector has ${vector!.length} numbers, and those of the examples have ${points.dimensions}`
          })
        })
      )
    }
    return Effect.succeed(
      Likeness.nearest(points, vector!, k).map(({ at, similarity }) => ({ example: examples[at]!, similarity }))
    )
  })
}

/** Embeds texts as a step of the run, if there is one, whose usage has what that has cost. */
const embedded = (
  embedder: Service,
  texts: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Vector>, LMError.LMError> =>
  Effect.withFiber((fiber) => {
    const call = fiber.getRef(Call.CurrentCall)
    const count = ({ usage }: Pick<Embeddings, "usage">) =>
      Effect.sync(() => usage === undefined ? undefined : call?.addUsage(usage))
    return Step.make(
      { name: embedder.model, asked: texts, success: Embeddings, error: LMError.LMError },
      embedder.embed(texts).pipe(
        Effect.tap(count),
        Effect.tapError(({ usage }) => count(usage === undefined ? {} : { usage }))
      )
    )
  }).pipe(Effect.map(({ vectors }) => vectors))

/** The inputs that are compared. */
const fieldsOf = (signature: Signature.Any, names: ReadonlyArray<string> | undefined): ReadonlyArray<Field> => {
  const texts = signature.inputFields.filter(({ contents }) => contents.length === 0)
  const known = texts.map(({ name }) => name)
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined || known.length === 0 || names?.length === 0) {
    const wrong = unknown === undefined ? "there is no input to compare" : `there is no input '${unknown}' to compare`
    throw new TypeError(
      `KNN.make: ${wrong}; ${
        known.length === 0 ? `${signature} has none that is no content` : `there are: ${known.join(", ")}`
      }`
    )
  }
  return names === undefined ? texts : texts.filter(({ name }) => names.includes(name))
}

/** What is embedded: the only input as it is, several with their names. Nothing where there is nothing to embed. */
const textOf = (fields: ReadonlyArray<Field>, inputs: Values): string | undefined => {
  const texts = fields.flatMap(({ name }) => {
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value)
    return text.trim() === "" ? [] : [{ name, text }]
  })
  if (texts.length === 0) return undefined
  return fields.length === 1 ? texts[0]!.text : texts.map(({ name, text }) => `${name}: ${text}`).join("\n")
}
