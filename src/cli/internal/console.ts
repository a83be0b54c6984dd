/**
 * The standard streams as a command uses them: results to standard output, everything said beside them to standard error.
 */
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as EffectConsole from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { PlatformError } from "effect/PlatformError"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { OutputError } from "../OutputError.ts"
import * as Text from "./text.ts"

/** What is written: text, which may come from anywhere, or what the command itself does to a terminal. */
export type Piece = string | Control

/** Control characters that the command means. */
export interface Control {
  readonly control: string
}

/** The two streams, and what they are connected to. Of texts nothing is written that acts on a terminal. */
export interface Console {
  /** Writes to standard output. */
  readonly write: (...pieces: ReadonlyArray<Piece>) => Effect.Effect<void, OutputError>
  /** Writes to standard error; that it cannot be written to is nothing to fail of. */
  readonly say: (...pieces: ReadonlyArray<Piece>) => Effect.Effect<void>
  readonly stdout: Device
  readonly stderr: Device
  /** Somebody can be asked: standard input and standard error are a terminal. */
  readonly canAsk: boolean
  /** The terminal can show a question again that is being answered. */
  readonly canPrompt: boolean
}

/** What a stream is connected to. */
export interface Device {
  readonly isTerminal: boolean
  /** A line can be drawn again. */
  readonly canAnimate: boolean
  readonly canColor: boolean
  readonly bold: (text: string) => ReadonlyArray<Piece>
  readonly dim: (text: string) => ReadonlyArray<Piece>
  readonly red: (text: string) => ReadonlyArray<Piece>
}

/** The streams of the process, with what Effect knows of its terminal (`TERM`, `NO_COLOR`, `FORCE_COLOR`). */
export const make: Effect.Effect<Console, never, Stdio.Stdio> = Effect.gen(function*() {
  const stdio = yield* Stdio.Stdio
  const out = yield* capabilities(stdio)
  // Questions and remarks are on standard error, of which Effect's terminal parts know nothing.
  const err = yield* capabilities({ ...stdio, stdoutIsTerminal: stdio.stderrIsTerminal })
  const stderrIsTerminal = yield* stdio.stderrIsTerminal
  return {
    write: (...pieces) => Effect.mapError(Stream.run(Stream.succeed(rendered(pieces)), stdio.stdout()), unwritable),
    say: (...pieces) => Effect.ignore(Stream.run(Stream.succeed(rendered(pieces)), stdio.stderr())),
    stdout: device(yield* stdio.stdoutIsTerminal, out),
    stderr: device(stderrIsTerminal, err),
    canAsk: (yield* stdio.stdinIsTerminal) && stderrIsTerminal,
    canPrompt: err.canPrompt
  }
})

const capabilities = (stdio: Stdio.Stdio) =>
  Effect.provide(
    TerminalCapabilities.TerminalCapabilities,
    Layer.provide(Layer.fresh(TerminalCapabilities.layer), Layer.succeed(Stdio.Stdio, stdio))
  )

const device = (
  isTerminal: boolean,
  { canAnimate, canColor }: TerminalCapabilities.TerminalCapabilities
): Device => {
  const style = (code: number) => (text: string): ReadonlyArray<Piece> =>
    canColor ? [{ control: `\x1b[${code}m` }, text, { control: "\x1b[0m" }] : [text]
  return { isTerminal, canAnimate, canColor, bold: style(1), dim: style(2), red: style(31) }
}

const rendered = (pieces: ReadonlyArray<Piece>): string =>
  pieces.map((piece) => typeof piece === "string" ? Text.harmless(piece) : piece.control).join("")

/** One line said beside the results: what the program does, not what it answers. */
export const remark = (console: Console, text: string): ReadonlyArray<Piece> => [
  ...console.stderr.dim(`[${text}]`),
  "\n"
]

/** What is said and logged on standard error passes the same filter, whoever says it. */
export const guarded = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateService(
    self,
    EffectConsole.Console,
    (console): EffectConsole.Console =>
      Object.assign(Object.create(console), {
        error: (...args: ReadonlyArray<unknown>) =>
          console.error(...args.map((arg) => typeof arg === "string" ? Text.harmless(arg) : arg))
      })
  )

const unwritable = ({ cause, message }: PlatformError): OutputError => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  return new OutputError({ closed: typeof code === "string" && gone.has(code), cause: cause ?? message })
}

const gone: ReadonlySet<string> = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"])
