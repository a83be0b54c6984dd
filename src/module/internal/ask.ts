/**
 * One predictor call: format, request, read; ask again where the reply had no usable form or values.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Adapter from "../../adapter/Adapter.ts"
import type { AdapterParseError } from "../../adapter/AdapterParseError.ts"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import * as CallFacts from "../../lm/CallFacts.ts"
import { modelIn } from "../../lm/internal/model.ts"
import * as LM from "../../lm/LM.ts"
import { LMError } from "../../lm/LMError.ts"
import type { LMEvent } from "../../lm/LMEvent.ts"
import { type GenerationConfig, type LMRequest, mergeConfig, spoken } from "../../lm/LMRequest.ts"
import type * as LMResponse from "../../lm/LMResponse.ts"
import * as Call from "../../run/Call.ts"
import { notify, type Observer, Observers } from "../../run/Observer.ts"
import type { RunEvent } from "../../run/RunEvent.ts"
import { ending } from "../../run/Watched.ts"
import * as Signature from "../../signature/Signature.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import { CurrentConfig } from "../CurrentConfig.ts"
import type { InputError } from "../InputError.ts"
import type { CallOptions, Settings } from "../Predict.ts"
import * as Prediction from "../Prediction.ts"
import { callOptionNames, settingsOfCall } from "./callOptions.ts"
import { checkedConfig } from "./checkedConfig.ts"
import { citing } from "./cited.ts"
import * as Contents from "./contents.ts"
import { detailsOf } from "./details.ts"
import { Reply } from "./reply.ts"
import { failed, sendTurn, withPartial } from "./send.ts"
import * as Manner from "./toolCalls/manner.ts"
import * as Refusals from "./toolCalls/refusals.ts"
import { nextTurn, type Turn } from "./turn.ts"
import { unwatched, watching } from "./watching.ts"

type Fields = Readonly<Record<string, unknown>>

/** What a predictor is asked in one call. */
export interface Question {
  readonly signature: Signature.Any
  readonly settings: Settings
  readonly inputs: Fields
  readonly options: AskOptions
}

/** Options of a call, with those that are not public. */
export interface AskOptions extends CallOptions {
  /** Reads the reply too: an iteration of an agent may be its answer. */
  readonly answering?: AnswerReader | undefined
}

/** Reads a call's reply too: for the answer that may stand in it, of which it tells the observers itself. */
export interface AnswerReader {
  /** Asks the observers of the call what they want to hear of the answer. */
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
  /** How the model is asked for tool calls, where the signature has some. */
  readonly manner: Manner.Manner | undefined
  readonly adapter: Adapter.Adapter
  readonly format: (adapter: Adapter.Adapter) => LMRequest
}

/** Makes the request of a call; `context` is that of its fiber. */
export const prepare = (
  context: Context.Context<never>,
  question: Question
): Prepared => {
  const { inputs, options, settings, signature } = question
  const { after, config, earlier, later, toolChoice, tools, turns } = onlyKnown(
    `a call of ${settings.name}`,
    options,
    optionNames,
    settingsOfCall
  )
  const lm = Option.getOrUndefined(Context.getOption(context, LM.LM))
  const manner = Manner.of(question, lm)
  const json = Signature.encodeInputs(signature, inputs)
  const call: Adapter.AdapterCall = {
    signature,
    inputs: json,
    demos: settings.demos,
    config: mergeConfig(over(Context.get(context, CurrentConfig), settings.config), config),
    ...(turns === undefined ? undefined : { turns }),
    ...(earlier === undefined ? undefined : { earlier }),
    ...(after === undefined ? undefined : { after }),
    ...(later === undefined ? undefined : { later }),
    ...manner?.asks(json)
  }
  const isHeld = lm?.capabilities.replyShape === true && manner?.isNative !== true
  const adapter = Context.get(context, CurrentAdapter)
  return {
    manner,
    adapter: manner === undefined ? adapter : manner.adapter(adapter),
    format: (adapter) => {
      const request = adapter.format(call)
      const form = isHeld ? adapter.shape(call) : undefined
      const shape = form === undefined || manner === undefined ? form : manner.shape(form)
      return {
        ...request,
        messages: request.messages.map(spoken),
        ...(shape === undefined ? undefined : { replyShape: { ...shape, prompt: shape.prompt.map(spoken) } }),
        ...(tools === undefined ? undefined : { tools }),
        ...(toolChoice === undefined || manner?.isNative === false ? undefined : { toolChoice }),
        ...manner?.sends
      }
    }
  }
}

