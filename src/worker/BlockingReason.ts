/**
 * Why a function in a worker thread gave no result: the reasons of a `BlockingError`, told apart by their `_tag`.
 */
import * as Schema from "effect/Schema"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/** The module cannot be loaded, or exports no function of the name. */
export class NotFound extends Schema.Error<NotFound>("effect-lm/worker/BlockingError/NotFound")(reason("NotFound")) {}

/** The function threw, or its promise was rejected; `cause` is what with, as a structured clone has it. */
export class Failed extends Schema.Error<Failed>("effect-lm/worker/BlockingError/Failed")({
  ...reason("Failed"),
  cause: Schema.optionalKey(Schema.Defect())
}) {}

/** The arguments or the result cannot be sent to another thread: functions, promises, class instances with private state. */
export class NotCloneable
  extends Schema.Error<NotCloneable>("effect-lm/worker/BlockingError/NotCloneable")(reason("NotCloneable"))
{}

/** The worker ended in the middle of the call: `process.exit`, out of memory, an exception outside of the function. */
export class Died extends Schema.Error<Died>("effect-lm/worker/BlockingError/Died")(reason("Died")) {}

/** Any of them. */
export const Reason = Schema.Union([NotFound, Failed, NotCloneable, Died])
export type Reason = typeof Reason.Type
