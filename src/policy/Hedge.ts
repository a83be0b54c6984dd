/**
 * A second request, where the first one is slow: the first of them that says something answers.
 *
 * The other one is given up, and counted: with what is known of it, or with an estimate of its input. Nothing is sent twice where a
 * call has to wait for its turn (`Limits`): that would make the queue longer.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import type * as Pull from "effect/Pull"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { collect } from "../lm/internal/collect.ts"
import type * as LM from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import { isContent, isNotice, type LMEvent, type Notice } from "../lm/LMEvent.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import * as Middleware from "../lm/Middleware.ts"
import * as Usage from "../lm/Usage.ts"
import { time } from "../text/numbers.ts"
import * as Estimate from "./internal/estimate.ts"
import { Paid, sum } from "./internal/paid.ts"
import { CurrentSending } from "./internal/sending.ts"

// Constructors

/**
 * A second request as a middleware, after so long without a word, a thought or a tool call of the first one. A call that is not
 * streamed is streamed below, since only a stream shows whether an answer has begun.
 */
export const make = (delay: Duration.Input): Middleware.Middleware => hedge("Hedge.make: `delay`", delay)

const hedge = (what: string, delay: Duration.Input): Middleware.Middleware => {
  const wait = time(what, delay)
  return Middleware.fromApply({
    name: "hedge",
    description: `hedge (after ${Duration.format(wait)})`,
    apply: (self) => {
      const stream = (request: LMRequest) => hedged(self, request, wait)
      return { ...self, stream, generate: (request, tell) => collect(stream(request), tell) }
    }
  })
}

// Layers

/**
 * The model of a layer, which is asked a second time where nothing has come after so long.
 *
 * @example
 * OpenAI.layerModel("openai/gpt-4o-mini").pipe(Hedge.after("2 seconds"))
 */
export const after = (
  delay: Duration.Input
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E, R> =>
  Middleware.layer(hedge("Hedge.after: `delay`", delay))

// Details

type Events = Arr.NonEmptyReadonlyArray<LMEvent>
type Answer = Pull.Pull<Events, LMError>

/** One of the two requests, until one of them delivers. */
interface Contender {
  readonly scope: Scope.Closeable
  /** What it has said; nothing of it is shown yet. */
  readonly held: Array<LMEvent>
}

/** What happens before an answer begins. */
type News =
  | { readonly _tag: "Noticed"; readonly notices: Arr.NonEmptyReadonlyArray<Notice> }
  | { readonly _tag: "Late" }
  | { readonly _tag: "Failed"; readonly by: Contender; readonly error: LMError }
  | { readonly _tag: "Delivered"; readonly by: Contender; readonly rest: Answer }

const hedged = (self: LM.Service, request: LMRequest, wait: Duration.Duration): Stream.Stream<LMEvent, LMError> =>
  Stream.unwrap(Effect.gen(function*() {
    const scope = yield* Effect.scope
    const news = yield* Queue.unbounded<News>()
    const running = new Set<Contender>()
    let mayHedge = true
    /** What those that gave no answer have used. */
    let lost: Usage.Usage | undefined
    let answer: Answer | undefined

    const begin = Effect.gen(function*() {
      const contender: Contender = { scope: yield* Scope.fork(scope), held: [] }
      running.add(contender)
      yield* Effect.forkIn(contend(self, request, contender, news), contender.scope)
    })
    const beginAgain = Effect.updateService(begin, CurrentSending, (sending) => sending + 1)
    const hear = (heard: News): Answer => {
      switch (heard._tag) {
        case "Noticed":
          mayHedge &&= heard.notices.every(({ _tag }) => _tag !== "Waiting")
          return Effect.succeed(heard.notices)
        case "Late":
          if (!mayHedge) return next
          return Effect.as(beginAgain, [{ _tag: "Hedged", afterMillis: Duration.toMillis(wait) }] as const)
        case "Failed": {
          running.delete(heard.by)
          const error = new Paid(lost).failed(heard.error)
          lost = error.usage
          return running.size === 0 ? Effect.fail(error) : next
        }
        case "Delivered": {
          running.delete(heard.by)
          const losers = [...running]
          for (const { held } of losers) lost = sum(usedBy(held, request), lost)
          const paid = new Paid(lost)
          answer = Effect.mapError(
            Effect.map(heard.rest, (events) => paid.read(events)),
            (error) => Cause.isDone(error) ? error : paid.failed(error)
          )
          const { held } = heard.by
          const shown = [
            ...(lost === undefined ? [] : [{ _tag: "Usage", usage: lost } as const]),
            ...(Arr.isArrayNonEmpty(held) ? paid.read(held) : [])
          ]
          const leave = Effect.forEach(losers, (loser) => Scope.close(loser.scope, Exit.void), { discard: true })
          return Effect.andThen(
            losers.length === 0 ? Effect.void : Effect.forkIn(leave, scope),
            Arr.isArrayNonEmpty(shown) ? Effect.succeed(shown) : answer
          )
        }
      }
    }
    const next: Answer = Effect.suspend(() => answer ?? Effect.flatMap(Queue.take(news), hear))

    yield* begin
    yield* Effect.forkIn(Effect.delay(Queue.offer(news, { _tag: "Late" }), wait), scope)
    return Stream.fromPull(Effect.succeed(next))
  }))

/** Reads one of the two as far as its first content. */
const contend = (
  self: LM.Service,
  request: LMRequest,
  by: Contender,
  news: Queue.Enqueue<News>
): Effect.Effect<unknown> =>
  Effect.flatMap(Scope.provide(Stream.toPull(self.stream(request)), by.scope), (pull) => {
    const read: Effect.Effect<unknown> = Effect.matchCauseEffect(pull, {
      onSuccess: (events) => {
        const notices = events.filter(isNotice)
        by.held.push(...events.filter((event) => !isNotice(event)))
        const told = Arr.isReadonlyArrayNonEmpty(notices)
          ? Queue.offer(news, { _tag: "Noticed", notices })
          : Effect.void
        return Effect.andThen(
          told,
          events.some(isContent) ? Queue.offer(news, { _tag: "Delivered", by, rest: pull }) : read
        )
      },
      onFailure: (cause) => {
        const error = cause.reasons.find(Cause.isFailReason)?.error
        return Queue.offer(
          news,
          error === undefined || Cause.isDone(error)
            // It is over without a word, or has died: so does the answer.
            ? { _tag: "Delivered", by, rest: Effect.failCause(cause) }
            : { _tag: "Failed", by, error }
        )
      }
    })
    return read
  })

/** What one that is given up has used: what it has said of that, or its input. */
const usedBy = (held: ReadonlyArray<LMEvent>, request: LMRequest): Usage.Usage =>
  held.findLast((event) => event._tag === "Usage")?.usage ??
    { ...Usage.empty, inputTokens: Estimate.input(request), calls: 1 }
