/**
 * The `effect-lm` command.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as ReAct from "../agent/ReAct.ts"
import type { LM } from "../lm/LM.ts"
import * as ChainOfThought from "../module/ChainOfThought.ts"
import * as Module from "../module/Module.ts"
import * as Predict from "../module/Predict.ts"
import * as Signature from "../signature/Signature.ts"
import { inWords } from "../text/failure.ts"
import { ToolRegistry } from "../tool/ToolRegistry.ts"
import * as Argv from "./internal/argv.ts"
import * as Flags from "./internal/flags.ts"
import * as Naming from "./internal/naming.ts"
import type * as Output from "./internal/output.ts"
import * as Report from "./internal/report.ts"
import * as Target from "./internal/target.ts"
import * as Text from "./internal/text.ts"
import * as ToolFile from "./internal/toolFile.ts"
import { verbs } from "./internal/verbs.ts"
import type * as Verbs from "./internal/verbs.ts"
import * as Runner from "./Runner.ts"
import { UsageError } from "./UsageError.ts"

/**
 * Runs `effect-lm` with these arguments; without any (or with `--yes` alone), it asks a first question. What fails is said on standard error, and
 * becomes a `CommandFailed` with the exit code.
 */
export const main = (
  args: ReadonlyArray<string>,
  options: Runner.RunOptions
): Effect.Effect<void, Runner.CommandFailed, Command.Environment> => {
  if (args.every((arg) => arg === "--yes")) {
    const first = [...demo, ...args]
    return Effect.andThen(introduce(first), main(first, options))
  }
  const { rest, target } = Argv.split(args)
  const verb = verbs.find(({ name }) => name === target)
  if (verb === undefined) {
    return target !== undefined && Target.isTarget(target)
      ? Report.reporting(
        Effect.fail(new UsageError({ message: `what to do is missing: effect-lm run ${quoted(target)}` }))
      )
      : Runner.runWith(root(), options)(args)
  }
  return Effect.flatMap(
    Report.reporting(commandFor(verb, rest), Argv.logLevel(rest, noInputs)),
    ({ args, command, helpCommand }) => Runner.runWith(root(command), { ...options, helpCommand })([verb.name, ...args])
  )
}

// Commands

type Subcommand = Command.Command<string, never, {}, unknown, Command.Environment>

/** The command, with what one of its subcommands is by now. */
const root = (known?: Subcommand) =>
  Command.make("effect-lm").pipe(
    Command.withDescription("Typed language-model programs: answers stream field by field"),
    Command.withSubcommands(verbs.map((verb) => known?.name === verb.name ? known : anyCommand(verb)))
  )

const target = Argument.String("signature|file").pipe(
  Argument.withDescription("A signature such as \"question -> answer\", or a module in a file: ./program.ts#name")
)

const noInputs = Naming.make([])

/** A subcommand before it is known what runs: it has help, and nothing to do. */
const anyCommand = ({ description, examples, flags, name, summary }: Verbs.Any): Subcommand =>
  Command.make(name, {
    target,
    program: Flags.program(noInputs),
    run: flags(noInputs),
    model: Flags.model(noInputs)
  }).pipe(
    Command.withDescription(`${description}\n  For the flags of a program: effect-lm ${name} SIGNATURE --help`),
    Command.withShortDescription(summary),
    Command.withExamples(examples)
  )

/** A subcommand for what the arguments name, and the arguments as it parses them. */
const commandFor = Effect.fnUntraced(function*(verb: Verbs.Any, args: ReadonlyArray<string>) {
  const { rest, target } = Argv.split(args)
  if (target === undefined) {
    if (rest.some((arg) => arg === "--help" || arg === "-h")) {
      return { command: anyCommand(verb), args: rest, helpCommand: undefined }
    }
    return yield* new UsageError({
      message:
        "what to run is missing: give a signature such as \"question -> answer\", or a file such as ./program.ts, " +
        "before the flags"
    })
  }
  const loaded = yield* verb.accepts(yield* Target.load(target))
  const inputs = Flags.ofInputs(verb.inputs(loaded.signature))
  return {
    command: loaded._tag === "Signature"
      ? commandOfSignature(verb, loaded.signature, inputs)
      : commandOfProgram(verb, loaded, inputs),
    args: target.startsWith("-") ? [...rest, "--", target] : [target, ...rest],
    helpCommand: `effect-lm ${verb.name} ${quoted(target)} --${inputs.naming.of("help")}`
  }
})

