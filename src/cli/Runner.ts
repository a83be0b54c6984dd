/**
 * A command made from a program: its inputs are flags, its outputs stream to the terminal.
 *
 * @example
 * const ask = Runner.command("ask", ChainOfThought.make("question, context: list[str] -> answer, confidence: float"))
 *
 * Runner.run(ask, { version: "1.0.0" }).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
 * // $ node ask.ts --question "Why is the sky blue?" --context "..." --context "..." --json
 */
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { LM } from "../lm/LM.ts"
import type { Module, Signatures } from "../module/Module.ts"
import type { StatusMessageProvider } from "../streaming/Status.ts"
import * as Flags from "./internal/flags.ts"
import type * as Output from "./internal/output.ts"
import * as Running from "./internal/running.ts"
import type { ModelError } from "./Models.ts"
import type { OutputError } from "./OutputError.ts"
import { UsageError } from "./UsageError.ts"

// Models

/** Options of {@link command}. */
export interface Options {
  /** What `--help` says of the command; by default the instructions of the program's signature. */
  readonly description?: string | undefined
  /** What is said on standard error while the program runs; by default which module runs and which model is asked. */
  readonly statusMessageProvider?: StatusMessageProvider | undefined
}

/** A command that failed and has said why on standard error. `code` is its exit code: 1 where the run failed, 2 for bad usage. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>("effect-lm/cli/CommandFailed")("CommandFailed", {
  code: Schema.Literals([1, 2]),
  cause: Schema.Defect()
}) {
  override readonly [Runtime.errorExitCode] = this.code
  override readonly [Runtime.errorReported] = false
}

// Constructors

/**
 * Makes a command from a program that has a signature; a composed program without one throws a `TypeError` (see
 * `Module.withSignature`).
 *
 * Each input is a flag, read by its type: text as it is, numbers, booleans and literals checked, lists by repeating the flag or
 * as a JSON array, anything else as JSON. `--input` takes them all from a JSON object. An input whose name is a flag of the
 * command's own (`model`, `json`...) has the flag `--field-NAME`. The command finds its language model itself, see `Models`.
 */
export const command = <const Name extends string, I, O, E, R, S extends Signatures>(
  name: Name,
  program: Module<I, O, E, R, S>,
  options: Options = {}
): Command.Command<
  Name,
  Running.Flags,
  {},
  E | UsageError | OutputError | ModelError | Terminal.QuitError,
  Exclude<R, LM> | Command.Environment
> => {
  const signature = program.signature
  if (signature === undefined) {
    throw new TypeError(`${program.name} has no signature to make flags of: give it one with Module.withSignature`)
  }
  const inputs = Flags.ofInputs(signature)
  return Command.make(
    name,
    { inputs: inputs.config, run: Flags.run, model: Flags.model },
    (flags) => Running.execute(program as Output.Program<E, R>, signature, inputs.flags, flags, options)
  ).pipe(Command.withDescription(options.description ?? signature.instructions))
}

// Running

/** Options of {@link run}. */
export interface RunOptions {
  /** What `--version` says. */
  readonly version: string
  /** What to type for help, as it is said about bad usage; the command and `--help` unless given. */
  readonly helpCommand?: string | undefined
}

/**
 * Runs a command with the arguments of the process. What it fails of is said on standard error, in short, and becomes a
 * {@link CommandFailed} with the exit code for `NodeRuntime.runMain`. Only results are written to standard output.
 */
export const run: {
  (options: RunOptions): <Name extends string, Input, Context, E, R>(
    self: Command.Command<Name, Input, Context, E, R>
  ) => Effect.Effect<void, CommandFailed, R | Command.Environment>
  <Name extends string, Input, Context, E, R>(
    self: Command.Command<Name, Input, Context, E, R>,
    options: RunOptions
  ): Effect.Effect<void, CommandFailed, R | Command.Environment>
} = dual(
  2,
  <Name extends string, Input, Context, E, R>(self: Command.Command<Name, Input, Context, E, R>, options: RunOptions) =>
    Effect.flatMap(Stdio.Stdio, ({ args }) => Effect.flatMap(args, runWith(self, options)))
)

/** {@link run} with arguments of the caller's. */
export const runWith =
  <Name extends string, Input, Context, E, R>(self: Command.Command<Name, Input, Context, E, R>, options: RunOptions) =>
  (args: ReadonlyArray<string>): Effect.Effect<void, CommandFailed, R | Command.Environment> =>
    // Help where nothing else was asked for is no failure.
    Effect.catchIf(Command.runWith(self, options)(args), isHelp, () => Effect.void).pipe(
      Effect.provideService(CliOutput.Presenter, presenter(options)),
      reporting
    )

const isHelp = (error: unknown): error is CliError.ShowHelp =>
  CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0

/** Says what an effect fails of on standard error, and fails with the exit code. */
export const reporting = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, CommandFailed, R> =>
  self.pipe(
    Effect.catchCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.interrupt : report(Cause.squash(cause))),
    Effect.provideService(CliOutput.Formatter, { ...CliOutput.defaultFormatter(), formatError: said }),
    Effect.provideService(CliConfig.CliConfig, CliConfig.make({ builtIns })),
    Effect.provideService(Logger.LogToStderr, true)
  )

// A command asks for what is missing by itself: it needs no wizard.
const builtIns = [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel]

const report = Effect.fnUntraced(function*(error: unknown): Effect.fn.Return<never, CommandFailed> {
  // What a command has rendered is marked so.
  if (Runtime.getErrorReported(error)) yield* Console.error(said(error))
  return yield* new CommandFailed({
    code: error instanceof UsageError || CliError.isCliError(error) ? 2 : 1,
    cause: error
  })
})

const said = (error: unknown): string => `error: ${error instanceof Error ? error.message : String(error)}`

/** Help that was asked for goes to standard output; everything about bad usage to standard error, in short. */
const presenter = ({ helpCommand }: RunOptions): CliOutput.Presenter => ({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
        `${event.errors.map(said).join("\n")}\n\nFor help: ${helpCommand ?? `${event.commandPath.join(" ")} --help`}`
      )
      : CliOutput.defaultPresenter.present(event)
})
