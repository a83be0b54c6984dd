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
import * as Schema from "effect/Schema"

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
  /** The call's id in the run's events. */
  callId: Schema.Finite,
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
export const approve = (args?: Readonly<Record<string, unknown>>): Decision =>
  args === undefined ? { _tag: "Approved" } : { _tag: "Approved", arguments: args }

/** The decision that the call may not be made. */
export const refuse = (reason?: string): Decision =>
  reason === undefined ? { _tag: "Refused" } : { _tag: "Refused", reason }

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
export const layer = (request: Approver["request"]): Layer.Layer<never> => Layer.succeed(Approver, { request })

/** Approves everything. */
export const layerAuto: Layer.Layer<never> = layer(() => Effect.succeed(approve()))

/** Refuses everything, with this reason. */
export const layerRefuse = (reason?: string): Layer.Layer<never> => layer(() => Effect.succeed(refuse(reason)))
