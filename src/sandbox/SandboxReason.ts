/**
 * Why code in a sandbox came to no end of its own: the reasons of a `SandboxError`, told apart by their `_tag`.
 */
import * as Schema from "effect/Schema"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/** The code has a syntax error, threw, or left a promise rejected; `name`, `message` and `line`, from 1, are of what it threw. */
export class Thrown extends Schema.Error<Thrown>("effect-lm/sandbox/SandboxError/Thrown")({
  ...reason("Thrown"),
  name: Schema.String,
  message: Schema.String,
  line: Schema.optionalKey(Schema.Int)
}) {}

/** The code waits for a promise that nothing can settle: no function that it was given is at work. */
export class Stuck extends Schema.Error<Stuck>("effect-lm/sandbox/SandboxError/Stuck")(reason("Stuck")) {}

/** The code has computed for longer than it may. Waiting for the functions that it was given does not count. */
export class Timeout extends Schema.Error<Timeout>("effect-lm/sandbox/SandboxError/Timeout")(reason("Timeout")) {}

/** The code wanted more memory than it may have. Its variables are gone. */
export class Memory extends Schema.Error<Memory>("effect-lm/sandbox/SandboxError/Memory")(reason("Memory")) {}

/** The code has printed more than it may, or its value is longer. */
export class Output extends Schema.Error<Output>("effect-lm/sandbox/SandboxError/Output")(reason("Output")) {}

/** The interpreter or its thread ended in the middle of the code, or there are no threads here. Variables are gone. */
export class Died extends Schema.Error<Died>("effect-lm/sandbox/SandboxError/Died")(reason("Died")) {}

/** The interpreter is not installed: it is an optional peer dependency. */
export class NotInstalled
  extends Schema.Error<NotInstalled>("effect-lm/sandbox/SandboxError/NotInstalled")(reason("NotInstalled"))
{}

/** Any of them. */
export const Reason = Schema.Union([Thrown, Stuck, Timeout, Memory, Output, Died, NotInstalled])
export type Reason = typeof Reason.Type
