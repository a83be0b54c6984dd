/**
 * The standard streams as a command uses them: results to standard output, everything said beside them to standard error.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { OutputError } from "../OutputError.ts"

/** The two streams, and what they are connected to. */
export interface Console {
  /** Writes to standard output. */
  readonly write: (text: string) => Effect.Effect<void, OutputError>
  /** Writes to standard error; that it cannot be written to is nothing to fail of. */
  readonly say: (text: string) => Effect.Effect<void>
  readonly stdout: Device
  readonly stderr: Device
  /** Standard input is a terminal. */
  readonly canType: boolean
}

/** What a stream is connected to. */
export interface Device {
  readonly isTerminal: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
}

/** The streams of the process; colour is for terminals only, and never where `NO_COLOR` is set. */
export const make: Effect.Effect<Console, never, Stdio.Stdio> = Effect.gen(function*() {
  const stdio = yield* Stdio.Stdio
  const noColor = yield* variable("NO_COLOR")
  const dumb = (yield* variable("TERM")) === "dumb"
  const device = (isTerminal: boolean): Device => {
    const style = (code: number) => (text: string) =>
      isTerminal && noColor === "" && !dumb ? `\x1b[${code}m${text}\x1b[0m` : text
    return { isTerminal, bold: style(1), dim: style(2), red: style(31) }
  }
  return {
    write: (text) => Effect.mapError(Stream.run(Stream.succeed(text), stdio.stdout()), unwritable),
    say: (text) => Effect.ignore(Stream.run(Stream.succeed(text), stdio.stderr())),
    stdout: device(yield* stdio.stdoutIsTerminal),
    stderr: device(yield* stdio.stderrIsTerminal),
    canType: yield* stdio.stdinIsTerminal
  }
})

const variable = (name: string): Effect.Effect<string> =>
  Effect.map(Effect.orDie(Config.option(Config.String(name))), Option.getOrElse(() => ""))

/** One line said beside the results: what the program does, not what it answers. */
export const remark = (console: Console, text: string): string => `${console.stderr.dim(`[${text}]`)}\n`

const unwritable = ({ cause, message }: PlatformError): OutputError => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  return new OutputError({ closed: typeof code === "string" && gone.has(code), cause: cause ?? message })
}

const gone: ReadonlySet<string> = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"])
