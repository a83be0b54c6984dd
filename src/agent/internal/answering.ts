/**
 * The answer that an iteration of an agent may be: a call of the predictor `extract` that has no request of its own, for its fields
 * come with the reply of the iteration.
 *
 * The call begins with its first field. A reply that calls a tool after that takes it back; so does one that cannot be read to
 * its end, and the answer is asked for then.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import type { LMEvent } from "../../lm/LMEvent.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import type { AnswerReader } from "../../module/internal/ask.ts"
import { detailsOf } from "../../module/internal/details.ts"
import { Reply } from "../../module/internal/reply.ts"
import { unwatched, type Watch, watching } from "../../module/internal/watching.ts"
import * as Prediction from "../../module/Prediction.ts"
import * as Call from "../../run/Call.ts"
import { notify, type Observer } from "../../run/Observer.ts"
import type { ModuleEnd, RunEvent } from "../../run/RunEvent.ts"
import type * as Signature from "../../signature/Signature.ts"
import { AnswerDecoder } from "./turnText.ts"

type Fields = Readonly<Record<string, unknown>>

type Outcome = ModuleEnd["outcome"]

/** What makes the reader of an answer. */
export interface Options {
  /** Where the answer's call stands below its parent. */
  readonly key: string
  /** What the call is called. */
  readonly name: string
  readonly adapter: Adapter.Adapter
  readonly signature: Signature.Any
  readonly parent: Call.Call | undefined
  readonly model: string
}

/** Reads the answer of one reply. */
export class Answering implements AnswerReader {
  readonly #options: Options
  #watch: Watch = unwatched
  #call: Call.Call
  #reply: Reply
  #clock: Clock.Clock | undefined
  #begun: { readonly sequence: number; readonly at: number } | undefined
  #isTold = false
  /** The reply calls a tool, or has begun to. */
  #isLeft = false
  #hasEnded = false
  /** What the reply answers, once it was read to its end; nothing where it is no answer. */
  answer: Prediction.Prediction<Fields> | undefined
  /** Why an answer that had begun could not be read. */
  error: AdapterParseError | undefined

  constructor(options: Options) {
    this.#options = options
    this.#call = this.#newCall()
    this.#reply = this.#newReply()
  }

  /** Asks the observers what they want of the call, which may never begin. */
  watch(observers: ReadonlyArray<Observer>): Effect.Effect<void> {
    if (observers.length === 0) return Effect.void
    return Effect.withFiber((fiber) => {
      this.#clock = fiber.getRef(Clock.Clock)
      return Effect.map(watching(observers, this.#call, this.#options.signature), (watch) => {
        this.#watch = watch
        this.#reply = this.#newReply()
      })
    })
  }

  /** Whether somebody wants its deltas. */
  get isWatched(): boolean {
    return this.#watch.watchers.length > 0
  }

