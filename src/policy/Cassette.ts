/**
 * What a model really said, written down and given again: each network read as it came and when, failures too.
 *
 * A cassette is a file with a line of JSON for each call. {@link record} goes over any model's layer and writes one; {@link replay} is
 * a model that says what is in it, and nothing else.
 *
 * @example
 * program(input).pipe(Effect.provide(OpenAI.layerConfig.pipe(Cassette.record("test/research.jsonl"))))
 * program(input).pipe(Effect.provide(Cassette.replay("test/research.jsonl")))
 */
import * as File from "#node/policy/internal/cassette/file"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as LM from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import { isNotice, type LMEvent } from "../lm/LMEvent.ts"
import { type LMRequest, textOf } from "../lm/LMRequest.ts"
import * as LMResponse from "../lm/LMResponse.ts"
import * as Middleware from "../lm/Middleware.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { shortened } from "../text/shortened.ts"
import { CassetteError } from "./CassetteError.ts"
import type { Call, Recording } from "./internal/cassette/recording.ts"
import * as Recorded from "./internal/cassette/recording.ts"

// Models

export type { Call, Recording }

/** How a cassette is played. */
export interface ReplayOptions {
  /** Whether replies take as long as they took; true by default, on the clock, so that `TestClock` drives them. */
  readonly delays?: boolean | undefined
  /** Whether replies may be left that nobody has asked for; false by default: then the end of the layer dies of them. */
  readonly allowUnused?: boolean | undefined
}

// Recording

/**
 * The model of a layer, of which each call is written into a file, which begins anew. Fails where it cannot be written. Put it outermost
 * to record what the program sees; piped before `Retry.layer` it still has each answer once, since a layer's retries are inside.
 * Secrets among a request's `providerOptions` are redacted.
 */
export const record = (
  file: string
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E | CassetteError, R> => {
  given("Cassette.record", fileKind, [file])
  return (self) =>
    Layer.effectContext(
      Effect.flatMap(Layer.build(self), (context) => {
        const service: LM.Service = Context.get(context, LM.LM)
        return Effect.as(begin(file, service), Context.add(context, LM.LM, Middleware.apply(service, recorder(file))))
      })
    )
}

const fileKind = { file: Kinds.text }

const begin = (file: string, { capabilities, model }: LM.Service): Effect.Effect<void, CassetteError> =>
  Effect.mapError(
    File.begin(file, Recorded.headText({ cassette: Recorded.version, model, capabilities })),
    (cause) => new CassetteError({ file, description: `the cassette cannot be written: ${String(cause)}` })
  )

const recorder = (file: string): Middleware.Middleware =>
  Middleware.fromApply({
    name: "cassette",
    description: `cassette (recording ${file})`,
    apply: (self) => ({
      ...self,
      stream: (request) =>
        Stream.unwrap(Effect.map(taping(file, "stream", request), (tape) =>
          Stream.transformPull(self.stream(request), (pull) =>
            Effect.succeed(tape.timed(pull, (events) =>
              events))))),
      generate: (request, tell) =>
        Effect.scoped(Effect.flatMap(taping(file, "generate", request), (tape) =>
          tape.timed(
            self.generate(request, (events) =>
              Effect.andThen(tape.heard(events), tell?.(events) ?? Effect.void)),
            LMResponse.toEvents,
            true
          )))
    })
  })

/** Writes one call down, at the end of its scope. */
const taping = (
  file: string,
  mode: Call["mode"],
  request: LMRequest
): Effect.Effect<Tape, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.map(Clock.currentTimeMillis, (now) => new Tape(now)),
      (tape) => {
        const line = Recorded.callText({ mode, request, reads: tape.reads, end: tape.end })
        const written = Result.isFailure(line) ? Effect.fail(line.failure) : File.append(file, line.success)
        return Effect.catch(
          written,
          (cause) => Effect.logWarning(`cassette: a call is not in ${file}: ${String(cause)}`)
        )
      }
    ),
    (tape) => tape
  )

/** What is heard of one call, and how long it was waited for. */
class Tape {
  readonly reads: Array<Call["reads"][number]> = []
  end: Recorded.End = { _tag: "Left" }
  /** Since when the provider is waited for. */
  private since: number

  constructor(now: number) {
    this.since = now
  }

  /** Takes events at the time at which they come. */
  heard(events: ReadonlyArray<LMEvent>): Effect.Effect<void> {
    return Effect.map(this.passed, (after) => {
      if (isNonEmpty(events)) this.reads.push({ after, events })
    })
  }

