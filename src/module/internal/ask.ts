/**
 * One predictor call: format, request, read; ask again where the reply had no usable form or values.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import * as CallFacts from "../../lm/CallFacts.ts"
import * as LM from "../../lm/LM.ts"
import { LMError, withUsage } from "../../lm/LMError.ts"
import { isNotice, type LMEvent } from "../../lm/LMEvent.ts"
import { assistant, type GenerationConfig, type LMRequest, mergeConfig, spoken, user } from "../../lm/LMRequest.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import * as Usage from "../../lm/Usage.ts"
import * as Call from "../../run/Call.ts"
import { notify, type Observer, Observers } from "../../run/Observer.ts"
import type { RunEvent } from "../../run/RunEvent.ts"
import * as Step from "../../run/Step.ts"
import { ending, watched } from "../../run/Watched.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import { CurrentConfig } from "../CurrentConfig.ts"
import type { InputError } from "../InputError.ts"
import type { CallOptions, Settings } from "../Predict.ts"
import * as Prediction from "../Prediction.ts"
import { callOptionNames } from "./callOptions.ts"
import { checkedConfig } from "./checkedConfig.ts"
import * as Contents from "./contents.ts"
import { detailsOf } from "./details.ts"
import { Reply } from "./reply.ts"
import { unwatched, type Watch, watching } from "./watching.ts"

type Fields = Readonly<Record<string, unknown>>

/** What a call takes beside what everybody may give it. */
export interface AskOptions extends CallOptions {
  /** Reads the reply too: a turn of an agent may be its answer. */
  readonly answering?: AnswerReader | undefined
}

/** Reads a call's reply for something else that may stand in it, and tells of that itself. */
export interface AnswerReader {
  /** Asks the observers of the call what they want of what is found. */
  readonly watch: (observers: ReadonlyArray<Observer>) => Effect.Effect<void>
  /** Whether somebody wants it as it arrives. */
  readonly isWatched: boolean
  /** Takes what one network read brought. */
  readonly push: (events: ReadonlyArray<LMEvent>) => Effect.Effect<void>
  /** Takes the whole reply, once. */
  readonly end: (response: LMResponse.LMResponse) => Effect.Effect<void>
  /** The events that are left where the call ended before the reply did. */
  readonly close: (exit: Exit.Exit<unknown, unknown>) => ReadonlyArray<RunEvent>
  /** The text of what was begun, by field. */
  readonly partial: () => Readonly<Record<string, string>>
}

/** A predictor call's adapter, and its request as an adapter writes it. */
export interface Prepared {
  readonly adapter: Adapter.Adapter
  readonly format: (adapter: Adapter.Adapter) => LMRequest
}

/** Makes the request of a call; `context` is that of its fiber. */
export const prepare = (
  context: Context.Context<never>,
  signature: Signature.Any,
  settings: Settings,
  inputs: Fields,
  options: AskOptions
): Prepared => {
  const { after, config, later, toolChoice, tools, turns } = onlyKnown(
    `a call of ${settings.name}`,
    options,
    optionNames
  )
  const question: Adapter.AdapterCall = {
    signature,
    inputs: Signature.encodeInputs(signature, inputs),
    demos: settings.demos,
    config: mergeConfig(over(Context.get(context, CurrentConfig), settings.config), config),
    ...(turns === undefined ? undefined : { turns }),
    ...(after === undefined ? undefined : { after }),
    ...(later === undefined ? undefined : { later })
  }
  const isHeld = Option.exists(Context.getOption(context, LM.LM), (lm) => lm.capabilities.replyShape === true)
  return {
    adapter: Context.get(context, CurrentAdapter),
    format: (adapter) => {
      const request = adapter.format(question)
      const shape = isHeld ? adapter.shape(question) : undefined
      return {
        ...request,
        messages: request.messages.map(spoken),
        ...(shape === undefined ? undefined : { replyShape: { ...shape, prompt: shape.prompt.map(spoken) } }),
        ...(tools === undefined ? undefined : { tools }),
        ...(toolChoice === undefined ? undefined : { toolChoice })
      }
    }
  }
}

/** A predictor's settings over those of its context, of which nobody has looked at what was provided by hand. */
const over = (current: GenerationConfig, own: GenerationConfig): GenerationConfig =>
  Object.keys(current).length === 0 ? own : mergeConfig(checkedConfig(current), own)

const optionNames: Names<AskOptions> = {
  ...callOptionNames,
  turns: Kinds.list("turns"),
  later: Kinds.signature,
  after: Kinds.object,
  tools: Kinds.list("tools, as they are sent to the model"),
  toolChoice: true,
  answering: true
}

/** The settings with the demos that are chosen for these inputs. */
export const withChosenDemos = (
  settings: Settings,
  inputs: Fields
): Effect.Effect<Settings, InputError | LMError> =>
  settings.demosFor === undefined
    ? Effect.succeed(settings)
    : Effect.map(settings.demosFor(inputs), (chosen) => ({
      ...settings,
      demos: [...settings.demos, ...chosen],
      demosFor: undefined
    }))

