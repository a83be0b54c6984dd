/**
 * llama.cpp as an engine, through `node-llama-cpp`: loaded from where it was installed, never from this package.
 *
 * Its promises cannot be cancelled, but they are short: one token, or a few dozen of a prompt. A call that is interrupted
 * leaves at once; the sequence is free again when the step that it had begun is over, and the model is unloaded after that.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { pathToFileURL } from "node:url"
import * as LMError from "../../lm/LMError.ts"
import type { ChatMessage, Engine, Generation, Limits, Sampling, Sequence } from "./engine.ts"
import type { Runtime } from "./install/index.ts"
import type {
  ChatItem,
  Disposable,
  Llama,
  LlamaContext,
  LlamaContextSequence,
  LlamaModel,
  NodeLlamaCpp
} from "./nodeLlamaCpp.ts"

export interface Options {
  /** As errors name the model. */
  readonly model: string
  readonly runtime: Runtime
  /** The GGUF file. */
  readonly file: string
  readonly threads: number
  /** The most tokens of prompt and answer; less where the model knows fewer. */
  readonly contextSize: number
  /** How many answers are generated at the same time. */
  readonly concurrency: number
  readonly limits: Limits | undefined
}

/** Loads the model for the scope. */
export const load = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Engine, LMError.LMError, Scope.Scope> {
  const parts = yield* loadParts(options)
  const { context, model } = parts
  const template = parts.library.resolveChatWrapper(model)
  const scope = yield* Effect.scope
  // The seat that was left last is taken first: an agent's next request begins with what that one has read.
  const seats = Array.from({ length: options.concurrency }, (): Seat => ({
    sequence: context.getSequence(),
    step: Promise.resolve()
  }))
  const free = yield* Semaphore.make(options.concurrency)

  return {
    model: options.model,
    contextSize: context.contextSize - 1,
    limits: options.limits,
    prompt: (messages) =>
      Effect.try({
        try: () => {
          const { contextText, stopGenerationTriggers } = template.generateContextState({
            chatHistory: toHistory(messages)
          })
          const tokens = contextText.tokenize(model.tokenizer)
          const { bos, shouldPrependBosToken } = model.tokens
          return {
            tokens: shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens,
            stops: stopGenerationTriggers.flatMap(({ values }) =>
              values.every((value) => typeof value === "string") ? [values.join("")] : []
            )
          }
        },
        catch: (cause) =>
          new LMError.LMError({
            model: options.model,
            reason: new LMError.InvalidRequest({
              description: `the model's chat template does not take these messages: ${wordsOf(cause)}`
            })
          })
      }),
    tokenize: (text) => model.tokenize(text, false, "trimLeadingSpace"),
    detokenize: (tokens, before) => model.detokenize(tokens, false, before),
    sequence: Effect.map(
      Effect.acquireRelease(
        Effect.map(Semaphore.take(free, 1), () => seats.pop()!),
        (seat) =>
          Effect.promise(() => seat.step).pipe(
            Effect.andThen(Effect.suspend(() => {
              seats.push(seat)
              return Semaphore.release(free, 1)
            })),
            Effect.uninterruptible,
            Effect.forkIn(scope, { startImmediately: true })
          ),
        { interruptible: true }
      ),
      (seat) => ({ generate: generation(options, parts, seat) })
    )
  }
})

// Parts

/** The library, and what it has loaded. */
interface Parts {
  readonly library: NodeLlamaCpp
  readonly llama: Llama
  readonly model: LlamaModel
  readonly context: LlamaContext
}

