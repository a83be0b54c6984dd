/**
 * A tool as a toolbox calls it, whatever it was made from.
 */
import * as Cause from "effect/Cause"
import { Clock } from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { CurrentMemoMap } from "effect/Layer"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Scope } from "effect/Scope"
import { ParentSpan, Tracer } from "effect/Tracer"
import { Media } from "../../lm/LMContent.ts"
import type { Message, ToolSpec } from "../../lm/LMRequest.ts"
import * as Call from "../../run/Call.ts"
import { Observers } from "../../run/Observer.ts"
import * as Step from "../../run/Step.ts"
import type { ToolReporter } from "../../run/Watched.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import * as Approval from "../Approval.ts"
import * as ToolError from "../ToolError.ts"
import type { Rule } from "./cacheRule.ts"
import { inWords } from "./failure.ts"

/** A tool, whatever it was made from. `R` are the services that a call needs. */
export interface Entry<out R = never> {
  readonly spec: ToolSpec
  /** Where the tool comes from, in words: the error about two tools of one name says it. */
  readonly source: string
  /** Reads the arguments as the tool takes them; fails with what is wrong with them. */
  readonly decode: (args: JsonRecord) => Effect.Effect<unknown, ToolError.ToolError, R>
  readonly needsApproval:
    | ((params: unknown, call: CallInfo) => Effect.Effect<boolean, ToolError.ToolError, R>)
    | undefined
  readonly run: (params: unknown, call: CallInfo) => Effect.Effect<Given, ToolError.ToolError, R>
  /** Whether the tool is a program: then the steps of the run are those inside of it, and the call itself is none. */
  readonly isProgram?: boolean | undefined
  /** How results are kept, where they may be given again. */
  readonly cache?: Rule | undefined
}

/** What is known of a call. */
export interface CallInfo {
  readonly report: ToolReporter
  /** The conversation so far. */
  readonly messages: Effect.Effect<ReadonlyArray<Message>>
}

/** A result: its JSON, the text for the model where that differs from the JSON, and the contents that the notes in the text stand for. */
export const Given = Schema.Struct({
  value: Schema.Unknown,
  text: Schema.optional(Schema.String),
  parts: Schema.optional(Schema.Array(Media))
})
export interface Given extends Schema.Schema.Type<typeof Given> {}

/**
 * The same tool with the services of this context. They win over those of the context in which the tool is called, except for
 * services that belong to the calling run.
 */
export const provide = <R>(entry: Entry<R>, context: Context.Context<R>): Entry => {
  const own = Context.omit(...ofRun)(context)
  // All that one call does is done in one context.
  let last: { readonly caller: Context.Context<never>; readonly merged: Context.Context<R> } | undefined
  const within = <A, E>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E> =>
    Effect.updateContext(self, (caller: Context.Context<never>) => {
      // No tool needs the services that are left out of `own`: `R` has no references, and each call has its own scope.
      if (last?.caller !== caller) last = { caller, merged: Context.merge(caller, own) as Context.Context<R> }
      return last.merged
    })
  const { decode, needsApproval, run } = entry
  return {
    ...entry,
    decode: (args) => within(decode(args)),
    needsApproval: needsApproval === undefined ? undefined : (params, info) => within(needsApproval(params, info)),
    run: (params, info) => within(run(params, info))
  }
}

/** The services that belong to the calling run: its observers, approver, clock and logs, wherever the tool was registered. */
const ofRun = [
  Step.Performer,
  Call.CurrentCall,
  Observers,
  Approval.Approver,
  Scope,
  CurrentMemoMap,
  Clock,
  Tracer,
  ParentSpan,
  References.CurrentLoggers,
  References.MinimumLogLevel,
  References.CurrentLogAnnotations,
  References.CurrentLogSpans
]

/** The error for any cause. A defect, and a tool that interrupts itself, are failures of the tool like others. */
export const fromCause = (tool: string, cause: Cause.Cause<ToolError.ToolError>): ToolError.ToolError => {
  const error = Cause.findError(cause)
  if (Result.isSuccess(error)) return error.success
  const defect = Cause.squash(cause)
  return new ToolError.ToolError({
    tool,
    reason: new ToolError.Failed(
      Cause.hasInterruptsOnly(cause)
        ? { description: "the tool was interrupted" }
        : { description: inWords(defect), cause: defect }
    )
  })
}
