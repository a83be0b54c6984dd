/**
 * A conversation with a program: it keeps what was said and what tools have found, and says it again with every call.
 *
 * The program has an input that is a `History`; a session fills it in, so its calls lack that input. The log is state: a session
 * is made by an Effect, and its calls follow one another. Everything else is the program's: a session streams, and listeners
 * find its predictors by the paths that they have in the program.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Call from "../run/Call.ts"
import { notify, Observers } from "../run/Observer.ts"
import * as History from "../signature/History.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { given, onlyKnown } from "../text/options.ts"
import { InputError } from "./InputError.ts"
import { checked, historyName, withTurns } from "./internal/historyTurns.ts"
import { aKeep } from "./internal/keeping.ts"
import { type Rule, shortened } from "./internal/shorten.ts"
import { around } from "./internal/wrap.ts"
import type { Keep } from "./Keep.ts"
import * as Module from "./Module.ts"
import * as Prediction from "./Prediction.ts"

// Models

/**
 * A program with its conversation so far. A call that fails or is interrupted leaves no trace in it. Calls at the same time
 * wait for each other; a call from inside another one of the same session would wait for ever, and is an `InputError`. Such a
 * call cannot be seen where it is run apart from the other one, by `Effect.runPromise` in a tool's function for instance: it
 * does wait for ever there, so call the session's program itself, or a fork of the session.
 */
export interface Session<in I, out O, out E, out R, out S extends Module.Signatures>
  extends Module.Module<I, O, E, R, S>
{
  /**
   * What was said so far: the inputs and outputs of every call that succeeded, and what an agent did in it, as JSON values. Without
   * what `keep` has left out. Does not wait for running calls.
   */
  readonly history: Effect.Effect<History.History>
  /** Begins anew, after the calls that run or wait; from inside a call of the session, at once, and without that call. */
  readonly clear: Effect.Effect<void>
  /** Another session that goes on from what was said so far, independent of this one. Does not wait for running calls. */
  readonly fork: Effect.Effect<Session<I, O, E, R, S>>
}

/** Options of {@link make}. `E` and `R` are what the function `keep` fails with and needs. */
export interface Options<E = never, R = never> {
  /** What was said before, for instance in a session whose `history` was saved as JSON; nothing if left out. */
  readonly history?: History.History | undefined
  /**
   * How much is said again: a rule (`Keep.last(10)`, `Keep.tokens(50_000)`), or a function from the history to another one, which
   * may be an Effect: it may have older turns summed up. The newest turn always stays, as it is. The rule is asked before each
   * call, and counts the turns that are sent before the question. All is said again by default. See `Keep`.
   */
  readonly keep?:
    | Keep
    | ((history: History.History) => History.History | Effect.Effect<History.History, E, R>)
    | undefined
}

/** The inputs of a session: those of its program without the history. */
export type Input<I> = { readonly [K in keyof I as K extends HistoryName<I> ? never : K]: I[K] }

/** The name of the input that is a history; `never` where there is none. */
export type HistoryName<I> = { [K in keyof I]-?: IsHistory<I[K]> extends true ? K : never }[keyof I]

type IsHistory<T> = [T] extends [History.History | undefined] ? [History.History] extends [T] ? true : false : false

/** A sentence that the compiler shows at the argument. */
export interface SessionError<Message extends string> {
  readonly sessionError: Message
}

/** What a program that takes `I` has to be beside a module: nothing, or something that it is not. */
export type Conversational<I> = [HistoryName<I>] extends [never]
  ? SessionError<"the program has no input of the type History, which a session could fill in">
  : unknown

// Constructors

/**
 * Begins a conversation with a program. A program without an input of the type `History` is a compile error, and throws a
 * `TypeError` here otherwise; so does a composed module that was not given its signature (`Module.withSignature`).
 *
 * @example
 * const chat = yield* Session.make(Predict.make("question, history: History -> answer"))
 * yield* chat({ question: "I am Ada." })
 * const { answer } = yield* chat({ question: "Who am I?" })
 * const saved = JSON.stringify(yield* chat.history)
 */
export const make = <I extends object, O, E, R, S extends Module.Signatures, E2 = never, R2 = never>(
  program: Module.Module<I, O, E, R, S> & Conversational<I>,
  options: Options<E2, R2> = {}
): Effect.Effect<Session<Input<I>, O, E | InputError | E2, R | R2, S>> => {
  given("Session.make", { program: Kinds.program }, [program])
  const { history = History.empty, keep } = onlyKnown("Session.make", options, { history: aHistory, keep: aKeep })
  const definition = program[Module.TypeId]
  keptOf(definition)
  return begin(definition, history, keep)
}

/**
 * A call as a turn of a history: its inputs, its outputs, and what an agent did before it answered, for those who keep the history
 * themselves. It is what a session keeps.
 *
 * @example
 * const prediction = yield* agent({ question, history })
 * const next = History.append(history, Session.messageOf(agent, { question }, prediction))
 */
export const messageOf = <I extends object, O, E, R, S extends Module.Signatures>(
  program: Module.Module<I, O, E, R, S> & Conversational<I>,
  input: Input<I>,
  prediction: Prediction.Prediction<O>
): History.Message => {
  given("Session.messageOf", messageParameters, [program, input, prediction])
  return messageFrom(keptOf(program[Module.TypeId]).signature, input, prediction)
}

// Details

const messageParameters = {
  program: Kinds.program,
  input: Kinds.object,
  prediction: Kinds.make("what a call of the program came to", Prediction.isPrediction)
}

