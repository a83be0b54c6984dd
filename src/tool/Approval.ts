/**
 * Who decides whether a tool may be called, where a tool needs that.
 *
 * A run that needs an approval asks the {@link Approver} of its context and waits. Requests and decisions are plain data
 * with a schema: they can go to a browser as JSON, and the answer come back.
 *
 * @example
 * const remove = Tool.make("remove_file", { parameters: { name: Schema.String }, needsApproval: true }, removeFile)
 * agent({ question }).pipe(Effect.provide(Approval.layerTerminal))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Stdio from "effect/Stdio"
import type * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import * as Kinds from "../text/kinds.ts"
import { shortened } from "../text/shortened.ts"
import { make as emptyInbox } from "./internal/inbox.ts"

// Models

/** A call that waits for a decision. */
export const Request = Schema.Struct({
  /** Unique, and not to be guessed: who knows it may answer. */
  id: Schema.String,
  tool: Schema.String,
  description: Schema.optionalKey(Schema.String),
  /** As the model wrote them, after they were found to be what the tool takes. */
  arguments: Schema.Record(Schema.String, Schema.Unknown),
  /** What the model calls the call. */
  toolCallId: Schema.String,
  /** Where in the program, as the run's events have it. */
  path: Schema.String,
  /** The module that makes the call; missing outside of programs. */
  agent: Schema.optionalKey(Schema.String)
})
export type Request = typeof Request.Type

/** The call may be made: as the model wanted it, or with other arguments. */
export const Approved = Schema.TaggedStruct("Approved", {
  arguments: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  reason: Schema.optionalKey(Schema.String)
})

/** The call may not be made; the model is told the reason. */
export const Refused = Schema.TaggedStruct("Refused", { reason: Schema.optionalKey(Schema.String) })

/** What was decided. */
export const Decision = Schema.Union([Approved, Refused])
export type Decision = typeof Decision.Type

/** Decides. It may wait as long as it takes; it is interrupted when the run that asks is. */
export interface Approver {
  readonly request: (request: Request) => Effect.Effect<Decision>
}

// Constructors

/** The decision that the call may be made; with these arguments instead of the model's, if given. */
export const approve = (args?: Readonly<Record<string, unknown>>): Decision => {
  Kinds.optional(Kinds.object)("the arguments of Approval.approve", args)
  return args === undefined ? { _tag: "Approved" } : { _tag: "Approved", arguments: args }
}

/** The decision that the call may not be made. */
export const refuse = (reason?: string): Decision => {
  Kinds.optional(Kinds.text)("the reason of Approval.refuse", reason)
  return reason === undefined ? { _tag: "Refused" } : { _tag: "Refused", reason }
}

/** The approver of what runs in this context. The default refuses everything, since there is nobody to ask. */
export const Approver = Context.Reference<Approver>("effect-lm/tool/Approver", {
  defaultValue: () => ({
    request: () =>
      Effect.as(
        Effect.logWarning(
          "A tool needs approval and nobody can give it: provide Approval.layerTerminal, Approval.makeInbox or Approval.layerAuto"
        ),
        refuse("nobody is there who could approve it")
      )
  })
})

// Layers

/** An approver of your own. */
export const layer = (request: Approver["request"]): Layer.Layer<never> => {
  Kinds.fn("a function that decides, as (request) => Effect.succeed(Approval.approve())")("the approver", request)
  return Layer.succeed(Approver, { request })
}

/** Approves everything. */
export const layerAuto: Layer.Layer<never> = layer(() => Effect.succeed(approve()))

/** Refuses everything, with this reason. */
export const layerRefuse = (reason?: string): Layer.Layer<never> => {
  const decision = refuse(reason)
  return layer(() => Effect.succeed(decision))
}

/**
 * Asks on the terminal, one question at a time: `y` approves, `n` or nothing refuses, and any other text refuses with that
 * text as the reason. What was typed before a question stood there is no answer to it. Where standard input is no terminal
 * (`echo y | ...`), nobody is asked, and everything is refused.
 */