const loadParts = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Parts, LMError.LMError, Scope.Scope> {
  const disposed = <A extends Disposable>(acquire: Effect.Effect<A, LMError.LMError>) =>
    Effect.acquireRelease(acquire, (resource) => Effect.promise(() => resource.dispose()), { interruptible: true })

  const anew = `; if its files are damaged, delete ${options.runtime.place}: it is installed again`
  const library: NodeLlamaCpp = yield* attempt(
    options,
    "loading the runtime",
    () => import(pathToFileURL(options.runtime.module).href),
    anew
  )
  const llama = yield* disposed(attempt(options, "starting the runtime", () =>
    library.getLlama({
      gpu: options.runtime.gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logLevel: "error",
      logger: () => {},
      maxThreads: options.threads
    }), anew))
  const model = yield* disposed(
    attempt(
      options,
      `loading ${options.file}`,
      (signal) => llama.loadModel({ modelPath: options.file, loadSignal: signal }),
      ": the file is damaged, not whole, or no model that llama.cpp knows; get it again, or name another one"
    )
  )
  const context = yield* disposed(attempt(options, "making a context", (signal) =>
    model.createContext({
      contextSize: Math.min(options.contextSize, model.trainContextSize),
      sequences: options.concurrency,
      threads: options.threads,
      createSignal: signal
    })))
  return { library, llama, model, context }
})

// Generating

/** A sequence, and the last step that it began. */
interface Seat {
  readonly sequence: LlamaContextSequence
  step: Promise<void>
}

const generation = (options: Options, { library, llama, model }: Parts, seat: Seat): Sequence["generate"] =>
  Effect.fnUntraced(function*(tokens, sampling): Effect.fn.Return<Generation, LMError.LMError, Scope.Scope> {
    const { sequence } = seat
    // The last token is always read, to generate from it.
    yield* step(options, seat, () => sequence.adaptStateToTokens(tokens.slice(0, -1), false))
    const reused = sequence.nextTokenIndex
    let from = reused
    for (; from + portion < tokens.length; from += portion) {
      const part = tokens.slice(from, from + portion)
      yield* step(options, seat, () => sequence.evaluateWithoutGeneratingNewTokens(part))
    }
    const generated: Array<number> = []
    const grammar = sampling.grammar === undefined
      ? undefined
      : yield* step(options, seat, () => llama.createGrammar({ grammar: sampling.grammar! }))
    const iterator = sequence.evaluate(tokens.slice(from), {
      ...samplingOf(sampling),
      repeatPenalty: {
        punishTokens: () => generated.slice(-remembered),
        maxPunishTokens: remembered,
        penalty: 1.1
      },
      ...(grammar !== undefined &&
        { grammarEvaluationState: new library.LlamaGrammarEvaluationState({ model, grammar }) })
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        seat.step = Promise.all([seat.step, iterator.return()]).then(() => {}, () => {})
      })
    )
    const next = Effect.map(step(options, seat, () => iterator.next()), ({ done, value }) => {
      if (done === true) return undefined
      // Quotes, brackets and digits are what JSON repeats: there, only words count.
      if (grammar === undefined || /\p{L}/u.test(model.detokenize([value], false, []))) generated.push(value)
      return value
    })
    return { reused, next }
  })

/** One step of a sequence. The seat remembers it, because interruption does not wait for it. */
const step = <A>(options: Options, seat: Seat, run: () => Promise<A>): Effect.Effect<A, LMError.LMError> =>
  attempt(options, "generating", () => {
    const promise = run()
    seat.step = promise.then(() => {}, () => {})
    return promise
  })

const attempt = <A>(
  { model }: Options,
  what: string,
  run: (signal: AbortSignal) => Promise<A>,
  advice = ""
): Effect.Effect<A, LMError.LMError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) =>
      new LMError.LMError({
        model,
        reason: new LMError.UnsupportedModel({ description: `${what} failed: ${wordsOf(cause)}${advice}` })
      })
  })

/** How many tokens of a prompt are read in one step: fewer are slower, more take longer to interrupt. */
const portion = 64

/** How many of the last tokens the model is discouraged from repeating. */
const remembered = 64

const samplingOf = ({ seed, temperature, topP }: Sampling) => ({
  temperature,
  ...(topP !== undefined && { topP, topK: 0 }),
  ...(seed !== undefined && { seed: seed >>> 0 })
})

const toHistory = (messages: ReadonlyArray<ChatMessage>): ReadonlyArray<ChatItem> => [
  ...messages.map(({ content, role }): ChatItem =>
    role === "assistant" ? { type: "model", response: [content] } : { type: role, text: content }
  ),
  { type: "model", response: [] }
]

const wordsOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)
