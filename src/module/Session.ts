/**
 * A conversation with a program: it keeps what was said, and says it again with every call.
 *
 * The program has an input that is a `History`; a session fills it in, so its calls lack that input. The log is state: a session
 * is made by an Effect, and its calls follow one another. Everything else is the program's: a session streams, and listeners
 * find its predictors by the paths that they have in the program.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as History from "../signature/History.ts"
import * as Signature from "../signature/Signature.ts"
import * as Kinds from "../text/kinds.ts"
import { given, onlyKnown } from "../text/options.ts"
import { InputError } from "./InputError.ts"
import { around } from "./internal/wrap.ts"
import * as Module from "./Module.ts"

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
  /** What was said so far: the inputs and outputs of every call that succeeded, as JSON values. Does not wait for running calls. */
  readonly history: Effect.Effect<History.History>
  /** Begins anew, after the calls that run or wait; from inside a call of the session, at once, and without that call. */
  readonly clear: Effect.Effect<void>
  /** Another session that goes on from what was said so far, independent of this one. Does not wait for running calls. */
  readonly fork: Effect.Effect<Session<I, O, E, R, S>>
}

/** Options of {@link make}. */
export interface Options {
  /** What was said before, for instance in a session whose `history` was saved as JSON; nothing if left out. */
  readonly history?: History.History | undefined
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
export const make = <I extends object, O, E, R, S extends Module.Signatures>(
  program: Module.Module<I, O, E, R, S> & Conversational<I>,
  options: Options = {}
): Effect.Effect<Session<Input<I>, O, E | InputError, R, S>> => {
  given("Session.make", { program: Kinds.program }, [program])
  const { history = History.empty } = onlyKnown("Session.make", options, { history: aHistory })
  const definition = program[Module.TypeId]
  keptOf(definition)
  return begin(definition, history)
}

// Details

const aHistory = Kinds.make("a History, as a session's `history` or History.make gives one", Schema.is(History.History))

/** Which input is the history, and what the signature is without it. */
interface Kept {
  readonly name: string
  readonly signature: Signature.Any
}

const keptOf = ({ name, signature }: Module.Definition): Kept => {
  if (signature === undefined) {
    throw new TypeError(`${name}: a session needs a program with a signature: give it one with Module.withSignature`)
  }
  const history = signature.inputFields.find((field) => field.isHistory)
  if (history === undefined) {
    throw new TypeError(`${name} (${signature}): a session needs an input that is a History`)
  }
  return { name: history.name, signature: Signature.deleteField(signature, history.name) }
}

/** A conversation: what was said, and the call that goes on just now. */
interface Log {
  readonly turns: Semaphore.Semaphore
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

/** What a call says is added once it has succeeded. One call after the other. */
const speak = <A, E, R>(
  log: Log,
  call: (history: History.History) => Effect.Effect<readonly [A, History.Message], E, R>
): Effect.Effect<A, E, R> =>
  log.turns.withPermit(Effect.suspend(() => {
    const speaking: Speaking = log.speaking = { log, isForgotten: false }
    return Effect.suspend(() => call(log.history)).pipe(
      Effect.updateService(CurrentSpeaking, (all) => [...all, speaking]),
      Effect.map(([answer, message]) => {
        if (!speaking.isForgotten) log.history = History.append(log.history, message)
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

const begin = <M extends Module.Any>(definition: Module.Definition, history: History.History): Effect.Effect<M> =>
  Effect.sync(() => over(definition, { turns: Semaphore.makeUnsafe(1), history, speaking: undefined }))

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
          return yield* speak(log, (history) =>
            Effect.map(
              inner.run({ ...inputs, [kept.name]: history }, options, call),
              (prediction) => [prediction, messageOf(kept.signature, inputs, prediction)] as const
            ))
        }),
      members: {
        ...inner.members,
        history: { value: Effect.sync(() => log.history), enumerable: true },
        clear: { value: clear(log), enumerable: true },
        fork: { value: Effect.suspend(() => begin(inner, log.history)), enumerable: true }
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

// What fields' schemas encode to is JSON, which their types do not tell.
const messageOf = (signature: Signature.Any, inputs: object, outputs: object): History.Message =>
  ({
    ...Signature.encodeInputs(signature, { ...inputs }),
    ...Signature.encodeOutputs(signature, { ...outputs })
  }) as History.Message
