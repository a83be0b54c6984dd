/**
 * A language model over an engine: requests become prompts, and tokens become events.
 *
 * The fixed pieces of a reply are written here and read by the model; between them it generates. A call has a sequence of its
 * own, and waits for one. Tokens are generated as the consumer asks for them: the queue between the two holds a few events,
 * and while it is full nothing is generated.
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Inputs from "../../lm/Inputs.ts"
import type * as LM from "../../lm/LM.ts"
import * as LMError from "../../lm/LMError.ts"
import type { LMEvent } from "../../lm/LMEvent.ts"
import type { GenerationConfig, LMRequest } from "../../lm/LMRequest.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import * as Usage from "../../lm/Usage.ts"
import { parse } from "../../text/json/values.ts"
import type { Stretch } from "../../text/thoughts/splitter.ts"
import type { Engine, Prompt, Sampling, Sequence } from "./engine.ts"
import * as Plan from "./plan.ts"
import * as Text from "./text.ts"

/** The service. It cannot call tools, nor read what is no text: a request that has some fails with `NotSupported`. */
export const make = (engine: Engine): LM.Service => {
  const stream = (request: LMRequest): Stream.Stream<LMEvent, LMError.LMError> =>
    Stream.callback((queue) =>
      answer(engine, request, (events) => Effect.asVoid(Queue.offerAll(queue, events))).pipe(
        Effect.andThen(Queue.end(queue))
      ), { bufferSize: 16 })

  return {
    model: engine.model,
    capabilities,
    stream,
    generate: (request) => LMResponse.collect(stream(request))
  }
}

type Send = (events: ReadonlyArray<LMEvent>) => Effect.Effect<void>

/** Answers a request: its completions one after the other, then what they cost. */
const answer = Effect.fnUntraced(
  function*(engine: Engine, request: LMRequest, send: Send) {
    const { config, toolChoice, tools = [] } = request
    if (tools.length > 0 && toolChoice !== "none") {
      return yield* fail(
        engine,
        new LMError.NotSupported({
          feature: "tools",
          description: "a local model cannot call tools: leave them out, or name a model that can"
        })
      )
    }
    const refusal = Inputs.refusal(request, capabilities, "a local model")
    if (refusal !== undefined) return yield* fail(engine, refusal)
    const plan = Plan.make(request, engine.limits)
    const prompt = yield* engine.prompt(plan.messages)
    const least = prompt.tokens.length +
      plan.pieces.map((piece) => leastTokens(engine, piece)).reduce((a, b) => a + b, 0)
    if (least > engine.contextSize) {
      return yield* fail(
        engine,
        new LMError.ContextWindowExceeded({
          description: `the request and the shortest reply to it are ${least} tokens, and the model's context holds ` +
            `${engine.contextSize}: send less, or load the model with a larger contextSize`
        })
      )
    }
    yield* send([{ _tag: "ResponseInfo", model: engine.model }])
    const sequence = yield* engine.sequence
    let usage: Usage.Usage = { ...Usage.empty, calls: 1, inputTokens: prompt.tokens.length }
    for (let index = 0; index < Math.max(1, config.n ?? 1); index++) {
      const { outputTokens, reused, whole } = yield* complete(
        { engine, sequence, prompt, config, index, send },
        plan.pieces
      )
      usage = {
        ...usage,
        outputTokens: usage.outputTokens + outputTokens,
        cachedInputTokens: index === 0 ? Math.min(reused, prompt.tokens.length) : usage.cachedInputTokens
      }
      yield* send([{ _tag: "Finish", index, reason: whole ? "stop" : "length" }])
    }
    yield* send([{ _tag: "Usage", usage }])
  },
  Effect.scoped
)

const capabilities: LM.Capabilities = { tools: false, replyShape: true, inputs: [] }

/** One completion under way. */
interface Completion {
  readonly engine: Engine
  readonly sequence: Sequence
  readonly prompt: Prompt
  readonly config: GenerationConfig
  readonly index: number
  readonly send: Send
}