/** Makes a module of a signature: the one that `--module` names, with the flags that are for it. */
const moduleFor = Effect.fnUntraced(function*(
  signature: Signature.Any,
  { maxIterations, module, tools }: Command.Command.Config.Infer<ReturnType<typeof Flags.program>>,
  { of }: Naming.Naming
) {
  const kind = Option.getOrElse(module, () => "predict" as const)
  if (kind !== "react" && (Option.isSome(tools) || Option.isSome(maxIterations))) {
    const flag = of(Option.isSome(tools) ? "tools" : "max-iterations")
    return yield* new UsageError({ message: `--${flag} is for agents: add --${of("module")} react` })
  }
  if (kind === "react" && Option.isNone(tools)) {
    return yield* new UsageError({
      message: `--${of("module")} react needs --${of("tools")}, a module that exports what it may call`
    })
  }
  const registry = Option.isSome(tools) ? yield* ToolFile.layer(tools.value, `--${of("tools")}`) : undefined
  const make = (): Output.Program<unknown, LM> =>
    registry !== undefined
      ? Module.provide(registry)(ReAct.fromSignature(signature, {
        tools: ToolRegistry,
        maxIterations: Option.getOrUndefined(maxIterations)
      }))
      : kind === "predict"
      ? Predict.fromSignature(signature)
      : ChainOfThought.fromSignature(signature)
  return yield* Effect.fromResult(Result.try({
    try: make,
    catch: (error) => new UsageError({ message: inWords(error) })
  }))
})

const commandOfSignature = (
  verb: Verbs.Any,
  signature: Signature.Any,
  inputs: Flags.OfInputs
): Subcommand =>
  Command.make(
    verb.name,
    {
      target,
      inputs: inputs.config,
      program: Flags.program(inputs.naming),
      run: verb.flags(inputs.naming),
      model: Flags.model(inputs.naming)
    },
    Effect.fnUntraced(function*(flags) {
      if (Option.isSome(flags.program.instructions) && Option.isSome(flags.run.load)) {
        const { of } = inputs.naming
        return yield* new UsageError({
          message: `--${of("instructions")} and --${of("load")} exclude each other: a state has its own instructions`
        })
      }
      const asked = Option.match(flags.program.instructions, {
        onNone: () => signature,
        onSome: (instructions) => Signature.withInstructions(signature, instructions)
      })
      yield* verb.execute(yield* moduleFor(asked, flags.program, inputs.naming), signature, inputs, flags, {})
    })
  ).pipe(Command.withDescription(Text.harmless(signature.instructions)), Command.annotate(Flags.Inputs, inputs))

const commandOfProgram = (
  verb: Verbs.Any,
  { at, layer, program, signature }: Extract<Target.Target, { _tag: "Program" }>,
  inputs: Flags.OfInputs
): Subcommand =>
  Command.make(
    verb.name,
    {
      target,
      inputs: inputs.config,
      program: Flags.hiddenProgram(inputs.naming),
      run: verb.flags(inputs.naming),
      model: Flags.model(inputs.naming)
    },
    Effect.fnUntraced(function*(flags) {
      const given = Object.entries<Option.Option<unknown>>(flags.program).find(([, value]) => Option.isSome(value))
      if (given !== undefined) {
        const flag = inputs.naming.of(given[0] === "maxIterations" ? "max-iterations" : given[0])
        return yield* new UsageError({ message: `--${flag} is for signatures: a module in a file brings its own` })
      }
      yield* verb.execute(program, signature, inputs, flags, { at, layer })
    })
  ).pipe(
    Command.withDescription(Text.harmless(`${program.name}: ${signature.instructions}`)),
    Command.annotate(Flags.Inputs, inputs)
  )

// The first question

const demo = ["run", "question -> answer", "--module", "chain-of-thought", "--question", "Why is the sky blue?"]

/** Shows what is about to run, so that a newcomer can type the next one. */
const introduce = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  const script = yield* Effect.orDie(Config.option(Config.String("npm_lifecycle_event")))
  const command = Option.contains(script, "start") ? "npm start --" : "effect-lm"
  yield* Console.error(`$ ${command} ${args.map(quoted).join(" ")}\n(for help: ${command} --help)`)
})

/** A word as a shell takes it. */
const quoted = (word: string): string => /^[\w./#-]+$/.test(word) ? word : `"${word.replace(/["$\\`]/g, "\\$&")}"`