const ofSession = Kinds.make(
  "a History, as a session's `history` or History.make gives one",
  Schema.is(History.History)
)

const aHistory: Kinds.Kind = (what, value) => {
  ofSession(what, value)
  checked(what, value)
}

/** Which input is the history, and what the signature is without it. */
interface Kept {
  readonly name: string
  readonly signature: Signature.Any
}

/** What a call answered, and the history with it. */
type Spoken<A> = readonly [answer: A, history: History.History]

const keptOf = ({ name, signature }: Module.Definition): Kept => {
  if (signature === undefined) {
    throw new TypeError(`${name}: a session needs a program with a signature: give it one with Module.withSignature`)
  }
  const history = historyName(signature)
  if (history === undefined) {
    throw new TypeError(
      `${name} (${signature}): a session needs an input that is a History, such as 'history: History'`
    )
  }
  return { name: history, signature: Signature.deleteField(signature, history) }
}

/** A conversation: what was said, and the call that goes on just now. */
interface Log {
  readonly turns: Semaphore.Semaphore
  readonly keep: Rule<unknown, unknown> | undefined
  history: History.History
  speaking: Speaking | undefined
}

interface Speaking {
  readonly log: Log
  /** The conversation has begun anew since: the call is no part of it. */
  isForgotten: boolean
}

/** The calls of sessions that the running code is part of. */
const CurrentSpeaking = Context.Reference<ReadonlyArray<Speaking>>("effect-lm/module/Session/CurrentSpeaking", {
  defaultValue: () => []
})

/** The running call of this session that the code is part of, if it is part of one. */
const within = (log: Log) =>
  Effect.map(CurrentSpeaking, (all) => all.find((speaking) => speaking.log === log && speaking === log.speaking))

/** Runs the calls one after the other. What a call says is added once it has succeeded. */
const speak = <A, E, R>(
  log: Log,
  call: (history: History.History) => Effect.Effect<Spoken<A>, E, R>
): Effect.Effect<A, E, R> =>
  log.turns.withPermit(Effect.suspend(() => {
    const speaking: Speaking = log.speaking = { log, isForgotten: false }
    return Effect.suspend(() => call(log.history)).pipe(
      Effect.updateService(CurrentSpeaking, (all) => [...all, speaking]),
      Effect.map(([answer, history]) => {
        if (!speaking.isForgotten) log.history = history
        return answer
      }),
      Effect.ensuring(Effect.sync(() => log.speaking = undefined))
    )
  }))

const clear = (log: Log): Effect.Effect<void> =>
  Effect.flatMap(within(log), (speaking) => {
    const forget = Effect.sync(() => {
      log.history = History.empty
      if (speaking !== undefined) speaking.isForgotten = true
    })
    return speaking === undefined ? log.turns.withPermit(forget) : forget
  })

const begin = <M extends Module.Any>(
  definition: Module.Definition,
  history: History.History,
  keep: Log["keep"]
): Effect.Effect<M> =>
  Effect.sync(() => over(definition, { turns: Semaphore.makeUnsafe(1), keep, history, speaking: undefined }))

/** The history that a call is sent with. What `keep` leaves out is told by an event. */
const shorten = Effect.fnUntraced(function*({ keep }: Log, before: History.History, call: Call.Call) {
  const { dropped, history } = yield* shortened(keep, before).pipe(Effect.provideService(Call.CurrentCall, call))
  if (dropped.length > 0) {
    yield* notify(yield* Observers, [{
      _tag: "TurnsDropped",
      sequence: call.run.nextSequence(),
      call,
      turns: dropped
    }])
  }
  return history
})

/** The program over a log: its definition with the history filled in. A copy with other predictors is the same conversation. */
const over = <M extends Module.Any>(definition: Module.Definition, log: Log): M =>
  around(definition, (inner) => {
    const kept = keptOf(inner)
    return {
      ...inner,
      signature: kept.signature,
      run: (input, options, call) =>
        Effect.gen(function*() {
          const inputs = yield* Module.validInputs(inner.name, kept.signature, input)
          if ((yield* within(log)) !== undefined) return yield* insideItself(inner.name, kept)
          return yield* speak(log, (before) =>
            Effect.gen(function*() {
              const history = yield* shorten(log, before, call)
              const prediction = yield* inner.run({ ...inputs, [kept.name]: history }, options, call)
              return [prediction, History.append(history, messageFrom(kept.signature, inputs, prediction))] as const
            }))
        }),
      members: {
        ...inner.members,
        history: { value: Effect.sync(() => log.history), enumerable: true },
        clear: { value: clear(log), enumerable: true },
        fork: { value: Effect.suspend(() => begin(inner, log.history, log.keep)), enumerable: true }
      }
    }
  })

const insideItself = (name: string, kept: Kept) =>
  new InputError({
    module: name,
    signature: String(kept.signature),
    issues: [{
      path: [kept.name],
      message: "is not known yet: this call is part of one of the same session, and would wait for it for ever; " +
        "call the session's program itself here, or a fork of the session"
    }]
  })

const messageFrom = (
  signature: Signature.Any,
  inputs: object,
  prediction: Prediction.Prediction<unknown>
): History.Message =>
  withTurns(
    // What fields' schemas encode to is JSON, which their types do not tell.
    {
      ...Signature.encodeInputs(signature, { ...inputs }),
      ...Signature.encodeOutputs(signature, { ...Prediction.fields(prediction) as object })
    } as History.Message,
    Prediction.details(prediction).turns
  )
