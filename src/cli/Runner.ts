/**
 * A command made from a program: its inputs are flags, its outputs stream to the terminal.
 *
 * @example
 * const ask = Runner.command("ask", ChainOfThought.make("question, context: list[str] -> answer, confidence: float"))
 *
 * Runner.run(ask, { version: "1.0.0" }).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
 * // $ node ask.ts --question "Why is the sky blue?" --context "..." --context "..." --json
 */
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import type * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as References from "effect/References"
import * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { LM } from "../lm/LM.ts"
import type { Module, Signatures } from "../module/Module.ts"
import * as Signature from "../signature/Signature.ts"
import type { StatusMessageProvider } from "../streaming/Status.ts"
import { onlyKnown } from "../text/options.ts"
import { CommandFailed } from "./CommandFailed.ts"
import * as Argv from "./internal/argv.ts"
import * as FieldFlags from "./internal/fieldFlags.ts"
import * as Flags from "./internal/flags.ts"
import * as Naming from "./internal/naming.ts"
import type * as Output from "./internal/output.ts"
import * as Report from "./internal/report.ts"
import * as Running from "./internal/running.ts"
import * as Text from "./internal/text.ts"
import type { ModelError } from "./Models.ts"
import type { OutputError } from "./OutputError.ts"
import type { ProgramError } from "./ProgramError.ts"
import type { UsageError } from "./UsageError.ts"

// Models

/** Options of {@link command}. */
export interface Options {
  /** What `--help` says of the command; by default the instructions of the program's signature. */
  readonly description?: string | undefined
  /** What is said on standard error while the program runs; by default which module runs and which model is asked. */
  readonly statusMessageProvider?: StatusMessageProvider | undefined
}

export { CommandFailed }

// Constructors

/**
 * Makes a command from a program that has a signature; a composed program without one throws a `TypeError` (see
 * `Module.withSignature`).
 *
 * Each input is a flag, read by its type: text as it is, numbers, booleans and literals checked, lists by repeating the flag or
 * as a JSON array, anything else as JSON. `--input` takes them all from a JSON object. Where an input has the name of one of
 * the command's own flags (`model`, `json`...), that flag is written `--run-NAME`. The command finds its language model
 * itself, see `Models`. A command of your own with the inputs as flags, and no others: {@link flags}.
 */
export const command = <const Name extends string, I, O, E, R, S extends Signatures>(
  name: Name,
  program: Module<I, O, E, R, S>,
  options: Options = {}
): Command.Command<
  Name,
  Running.Flags,
  {},
  E | UsageError | ProgramError | OutputError | ModelError | Terminal.QuitError,
  Exclude<R, LM> | Command.Environment
> => {
  onlyKnown("Runner.command", options, { description: true, statusMessageProvider: true })
  const signature = program.signature
  if (signature === undefined) {
    throw new TypeError(`${program.name} has no signature to make flags of: give it one with Module.withSignature`)
  }
  const inputs = Flags.ofInputs(signature)
  const { naming } = inputs
  return Command.make(
    name,
    { inputs: inputs.config, run: Flags.run(naming), model: Flags.model(naming) },
    (flags) => Running.execute(program as Output.Program<E, R>, signature, inputs, flags, options)
  ).pipe(
    Command.withDescription(Text.harmless(options.description ?? signature.instructions)),
    Command.annotate(Flags.Inputs, inputs)
  )
}

/** The flags of a signature's inputs: each gives its input as a program takes it, `undefined` where it may be left out. */
export type FlagsOf<S extends Signature.Any> = {
  readonly [K in keyof Signature.Input<S>]-?: Flag.Flag<Signature.Input<S>[K]>
}

/**
 * The inputs of a signature, or of its string, as flags for a command of your own, which has only the flags that you give it.
 * They are read as {@link command} reads them; one that is missing is bad usage. A flag of the command line that has the name of
 * one, as `--help`, is written `--run-help` where {@link run} runs the command.
 *
 * @example
 * const qa = Predict.make("question, context: list[str] -> answer")
 *
 * const loud = Flag.Boolean("loud").pipe(Flag.withDefault(false))
 * const ask = Command.make("ask", { inputs: Runner.flags(qa.signature), loud }, ({ inputs, loud }) =>
 *   Effect.flatMap(qa(inputs), ({ answer }) => Console.log(loud ? answer.toUpperCase() : answer)))
 *
 * Runner.run(ask, { version: "1.0.0" }).pipe(Effect.provide([OpenAI.layerConfig, NodeServices.layer]), NodeRuntime.runMain)
 * // $ node ask.ts --question "Why?" --context "..." --loud
 */
export const flags = <const S>(
  signature: Signature.Arg<S>
): FlagsOf<Signature.From<S>> =>
  Object.fromEntries(
    FieldFlags.make(Signature.from(signature).inputFields, new Set())
      .map((field) => [field.field.name, FieldFlags.required(field)])
  ) as FlagsOf<Signature.From<S>> // the names and types of the inputs are known to the compiler alone

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
  (args: ReadonlyArray<string>): Effect.Effect<void, CommandFailed, R | Command.Environment> => {
    const command = Argv.selected(self, args)
    const inputs = Context.get(command.annotations, Flags.Inputs)
    const naming = inputs?.naming ?? Naming.make(Argv.declared(command))
    const level = Argv.logLevel(args, naming)
    // Help where nothing else was asked for is no failure.
    return Effect.catchIf(
      Command.runWith(self, options)(inputs === undefined ? args : Argv.joined(args, inputs)),
      isHelp,
      () => Effect.void
    ).pipe(
      Effect.provideService(CliOutput.Presenter, presenter(args, options, naming)),
      level === undefined ? (run) => run : Effect.provideService(References.MinimumLogLevel, level),
      Effect.provideService(CliConfig.CliConfig, CliConfig.make({ builtIns: Flags.builtIns(naming) })),
      (run) => Report.reporting(run, level)
    )
  }

const isHelp = (error: unknown): error is CliError.ShowHelp =>
  CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0

/** Says what an effect fails of on standard error, and fails with the exit code. */
export const reporting = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, CommandFailed, R | Stdio.Stdio> =>
  Report.reporting(self)

/** Help that was asked for goes to standard output; everything about bad usage to standard error, in short. */
const presenter = (
  args: ReadonlyArray<string>,
  { helpCommand }: RunOptions,
  { of }: Naming.Naming
): CliOutput.Presenter => ({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
        `${event.errors.map((error) => Report.said(error) + hint(error, args)).join("\n")}\n\n` +
          `For help: ${helpCommand ?? `${event.commandPath.join(" ")} --${of("help")}`}`
      )
      : CliOutput.defaultPresenter.present(event)
})

/** How a value is written that looks like a flag. */
const hint = (error: CliError.NonShowHelpErrors, args: ReadonlyArray<string>): string => {
  if (error._tag !== "InvalidValue" || error.value !== "") return ""
  const flag = `--${error.option}`
  const next = args[args.indexOf(flag) + 1]
  return next?.startsWith("-") === true ? `. A value that begins with dashes is written ${flag}=${next}` : ""
}