/** Writes the pieces of a completion. It is not whole where there was no room left for all of its tokens. */
const complete = Effect.fnUntraced(function*(self: Completion, pieces: ReadonlyArray<Plan.Piece>) {
  const { config, engine, index, prompt, send } = self
  const limit = Math.min(config.maxTokens ?? Infinity, engine.contextSize - prompt.tokens.length)
  let written: ReadonlyArray<number> = []
  let outputTokens = 0
  let reused: number | undefined
  let whole = true
  const said = new Map<string, unknown>()
  for (const piece of pieces) {
    if (piece._tag === "Literal") {
      const tokens = engine.tokenize(piece.text)
      whole = outputTokens + tokens.length <= limit
      if (!whole) break
      written = [...written, ...tokens]
      outputTokens += tokens.length
      yield* send([{ _tag: "TextDelta", index, text: piece.text }])
    } else {
      const generated = yield* generate(self, piece, grammarOf(piece, said), written, limit - outputTokens)
      written = generated.written
      outputTokens += generated.count
      reused ??= generated.reused
      whole = generated.whole
      if (!whole) break
      if (piece._tag === "Grammar" && piece.field !== undefined) {
        said.set(piece.field, Result.getOrUndefined(parse(generated.text)))
      }
    }
  }
  return { whole, outputTokens, reused: reused ?? 0 }
})

/** Generates one piece after what is written, and at most `limit` tokens. */
const generate = Effect.fnUntraced(
  function*(
    self: Completion,
    piece: Plan.Generated,
    grammar: string | undefined,
    written: ReadonlyArray<number>,
    limit: number
  ) {
    const { config, engine, index, prompt, send, sequence } = self
    const context = [...prompt.tokens, ...written]
    const reader = Text.make(engine, piece, context, prompt.stops)
    const { next, reused } = yield* sequence.generate(context, sampling(config, index, grammar))
    const tokens: Array<number> = []
    while (tokens.length < limit) {
      const token = yield* next
      if (token === undefined) {
        yield* send(deltas(index, reader.end()))
        return { written: [...written, ...tokens], text: reader.text(), count: tokens.length, reused, whole: true }
      }
      tokens.push(token)
      const { found, stretches } = reader.push(token)
      if (stretches.length > 0) yield* send(deltas(index, stretches))
      // A stop, and what was generated with it, is unsaid: the model goes on after the text before it.
      if (found || (piece._tag === "Free" && !piece.plain && tokens.length === engine.limits?.tokens)) {
        yield* send(deltas(index, reader.end()))
        const text = reader.text()
        return { written: [...written, ...engine.tokenize(text)], text, count: tokens.length, reused, whole: true }
      }
    }
    yield* send(deltas(index, reader.end()))
    return { written, text: reader.text(), count: tokens.length, reused, whole: false }
  },
  Effect.scoped
)

const deltas = (index: number, stretches: ReadonlyArray<Stretch>): ReadonlyArray<LMEvent> =>
  stretches.map(({ reasoning, restart, text }) =>
    restart ? { _tag: "ThoughtEnd", index } : { _tag: reasoning ? "ReasoningDelta" : "TextDelta", index, text }
  )

/** The likeliest token, unless something else is asked for. Several completions are to differ. */
const sampling = (config: GenerationConfig, index: number, grammar: string | undefined): Sampling => ({
  temperature: config.temperature ?? ((config.n ?? 1) > 1 ? 0.8 : 0),
  topP: config.topP,
  seed: config.seed === undefined ? undefined : config.seed + index,
  grammar
})

/** What a piece is held to, after what others have said. */
const grammarOf = (piece: Plan.Generated, said: ReadonlyMap<string, unknown>): string | undefined =>
  piece._tag === "Free"
    ? undefined
    : typeof piece.grammar === "string"
    ? piece.grammar
    : piece.grammar.of(said.get(piece.grammar.on))

const leastTokens = (engine: Engine, piece: Plan.Piece): number =>
  piece._tag === "Literal" ? engine.tokenize(piece.text).length : 1

const fail = (engine: Engine, reason: LMError.Reason) =>
  Effect.fail(new LMError.LMError({ model: engine.model, reason }))