/** Asks until a reply can be read, or nothing is left to try. */
export const ask = Effect.fnUntraced(function*(
  signature: Signature.Any,
  given: Settings,
  inputs: Fields,
  options: AskOptions,
  call: Call.Call
): Effect.fn.Return<Prediction.Prediction<Fields>, InputError | LMError | AdapterParseError, LM.LM> {
  const settings = given.demosFor === undefined ? given : yield* chosenIn(call, withChosenDemos(given, inputs))
  const context = yield* Effect.context<LM.LM>()
  const lm = Context.get(context, LM.LM)
  const observers = Context.get(context, Observers)
  const watch = observers.length === 0 ? unwatched : yield* watching(observers, call, signature)
  const { answering } = options
  if (answering !== undefined) yield* answering.watch(observers)
  const { adapter, format } = prepare(context, signature, settings, inputs, options)
  const request = format(adapter)
  const reason = Contents.refusal(signature, inputs, request, lm)
  if (reason !== undefined) return yield* failed(new LMError({ model: lm.model, reason }), call)
  let turn: Turn = {
    attempt: 1,
    requests: 1,
    adapter,
    request,
    repairsLeft: settings.maxRepairs,
    fallbackLeft: true
  }
  while (true) {
    const reply = new Reply(turn.adapter, signature, call, lm.model, turn.attempt, watch.interest)
    const sent = ending(
      sendTurn(lm, turn, { reply, answering, call, watch }),
      watch.watchers,
      (exit) => Exit.isSuccess(exit) ? [] : reply.close()
    )
    const response = yield* answering === undefined
      ? sent
      : ending(sent, watch.observers, (exit) => answering.close(exit))
    const read = reply.end(response)
    if (read.events.length > 0) yield* notify(watch.watchers, read.events)
    if (answering !== undefined) yield* answering.end(response)
    if (Result.isSuccess(read.result)) {
      const completions = read.result.success
      const first = completions.findIndex((fields) => fields !== undefined)
      const content = reply.content(response.completions[first]!.index)
      return Prediction.make(completions[first]!, {
        ...detailsOf(response, first, content),
        usage: call.usage(),
        completions,
        attempts: turn.requests
      })
    }
    const unread = CallFacts.add(read.result.failure, CallFacts.ofResponse(response))
    if (unread instanceof LMError) return yield* failed(withPartial(unread, answering), call)
    const error = CallFacts.add(unread, { usage: call.usage() })
    const next = nextTurn({ ...turn, attempt: reply.attempt() }, error, format)
    if (next === undefined) return yield* error
    yield* notify(watch.observers, [{
      _tag: "Retraction",
      sequence: call.run.nextSequence(),
      call,
      attempt: reply.attempt(),
      fields: reply.shown(),
      error
    }])
    turn = next
  }
})

/** The error with the fields of an answer that had begun, too. */
const withPartial = (error: LMError, answering: AnswerReader | undefined): LMError =>
  answering === undefined ? error : new LMError({ ...error, partial: { ...error.partial, ...answering.partial() } })

/** One request of a predictor call, and what may still be tried after it. */
interface Turn {
  /** Its number among the attempts: more than the requests where a reply has begun anew. */
  readonly attempt: number
  readonly requests: number
  readonly adapter: Adapter.Adapter
  readonly request: LMRequest
  readonly repairsLeft: number
  readonly fallbackLeft: boolean
  /** Why the reply before could not be read, where this request is the fallback's. */
  readonly unread?: AdapterParseError | undefined
}

/** Who reads and who watches the reply to a request. */
interface Readers {
  readonly reply: Reply
  readonly answering: AnswerReader | undefined
  readonly call: Call.Call
  readonly watch: Watch
}

/** Sends the request of a turn. A server that does not take the fallback's says nothing of the reply that could not be read. */
const sendTurn = (
  lm: LM.Service,
  turn: Turn,
  readers: Readers
): Effect.Effect<LMResponse.LMResponse, LMError | AdapterParseError> => {
  const { unread } = turn
  const { call } = readers
  const sent = send(lm, turn, readers)
  return unread === undefined ? sent : Effect.catchIf(
    sent,
    (error) => refused.has(error.reason._tag),
    () => Effect.suspend(() => Effect.fail(CallFacts.add(unread, { usage: call.usage() })))
  )
}

/** What a server says of a request that it does not take. */
const refused: ReadonlySet<LMError["reason"]["_tag"]> = new Set(["InvalidRequest", "NotSupported", "UnsupportedModel"])

/**
 * A reply that lacks fields is asked for once more through the adapter's fallback; wrong values, or wrong form without a
 * fallback, go back to the model with what is wrong. The messages sent before stay as they were: only new ones follow.
 */
