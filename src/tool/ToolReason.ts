/**
 * Why a tool call did not give a result: the reasons of a `ToolError`, told apart by their `_tag`.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Issues from "../text/issues.ts"

/** There is no tool of the name; `tools` names those that there are. */
export class UnknownTool extends Schema.Error<UnknownTool>("effect-lm/tool/ToolError/UnknownTool")({
  _tag: Schema.tag("UnknownTool"),
  tools: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.tools.length === 0
      ? "there is no such tool: there are none"
      : `there is no such tool; there are: ${this.tools.join(", ")}`
  }
}

/**
 * The arguments are not what the tool takes; `issues` names everything that is wrong, by path. `fromApproval` where they are
 * those that an approval put in place of the model's.
 */
export class InvalidArguments extends Schema.Error<InvalidArguments>("effect-lm/tool/ToolError/InvalidArguments")({
  _tag: Schema.tag("InvalidArguments"),
  issues: Issues.Issues,
  fromApproval: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    const whose = this.fromApproval === true ? " that the approval put in place of the model's" : ""
    return `the arguments${whose} are not what the tool takes:\n${Issues.inLines(this.issues, "- ")}`
  }
}

/** The call needed an approval and was refused; `description` is the reason that was given. */
export class Refused extends Schema.Error<Refused>("effect-lm/tool/ToolError/Refused")({
  _tag: Schema.tag("Refused"),
  description: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return this.description === undefined ? "the call was refused" : `the call was refused: ${this.description}`
  }
}

/** The tool's time limit passed. */
export class TimedOut extends Schema.Error<TimedOut>("effect-lm/tool/ToolError/TimedOut")({
  _tag: Schema.tag("TimedOut"),
  limit: Schema.Duration
}) {
  override get message(): string {
    return `not finished within ${Duration.format(this.limit)}`
  }
}

/** The tool itself failed; `cause` is what it failed of, threw or rejected with. */
export class Failed extends Schema.Error<Failed>("effect-lm/tool/ToolError/Failed")({
  _tag: Schema.tag("Failed"),
  description: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return this.description
  }
}

/** The tool gave a result that its schema, or JSON, does not have. */
export class InvalidResult extends Schema.Error<InvalidResult>("effect-lm/tool/ToolError/InvalidResult")({
  _tag: Schema.tag("InvalidResult"),
  issues: Issues.Issues
}) {
  override get message(): string {
    return `the tool's result is not what it says that it gives:\n${Issues.inLines(this.issues, "- ")}`
  }
}

/** Any of them. */
export const Reason = Schema.Union([UnknownTool, InvalidArguments, Refused, TimedOut, Failed, InvalidResult])
export type Reason = typeof Reason.Type
