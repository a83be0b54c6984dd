/**
 * Whether a value that was read is an event.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import * as StreamEvent from "../StreamEvent.ts"

/** The events that hold nothing but JSON, whatever the program. */
export const isFlat: ReadonlySet<string> = new Set([
  "StreamResponse",
  "PartialResponse",
  "Retracted",
  "ToolCallDelta",
  "StatusMessage",
  "StepsDropped",
  "TurnsDropped"
])

/** What is wrong with a value that should be an event of a kind, or nothing. */
export type Check = (event: unknown) => string | undefined

let byTag: ReadonlyMap<string, Check> | undefined

/** The checks of the kinds of events. */
export const checks = (): ReadonlyMap<string, Check> =>
  byTag ??= new Map(
    Object.entries({
      StreamResponse: StreamEvent.StreamResponse,
      PartialResponse: StreamEvent.PartialResponse,
      Retracted: StreamEvent.Retracted,
      ToolCallDelta: StreamEvent.ToolCallDelta,
      StatusMessage: StreamEvent.StatusMessage,
      StepsDropped: StreamEvent.StepsDropped,
      TurnsDropped: StreamEvent.TurnsDropped,
      ToolStart: StreamEvent.ToolStart,
      ApprovalRequested: StreamEvent.ApprovalRequested,
      ApprovalAnswered: StreamEvent.ApprovalAnswered,
      ClientRequested: StreamEvent.ClientRequested,
      ToolProgress: StreamEvent.ToolProgress,
      ToolEnd: StreamEvent.ToolEnd,
      Emitted: StreamEvent.Emitted,
      Failure: Schema.TaggedStruct("Failure", { error: Schema.Unknown, defect: Schema.optionalKey(Schema.Boolean) })
    }).map(([tag, schema]) => [tag, checkOf(schema)])
  )

// Details

const checkOf = (schema: Schema.ConstraintDecoder<unknown>): Check => {
  const is = SchemaParser.is(schema)
  const decode = SchemaParser.decodeUnknownResult(schema)
  return (event) => {
    if (is(event)) return undefined
    const decoded = decode(event)
    return Result.isSuccess(decoded) ? undefined : formatIssue(decoded.failure)
  }
}

const formatIssue = SchemaIssue.makeFormatterDefault()
