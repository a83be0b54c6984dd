/**
 * What makes vectors of texts, as a service: texts that mean the same get vectors that point the same way.
 *
 * An embedder asks for many texts in requests of `batchSize`, several at a time. Whoever answers, what comes is looked at before it
 * is used: one vector for each text, all of one length, of numbers alone.
 *
 * @example
 * const { vectors } = yield* Embedder.embed(["a cat", "a kitten", "a lorry"]) // three Float32Arrays
 */
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { provided } from "../text/provided.ts"
import { batchingNames } from "./internal/batching.ts"
import * as LMError from "./LMError.ts"
import * as Usage from "./Usage.ts"

// Models

/** A vector. As JSON it is base64 of its numbers, four bytes each, the lowest first: the same bits come back. */
export const Vector: Schema.Codec<Float32Array, string> = Schema.Uint8ArrayFromBase64.check(
  Schema.makeFilter((bytes) => bytes.length % 4 === 0 || "expected four bytes for each number")
).pipe(Schema.decodeTo(
  Schema.instanceOf(Float32Array<ArrayBufferLike>),
  SchemaTransformation.transform({ decode: fromBytes, encode: toBytes })
))
export type Vector = Float32Array

/** One vector for each text, in the order of the texts, and what that has cost, if it was told. */
export const Embeddings = Schema.Struct({
  vectors: Schema.Array(Vector),
  usage: Schema.optionalKey(Usage.Usage)
})
export interface Embeddings extends Schema.Schema.Type<typeof Embeddings> {}

/** What makes vectors. */
export interface Service {
  /** Who answers, as errors say it: `openai/text-embedding-3-small`. */
  readonly model: string
  /** Makes a vector of each text. Of no texts it makes none, and asks nobody. */
  readonly embed: (texts: ReadonlyArray<string>) => Effect.Effect<Embeddings, LMError.LMError>
}

/** What comes of one request: vectors in the order of its texts, of numbers of whatever kind. */
export interface Batch {
  readonly vectors: ReadonlyArray<ArrayLike<number>>
  readonly usage?: Usage.Usage | undefined
}

/** How many texts are asked for at once. */
export interface Batching {
  /** The most texts of one request; 100 if left out. */
  readonly batchSize?: number | undefined
  /** How many requests for the texts of one call may be on their way at a time; 4 if left out. */
  readonly concurrency?: number | undefined
}

/** Options of {@link Embedder.make}. */
export interface Options extends Batching {
  /** Who answers, as errors say it. */
  readonly model: string
  /** One request: vectors of these texts, of which there are `batchSize` at most, and one at least. */
  readonly embed: (texts: ReadonlyArray<string>) => Effect.Effect<Batch, LMError.LMError>
}

/** The embedder of the context. */
export class Embedder extends Context.Service<Embedder, Service>()("effect-lm/lm/Embedder") {
  /**
   * An embedder of what answers one request. What is no vector for each text fails with an `InvalidResponse`, and so do vectors
   * of several lengths. The first request that fails ends the call, and those beside it.
   *
   * @example
   * const letters = Embedder.make({
   *   model: "letters",
   *   embed: (texts) => Effect.succeed({ vectors: texts.map((text) => [text.length, text.split("e").length]) })
   * })
   */
  static readonly make = (options: Options): Service => fromOptions(onlyKnown("Embedder.make", options, optionNames))

  /** {@link Embedder.make} as a layer. */
  static readonly layer = (options: Options): Layer.Layer<Embedder> =>
    Layer.succeed(this, fromOptions(onlyKnown("Embedder.layer", options, optionNames)))

  /** Makes a vector of each text, in their order. */
  static readonly embed = (texts: ReadonlyArray<string>): Effect.Effect<Embeddings, LMError.LMError, Embedder> =>
    Effect.flatMap(provided(this, "embedder", "OpenAIEmbedder.layerConfig"), (embedder) => embedder.embed(texts))
}

const optionNames: Names<Options> = {
  ...batchingNames,
  model: Kinds.needed(Kinds.text),
  embed: Kinds.needed(Kinds.fn("a function of texts that gives an Effect of their vectors"))
}

// Details

const fromOptions = ({ batchSize = 100, concurrency = 4, embed, model }: Options): Service => ({
  model,
  embed: (texts) => {
    given("embed", { texts: Kinds.texts }, [texts])
    return Effect.suspend(() => {
      const batches = Arr.chunksOf(texts, Math.min(batchSize, texts.length))
      let usage: Usage.Usage | undefined
      const asked = Effect.forEach(batches, (batch) =>
        Effect.flatMap(embed(batch), (answer) => {
          if (answer.usage !== undefined) usage = Usage.add(usage ?? Usage.empty, answer.usage)
          const problem = batchProblem(batch, answer)
          return problem === undefined ? Effect.succeed(answer.vectors.map(toVector)) : invalid(model, problem)
        }), { concurrency })
      return asked.pipe(
        Effect.flatMap((answers) => {
          const vectors = answers.flat()
          const problem = vectorsProblem(vectors)
          return problem === undefined
            ? Effect.succeed({ vectors, ...(usage === undefined ? {} : { usage }) })
            : invalid(model, problem)
        }),
        Effect.mapError((error) => LMError.withUsage(error, usage))
      )
    })
  }
})

const invalid = (model: string, description: string) =>
  Effect.fail(new LMError.LMError({ model, reason: new LMError.InvalidResponse({ description }) }))

const batchProblem = (texts: ReadonlyArray<string>, { vectors }: Batch): string | undefined =>
  vectors.length === texts.length
    ? undefined
    : `${texts.length} texts were sent, and ${vectors.length} vectors came back`

/** What is wrong with the vectors of a call, if anything is. */
const vectorsProblem = (vectors: ReadonlyArray<Vector>): string | undefined => {
  for (const [at, vector] of vectors.entries()) {
    if (vector.length === 0) return `the vector of text ${at + 1} has no numbers`
    if (vector.length !== vectors[0]!.length) {
      return `the vector of text ${at + 1} has ${vector.length} numbers, and the first one has ${vectors[0]!.length}`
    }
    if (!vector.every(Number.isFinite)) return `the vector of text ${at + 1} has a member that is no finite number`
  }
  return undefined
}

/** What is no number at all, as `null` in somebody's JSON, would otherwise be taken for a zero. */
const toVector = (numbers: ArrayLike<unknown>): Vector =>
  numbers instanceof Float32Array
    ? numbers
    : Float32Array.from(numbers, (number) => typeof number === "number" ? number : NaN)

function fromBytes(bytes: Uint8Array): Vector {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(at * 4, true))
}

function toBytes(vector: Vector): Uint8Array {
  const view = new DataView(new ArrayBuffer(vector.length * 4))
  for (let at = 0; at < vector.length; at++) view.setFloat32(at * 4, vector[at]!, true)
  return new Uint8Array(view.buffer)
}