/** A predictor's settings over those of its context. These are checked here, for they may have been provided by hand. */
const over = (current: GenerationConfig, own: GenerationConfig): GenerationConfig =>
  Object.keys(current).length === 0 ? own : mergeConfig(checkedConfig(current), own)

const optionNames: Names<AskOptions> = {
  ...callOptionNames,
  turns: Kinds.list("turns"),
  earlier: Kinds.list("turns, a list for each message of the history"),
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

/** What a call comes to, and what it fails with. */
type Asked = Effect.fn.Return<Prediction.Prediction<Fields>, InputError | LMError | AdapterParseError, LM.LM>

/** Asks until a reply can be read, or nothing is left to try. */
export const ask = (
  question: Question,
  call: Call.Call
): Effect.Effect<Prediction.Prediction<Fields>, InputError | LMError | AdapterParseError, LM.LM> =>
  Manner.mayAskInText(question) ? askOrAskInText(question, call) : askFrom(question, call, 1)

/** A model that refuses to be given tools is told of them in text. */
const askOrAskInText = Effect.fnUntraced(function*(given: Question, call: Call.Call): Asked {
  const question = given.settings.demosFor === undefined ? given : yield* chosenIn(call, given)
  return yield* Effect.catchIf(
    askFrom(question, call, 1),
    Refusals.ofTools,
    (error) =>
      Effect.andThen(
        Refusals.note(error),
        askFrom({ ...question, settings: { ...question.settings, toolCalls: "text" } }, call, 2)
      )
  )
})

/** Asks, and counts attempts from `first` on. */
const askFrom = Effect.fnUntraced(function*(
  given: Question,
  call: Call.Call,
  first: number
): Asked {
  const question = given.settings.demosFor === undefined ? given : yield* chosenIn(call, given)
  const { inputs, options: { answering }, settings, signature } = question
  const context = yield* Effect.context<LM.LM>()
  const lm = modelIn(context)
  const observers = Context.get(context, Observers)
  const watch = observers.length === 0 ? unwatched : yield* watching(observers, call, signature)
  if (answering !== undefined) yield* answering.watch(observers)
  const { adapter, format, manner } = prepare(context, question)
  const calls = manner === undefined ? undefined : yield* manner.reader
  const request = format(adapter)
  const reason = Contents.refusal(signature, inputs, request, lm)
  if (reason !== undefined) return yield* failed(new LMError({ model: lm.model, reason }), call)
  let turn: Turn = {
    attempt: first,
    requests: first,
    adapter,
    request,
    repairsLeft: settings.maxRepairs,
    fallbackLeft: true
  }
  while (true) {
    const reply = new Reply({
      adapter: citing(turn.adapter, signature, inputs, context),
      signature: manner?.signature ?? signature,
      call,
      model: lm.model,
      attempt: turn.attempt,
      interest: watch.interest,
      calls
    })
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
      return predictionOf(read.result.success, response, reply, { usage: call.usage(), attempts: turn.requests })
    }
    // A cache would give it again for ever.
    if (lm.forget !== undefined) yield* lm.forget(turn.request)
    const unread = CallFacts.add(read.result.failure, CallFacts.ofResponse(response))
    if (unread instanceof LMError) return yield* failed(withPartial(unread, answering), call)
    const error = CallFacts.add(unread, { usage: call.usage() })
    const next = nextTurn({ ...turn, attempt: reply.attempt() }, error, format, reply.said())
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

/** The prediction of the first completion that could be read; there is one. */
const predictionOf = (
  completions: ReadonlyArray<Fields | undefined>,
  response: LMResponse.LMResponse,
  reply: Reply,
  spent: Pick<Prediction.Details<Fields>, "usage" | "attempts">
): Prediction.Prediction<Fields> => {
  const first = completions.findIndex((fields) => fields !== undefined)
  const content = reply.content(response.completions[first]!.index)
  return Prediction.make(completions[first]!, { ...detailsOf(response, first, content), ...spent, completions })
}

/** The question with the demos that are chosen for it. What is asked to choose them is part of the call. */
export const chosenIn = (call: Call.Call, question: Question): Effect.Effect<Question, InputError | LMError> =>
  Effect.map(
    withChosenDemos(question.settings, question.inputs).pipe(
      Effect.provideService(Call.CurrentCall, call),
      Effect.catchTag("LMError", (error) => failed(error, call))
    ),
    (settings) => ({ ...question, settings })
  )