  /** Feeds what one network read brought. */
  push(events: ReadonlyArray<LMEvent>): Effect.Effect<void> {
    if (this.#isLeft) return Effect.void
    const at = events.findIndex(({ _tag }) => _tag === "ToolCallDelta")
    const told = this.#tell(this.#reply.push(at === -1 ? events : events.slice(0, at)))
    return at === -1 ? told : Effect.andThen(told, Effect.suspend(() => this.#leave()))
  }

  /** Reads the whole reply, once. */
  end(response: LMResponse.LMResponse): Effect.Effect<void> {
    if (this.#hasEnded) return Effect.void
    this.#hasEnded = true
    const first = response.completions.find((completion) => LMResponse.incomplete(completion) === undefined)
    const callsTools = first !== undefined && LMResponse.toolCallsOf(first).length > 0
    if (callsTools || (first === undefined && this.#begun === undefined)) {
      return this.#leave()
    }
    // The tool was called by a reply that has begun anew since.
    return this.#isLeft
      ? Effect.andThen(this.#renew(), Effect.suspend(() => this.#read(response, first)))
      : this.#read(response, first)
  }

  /** The reply did not come to its end: what the call still has to tell. */
  close(exit: Exit.Exit<unknown, unknown>): ReadonlyArray<RunEvent> {
    if (this.#hasEnded || this.#isLeft || exit._tag === "Success") return []
    this.#hasEnded = true
    if (this.#begun === undefined) return []
    const ends = this.#reply.close()
    return [
      ...this.#start(),
      ...ends,
      this.#endEvent(
        Cause.hasInterruptsOnly(exit.cause)
          ? { _tag: "Interrupted" }
          : { _tag: "Failure", error: Cause.squash(exit.cause) }
      )
    ]
  }

  /** The text of the fields that were begun, where the reply did not come to its end. */
  partial(): Readonly<Record<string, string>> {
    return this.#begun === undefined || this.#isLeft ? {} : this.#reply.abort()
  }

  // Reading

  #read(response: LMResponse.LMResponse, first: LMResponse.Completion | undefined): Effect.Effect<void> {
    // The ids of tool calls are those of the iteration.
    const readable = response.completions.filter((completion) => LMResponse.toolCallsOf(completion).length === 0)
    const { events, result } = this.#reply.end({ ...response, completions: readable })
    if (this.#begun === undefined) return Effect.void
    const fields = Result.getOrElse(result, (): ReadonlyArray<Fields | undefined> => [])
    const of = (completion: LMResponse.Completion) => fields[readable.indexOf(completion)]
    const own = first && of(first)
    if (first !== undefined && own !== undefined) {
      this.answer = Prediction.make(own, {
        ...detailsOf(response, response.completions.indexOf(first), first.content),
        completions: response.completions.map(of)
      })
    }
    if (Result.isFailure(result) && result.failure._tag === "AdapterParseError") this.error = result.failure
    const outcome: Outcome = this.answer !== undefined
      ? { _tag: "Success", value: this.answer }
      : Result.isFailure(result)
      ? { _tag: "Failure", error: result.failure }
      : { _tag: "Interrupted" }
    return Effect.andThen(
      this.#tell([...events, ...this.#reply.close()]),
      Effect.suspend(() => notify(this.#watch.observers, [this.#endEvent(outcome)]))
    )
  }

  /** The reply calls a tool, so what it has shown is not the answer. */
  #leave(): Effect.Effect<void> {
    if (this.#isLeft) return Effect.void
    this.#isLeft = true
    if (this.#begun === undefined) return Effect.void
    const call = this.#call
    return Effect.andThen(
      this.#tell(this.#reply.close()),
      Effect.suspend(() =>
        notify(this.#watch.observers, [
          { _tag: "Discarded", sequence: call.run.nextSequence(), call, reason: "the model calls a tool instead" },
          this.#endEvent({ _tag: "Interrupted" })
        ])
      )
    )
  }

  #renew(): Effect.Effect<void> {
    this.#call = this.#newCall()
    this.#isLeft = false
    this.#begun = undefined
    this.#isTold = false
    this.#reply = this.#newReply()
    return this.watch(this.#watch.observers)
  }

  #newCall(): Call.Call {
    const { key, name, parent } = this.#options
    return Call.make(parent, key, name)
  }

  #newReply(): Reply {
    const { adapter, model, signature } = this.#options
    const reading: Adapter.Adapter = {
      ...adapter,
      decoder: () => new AnswerDecoder(() => adapter.decoder(signature), () => this.#begin())
    }
    return new Reply({
      adapter: reading,
      signature,
      call: this.#call,
      model,
      attempt: 1,
      interest: this.#watch.interest
    })
  }

  // Telling

  #begin(): void {
    this.#begun ??= {
      sequence: this.#call.run.nextSequence(),
      at: this.#clock?.currentTimeMillisUnsafe() ?? 0
    }
  }

  #tell(events: ReadonlyArray<RunEvent>): Effect.Effect<void> {
    // All observers hear of the start; of what follows, those that want deltas.
    const begun = notify(this.#watch.observers, this.#start())
    return Effect.andThen(begun, notify(this.#watch.watchers, events))
  }

  /** The call's first event, once. */
  #start(): ReadonlyArray<RunEvent> {
    if (this.#isTold || this.#begun === undefined) return []
    this.#isTold = true
    return [{ _tag: "ModuleStart", sequence: this.#begun.sequence, call: this.#call, inputs: {}, isAgent: false }]
  }

  #endEvent(outcome: Outcome): RunEvent {
    return {
      _tag: "ModuleEnd",
      sequence: this.#call.run.nextSequence(),
      call: this.#call,
      outcome,
      durationMillis: (this.#clock?.currentTimeMillisUnsafe() ?? 0) - (this.#begun?.at ?? 0),
      usage: this.#call.usage()
    }
  }
}
