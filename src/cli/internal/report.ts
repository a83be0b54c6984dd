/**
 * What a command says of its failure, and with which exit code it ends.
 */
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as LogLevel from "effect/LogLevel"
import * as Runtime from "effect/Runtime"
import type * as Stdio from "effect/Stdio"
import { CommandFailed } from "../CommandFailed.ts"
import { UsageError } from "../UsageError.ts"
import { guarded } from "./console.ts"
import * as Fault from "./fault.ts"

/**
 * Says what an effect fails of on standard error, and fails with the exit code. A fault of the user's own code is said with
 * its place, and with the whole stack where the level asks for that.
 */
export const reporting = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  level?: LogLevel.LogLevel
): Effect.Effect<A, CommandFailed, R | Stdio.Stdio> =>
  Effect.gen(function*() {
    const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
    return yield* self.pipe(
      Effect.catchCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.interrupt : report(cause, level)),
      Effect.provideService(CliOutput.Formatter, {
        ...CliOutput.defaultFormatter({ colors: canColor }),
        formatError: said
      }),
      Effect.provideService(Logger.LogToStderr, true),
      guarded
    )
  }).pipe(Effect.provide(Layer.fresh(TerminalCapabilities.layer)))

const report = Effect.fnUntraced(function*(
  cause: Cause.Cause<unknown>,
  level: LogLevel.LogLevel | undefined
): Effect.fn.Return<never, CommandFailed> {
  const { error } = Fault.of(cause)
  const code = error instanceof UsageError || CliError.isCliError(error) ? 2 : 1
  // What a command has rendered is marked so.
  if (Runtime.getErrorReported(error)) {
    yield* Console.error(inShort(cause))
    if (code === 1 && tellsStacks.has(level)) yield* Console.error(Cause.pretty(cause))
  }
  return yield* new CommandFailed({ code, cause: error })
})

const tellsStacks: ReadonlySet<LogLevel.LogLevel | undefined> = new Set(["Debug", "Trace", "All"])

/** What a run failed of, and where that is. */
export const inShort = (cause: Cause.Cause<unknown>): string => {
  const { place, words } = Fault.of(cause)
  return `error: ${words}` + (place === undefined ? "" : `\n  in ${place}`)
}

/** An error in one sentence. */
export const said = (error: unknown): string => `error: ${Fault.inWords(error)}`
