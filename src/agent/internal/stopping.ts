/**
 * The option `stopWhen` of agents.
 */
import * as Kinds from "../../text/kinds.ts"

const aCondition = Kinds.fn("a condition, as StopWhen.toolCalled(\"confirm\") is one, or a list of conditions")
const conditions = Kinds.listOf("conditions", aCondition)

/** A condition, or several. */
export const stopping: Kinds.Kind = (what, value) =>
  Array.isArray(value) ? conditions(what, value) : aCondition(what, value)