export const layerTerminal: Layer.Layer<never, never, Terminal.Terminal | Stdio.Stdio> = Layer.effect(
  Approver,
  Effect.gen(function*(): Effect.fn.Return<Approver, never, Terminal.Terminal | Stdio.Stdio> {
    const terminal = yield* Terminal.Terminal
    const { stdinIsTerminal } = yield* Stdio.Stdio
    const turn = Semaphore.makeUnsafe(1)
    return {
      request: (request) =>
        Effect.flatMap(
          stdinIsTerminal,
          (isTerminal) =>
            isTerminal
              ? turn.withPermit(askOn(terminal, request))
              : Effect.succeed(refuse("it needs the approval of a person, and standard input is no terminal"))
        )
    }
  })
)

// Inbox

/** Requests that wait for an answer from elsewhere: a web page, a chat, another process. */
export interface Inbox {
  /** Makes what runs with it ask here. */
  readonly layer: Layer.Layer<never>
  /** The requests without an answer, oldest first. One is gone when it was answered, or its run was interrupted. */
  readonly pending: Effect.Effect<ReadonlyArray<Request>>
  /** The pending requests, and then each that is made. */
  readonly requests: Stream.Stream<Request>
  /** Answers a request; false where it is not there, or not there any more. */
  readonly answer: (id: string, decision: Decision) => Effect.Effect<boolean>
}

/**
 * Makes an inbox without requests.
 *
 * @example
 * const inbox = yield* Approval.makeInbox
 * const fiber = yield* Effect.forkChild(agent({ question }).pipe(Effect.provide(inbox.layer)))
 * const [request] = yield* inbox.requests.pipe(Stream.take(1), Stream.runCollect)
 * yield* inbox.answer(request.id, Approval.approve())
 */
export const makeInbox: Effect.Effect<Inbox> = Effect.sync(() => {
  const { ask, ...inbox } = emptyInbox<Request, Decision>()
  return { ...inbox, layer: layer(ask) }
})

// Details

const askOn = (terminal: Terminal.Terminal, request: Request): Effect.Effect<Decision> =>
  forget(terminal).pipe(
    Effect.andThen(terminal.display(question(request))),
    Effect.andThen(terminal.readLine),
    Effect.map((line) => {
      const answer = line.trim()
      if (/^y(es)?$/i.test(answer)) return approve()
      return refuse(answer === "" || /^no?$/i.test(answer) ? "the user said no" : answer)
    }),
    Effect.catch(() => Effect.succeed(refuse("the user did not answer")))
  )

/**
 * Throws away what was typed so far: keys of a line that has not ended yet, and lines that nobody has read. In between the
 * terminal gets the time to leave the mode in which keys are read, and what it holds of such a line. Fails where the
 * keyboard is gone, or Ctrl-C was pressed, which is a key in that mode.
 */
const forget = (terminal: Terminal.Terminal): Effect.Effect<void, unknown> =>
  Effect.scoped(Effect.flatMap(terminal.readInput, (keys) => untilQuiet(Queue.take(keys)))).pipe(
    Effect.andThen(Effect.sleep("20 millis")),
    Effect.andThen(untilQuiet(terminal.readLine))
  )

/** Keys that wait come at once; those of a held key or of a text that is pasted follow each other closely. */
const untilQuiet = (read: Effect.Effect<unknown, unknown>): Effect.Effect<void, unknown> =>
  Effect.flatMap(
    Effect.timeoutOption(read, "50 millis"),
    Option.match({ onNone: () => Effect.void, onSome: () => untilQuiet(read) })
  )

const question = ({ agent, arguments: args, tool }: Request): string => {
  const values = Object.entries(args).map(([name, value]) => `  ${printable(name)}: ${printable(value)}\n`)
  return `\n${agent === undefined ? "The program" : printable(agent)} wants to call ${printable(tool)}${
    values.length === 0 ? "\n" : ` with\n${values.join("")}`
  }Allow it? Answer y, n, or why not: `
}

/** As JSON, where control characters and the like are escaped: a model must not write to other places of a terminal. */
const printable = (value: unknown): string => {
  const text = typeof value === "string" && /^[\w .-]+$/.test(value) ? value : JSON.stringify(value) ?? "nothing"
  const whole = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`
    ).join(""))
  return shortened(whole, 2000)
}