  /** Waits for what the provider says next, or at last. */
  timed<A, E extends LMError | Cause.Done>(
    self: Effect.Effect<A, E>,
    eventsOf: (given: A) => ReadonlyArray<LMEvent>,
    isLast = false
  ): Effect.Effect<A, E> {
    const waited = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      this.since = now
      return self
    })
    return Effect.onExit(waited, (exit) => {
      if (Exit.isSuccess(exit)) {
        if (isLast) this.end = { _tag: "Close", after: 0 }
        return this.heard(eventsOf(exit.value))
      }
      const [reason] = exit.cause.reasons
      if (reason === undefined || !Cause.isFailReason(reason)) return Effect.void
      const { error } = reason
      return Effect.map(this.passed, (after) => {
        this.end = Cause.isDone(error) ? { _tag: "Close", after } : { _tag: "Fail", after, error }
      })
    })
  }

  /** How long was waited, which begins anew. */
  private readonly passed: Effect.Effect<number> = Effect.map(Clock.currentTimeMillis, (now) => {
    const after = now - this.since
    this.since = now
    return after
  })
}

const isNonEmpty = (events: ReadonlyArray<LMEvent>): events is NonEmptyReadonlyArray<LMEvent> => events.length > 0

// Replaying

/** What a cassette has. Fails where there is none, or where a line of it cannot be read. */
export const read = (file: string): Effect.Effect<Recording, CassetteError> => {
  given("Cassette.read", fileKind, [file])
  return Effect.flatMap(
    Effect.mapError(
      File.read(file),
      (cause) => new CassetteError({ file, description: `the cassette cannot be read: ${String(cause)}` })
    ),
    (text) =>
      Effect.fromResult(
        Result.mapError(Recorded.parse(text), (description) => new CassetteError({ file, description }))
      )
  )
}

/**
 * The model of a cassette. A call is answered by the first one left with the same request, streamed or not; a request that the cassette
 * does not have dies with a `CassetteError`, and so does the end of the layer where calls are left.
 */
export const replay = (file: string, options: ReplayOptions = {}): Layer.Layer<LM.LM, CassetteError> => {
  given("Cassette.replay", fileKind, [file])
  const { allowUnused = false, delays = true } = onlyKnown("Cassette.replay", options, replayNames)
  return Layer.effect(
    LM.LM,
    Effect.gen(function*() {
      const { calls, capabilities, model } = yield* read(file)
      const left = new Map<string, Array<Call>>()
      for (const call of calls) {
        const key = Recorded.keyOf(call.request)
        left.set(key, [...left.get(key) ?? [], call])
      }
      yield* Effect.addFinalizer((exit) => {
        const unused = [...left.values()].flat()
        return allowUnused || unused.length === 0 || Exit.isFailure(exit) ? Effect.void : Effect.die(
          new CassetteError({
            file,
            description: `nobody asked for ${unused.length} of its ${calls.length} calls. The first: ${
              asked(unused[0]!.request)
            }`
          })
        )
      })
      const stream = (request: LMRequest): Stream.Stream<LMEvent, LMError> =>
        Stream.suspend(() => {
          const call = left.get(Recorded.keyOf(request))?.shift()
          return call !== undefined ? play(call, delays) : Stream.die(
            new CassetteError({
              file,
              description: `the cassette has no reply to this request; record it anew. ${asked(request)}`
            })
          )
        })
      return {
        model,
        capabilities,
        stream,
        generate: (request, tell) =>
          LMResponse.collect(
            tell === undefined
              ? stream(request)
              : Stream.tap(stream(request), (event) => isNotice(event) ? tell([event]) : Effect.void)
          )
      }
    })
  )
}

const replayNames: Names<ReplayOptions> = { delays: Kinds.flag, allowUnused: Kinds.flag }

const asked = ({ messages }: LMRequest): string => {
  const last = messages.at(-1)
  return last === undefined ? "It has no messages" : `Its last message (${last.role}): ${shortened(textOf(last), 300)}`
}

/** The call as it was. One that was left says nothing more. */
const play = ({ end, reads }: Call, delays: boolean): Stream.Stream<LMEvent, LMError> =>
  Stream.suspend(() => {
    let next = 0
    const late = <A>(self: Effect.Effect<A, LMError | Cause.Done>, after: number) =>
      delays && after > 0 ? Effect.delay(self, after) : self
    const pull: Effect.Effect<NonEmptyReadonlyArray<LMEvent>, LMError | Cause.Done> = Effect.suspend(() => {
      const read = reads[next++]
      if (read !== undefined) return late(Effect.succeed(read.events), read.after)
      if (end._tag === "Left") return Effect.never
      return late(end._tag === "Close" ? Cause.done() : Effect.fail(end.error), end.after)
    })
    return Stream.fromPull(Effect.succeed(pull))
  })
