/**
 * An embedder whose vectors a test wrote down, or that makes them of words: the same text always gets the same vector.
 *
 * @example
 * const embedder = yield* ScriptedEmbedder.make({ "a cat": [1, 0], "a kitten": [0.9, 0.1], "a lorry": [0, 1] })
 * yield* program.pipe(Effect.provide(embedder.layer))
 * const requests = yield* embedder.requests // => [["a cat", "a kitten", "a lorry"]]
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Embedder from "../lm/Embedder.ts"
import { batchingNames } from "../lm/internal/batching.ts"
import * as LMError from "../lm/LMError.ts"
import * as Usage from "../lm/Usage.ts"
import { isRecord } from "../text/json/values.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"

// Models

/** What comes of a text: its vector, or why the whole request fails. */
export type Answer = ArrayLike<number> | LMError.Reason

/**
 * The answers by text, or a function of the text, which gives nothing for a text that is not expected; `call` is the number of
 * requests before.
 */
export type Script = Readonly<Record<string, Answer>> | ((text: string, call: number) => Answer | undefined)

/** How the embedder answers. */
export interface Options extends Embedder.Batching {
  /** Who answers, as errors say it; `scripted/embedder` if left out. */
  readonly model?: string | undefined
  /** The wait before each answer, on the clock; none if left out. */
  readonly delay?: Duration.Input | undefined
}

/** A scripted embedder, and what happened to it so far. */
export interface ScriptedEmbedder {
  readonly service: Embedder.Service
  readonly layer: Layer.Layer<Embedder.Embedder>
  /** The texts of each request, in the order of the requests. */
  readonly requests: Effect.Effect<ReadonlyArray<ReadonlyArray<string>>>
  /** How many requests were left before they were answered. */
  readonly interrupted: Effect.Effect<number>
  /** Dies unless every text was expected, and every text that is written down was asked for. */
  readonly assertComplete: Effect.Effect<void>
}

// Constructors

/** An embedder with this script; {@link words} if left out. A text that the script does not expect dies, and is shown. */
export const make = (script: Script = words(), options: Options = {}): Effect.Effect<ScriptedEmbedder> =>
  scripted("ScriptedEmbedder.make", script, options)

const scripted = (what: string, script: Script, options: Options): Effect.Effect<ScriptedEmbedder> => {
  given(what, { script: aScript }, [script])
  const { delay = 0, model = "scripted/embedder", ...batching } = onlyKnown(what, options, optionNames)
  const written = typeof script === "function" ? undefined : new Map(Object.entries(script))
  const answerTo = typeof script === "function" ? script : (text: string) => written!.get(text)
  return Effect.sync(() => {
    const requests: Array<ReadonlyArray<string>> = []
    const unexpected: Array<string> = []
    let interrupted = 0

    const answer = (texts: ReadonlyArray<string>, call: number): Effect.Effect<Embedder.Batch, LMError.LMError> => {
      const vectors: Array<ArrayLike<number>> = []
      for (const text of texts) {
        const answer = answerTo(text, call)
        if (answer === undefined) {
          const problem = `ScriptedEmbedder: the script has no vector for ${JSON.stringify(text)}`
          unexpected.push(problem)
          return Effect.die(new Error(problem))
        }
        if (isReason(answer)) return Effect.fail(new LMError.LMError({ model, reason: answer }))
        vectors.push(answer)
      }
      // Of real embedders nearly every word is a token.
      const inputTokens = texts.reduce((sum, text) => sum + wordsOf(text).length, 0)
      return Effect.succeed({ vectors, usage: { ...Usage.empty, inputTokens, calls: 1 } })
    }

    const embed = (texts: ReadonlyArray<string>) =>
      Effect.suspend(() => {
        const call = requests.push(texts) - 1
        return Effect.delay(Effect.suspend(() => answer(texts, call)), delay)
      }).pipe(Effect.onInterrupt(() => Effect.sync(() => interrupted++)))

    const service = Embedder.Embedder.make({ ...batching, model, embed })
    return {
      service,
      layer: Layer.succeed(Embedder.Embedder, service),
      requests: Effect.sync(() => [...requests]),
      interrupted: Effect.sync(() => interrupted),
      assertComplete: Effect.suspend(() => {
        const asked = new Set(requests.flat())
        const left = [...written?.keys() ?? []].filter((text) => !asked.has(text))
        const problems = [
          ...unexpected,
          ...left.map((text) => `ScriptedEmbedder: nobody asked for ${JSON.stringify(text)}`)
        ]
        return problems.length === 0 ? Effect.void : Effect.die(new Error(problems.join("\n")))
      })
    }
  })
}

/**
 * Vectors of the words of a text: the more words two texts share, the more alike they are, and texts without a word in common are
 * not alike at all, but for chance, which more `dimensions` (64 if left out) make smaller.
 */
export const words = (dimensions = 64): (text: string) => Float32Array => {
  given("ScriptedEmbedder.words", { dimensions: Kinds.wholeFrom(1) }, [dimensions])
  return (text) => {
    const vector = new Float32Array(dimensions)
    for (const word of wordsOf(text)) vector[hash(word) % dimensions]! += 1
    return vector
  }
}

// Layers

/** An embedder with this script, for tests that need not look at it. */
export const layer = (script: Script = words(), options: Options = {}): Layer.Layer<Embedder.Embedder> =>
  Layer.effect(
    Embedder.Embedder,
    Effect.map(scripted("ScriptedEmbedder.layer", script, options), ({ service }) => service)
  )

// Details

/** Vectors by text, or a function. */
const aScript: Kinds.Kind = (what, value) =>
  typeof value === "function"
    ? undefined
    : Kinds.recordOf("vectors by text, as { \"a cat\": [1, 0] }, or a function of a text", anAnswer)(what, value)

const anAnswer = Kinds.make(
  "a list of numbers, or a reason of an LMError",
  (value) => Array.isArray(value) || ArrayBuffer.isView(value) || (isRecord(value) && "_tag" in value)
)

const optionNames: Names<Options> = { ...batchingNames, model: Kinds.text, delay: Kinds.wait }

const isReason = (answer: Answer): answer is LMError.Reason => "_tag" in answer

const wordsOf = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** FNV-1a: the same on every machine. */
const hash = (word: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193) >>> 0
  return hash
}