const nextTurn = (turn: Turn, error: AdapterParseError, format: Prepared["format"]): Turn | undefined => {
  const fallback = turn.adapter.fallback
  if (error.missing.length > 0 && fallback !== undefined && turn.fallbackLeft) {
    return {
      ...turn,
      attempt: turn.attempt + 1,
      requests: turn.requests + 1,
      adapter: fallback,
      request: format(fallback),
      fallbackLeft: false,
      unread: error
    }
  }
  if (turn.repairsLeft <= 0) return undefined
  return {
    ...turn,
    unread: undefined,
    attempt: turn.attempt + 1,
    requests: turn.requests + 1,
    request: corrected(turn.request, error.reply, turn.adapter.feedback(error)),
    repairsLeft: turn.repairsLeft - 1
  }
}

/** The request with a reply and what was wrong with it: the messages sent before stay as they were. */
const corrected = (request: LMRequest, reply: string, feedback: string): LMRequest => {
  const more = [spoken(assistant(reply)), user(feedback)]
  const { messages, replyShape } = request
  return {
    ...request,
    messages: [...messages, ...more],
    ...(replyShape === undefined ? {} : { replyShape: { ...replyShape, prompt: [...replyShape.prompt, ...more] } })
  }
}

/** Sends the request, streaming only where somebody wants deltas, and tells the observers of it. */
const send = (
  lm: LM.Service,
  turn: Turn,
  readers: Readers
): Effect.Effect<LMResponse.LMResponse, LMError> => {
  const { answering, call, reply, watch } = readers
  const lmCall = watch.observers.length === 0 ? undefined : Call.within(call, lm.model)
  const tell: LM.Tell | undefined = lmCall &&
    ((events) => notify(watch.observers, events.flatMap((event) => noticeOf(event, lmCall, turn.attempt))))
  const response = Step.perform(
    watch.watchers.length > 0 || answering?.isWatched === true
      ? streamed(lm, turn.request, readers, tell)
      : lm.generate(turn.request, tell),
    () => ({
      _tag: "LM",
      name: lm.model,
      asked: turn.request,
      success: LMResponse.LMResponse,
      error: LMError
    }),
    call
  )
  const counted = Effect.matchEffect(response, {
    onSuccess: (response) => {
      // What is given again was paid before.
      if (response.givenAgain !== true) call.addUsage({ ...(response.usage ?? Usage.empty), calls: 1 })
      return Effect.succeed(response)
    },
    onFailure: (error) => {
      if (error.givenAgain !== true) call.addUsage({ ...(error.usage ?? Usage.empty), calls: 1 })
      return failed(withPartial(new LMError({ ...error, partial: reply.abort() }), answering), call)
    }
  })
  return lmCall === undefined ? counted : observed(counted, turn, lmCall, watch.observers)
}

const noticeOf = (event: LMEvent, call: Call.Call, attempt: number): ReadonlyArray<RunEvent> =>
  isNotice(event)
    ? [{ _tag: "LMNotice", sequence: call.run.nextSequence(), call, attempt, notice: event }]
    : []

const streamed = Effect.fnUntraced(function*(
  lm: LM.Service,
  request: LMRequest,
  { answering, reply, watch: { watchers } }: Readers,
  tell: LM.Tell | undefined
): Effect.fn.Return<LMResponse.LMResponse, LMError> {
  const response = LMResponse.builder()
  yield* Effect.mapError(
    Stream.runForEachArray(lm.stream(request), (events) => {
      response.push(events)
      const shown = notify(watchers, reply.push(events))
      const told = answering === undefined ? shown : Effect.andThen(shown, answering.push(events))
      return tell !== undefined && events.some(isNotice) ? Effect.andThen(tell(events), told) : told
    }),
    (error) => withUsage(error, response.result().usage)
  )
  const whole = response.result()
  // The last events of a reply are part of what was done, and not of reading it again from a store.
  yield* notify(watchers, reply.end(whole).events)
  if (answering !== undefined) yield* answering.end(whole)
  return whole
})

/** Makes the request visible as a language model call of the predictor. */
const observed = (
  response: Effect.Effect<LMResponse.LMResponse, LMError>,
  turn: Turn,
  call: Call.Call,
  observers: ReadonlyArray<Observer>
): Effect.Effect<LMResponse.LMResponse, LMError> =>
  watched(
    response,
    observers,
    () => ({ _tag: "LMStart", sequence: call.run.nextSequence(), call, attempt: turn.attempt, request: turn.request }),
    (outcome, durationMillis) => ({
      _tag: "LMEnd",
      sequence: call.run.nextSequence(),
      call,
      attempt: turn.attempt,
      outcome,
      durationMillis
    })
  )

/** What is asked to choose the demos of a call is part of the call. */
const chosenIn = (
  call: Call.Call,
  chosen: Effect.Effect<Settings, InputError | LMError>
): Effect.Effect<Settings, InputError | LMError> =>
  Effect.catchTag(Effect.provideService(chosen, Call.CurrentCall, call), "LMError", (error) => failed(error, call))

const failed = (error: LMError, call: Call.Call): Effect.Effect<never, LMError> =>
  Effect.fail(CallFacts.add(error, { predictor: call.path, module: call.name, usage: call.usage() }))
