/**
 * What a command made from a program does once its flags are parsed.
 */
import type * as Command from "effect/cli/Command"
import type * as Prompt from "effect/cli/Prompt"
import * as Config from "effect/Config"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Terminal from "effect/Terminal"
import { CurrentAdapter } from "../../adapter/CurrentAdapter.ts"
import { LM } from "../../lm/LM.ts"
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import * as LocalModel from "../../local/LocalModel.ts"
import * as Module from "../../module/Module.ts"
import * as Predict from "../../module/Predict.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { StatusMessageProvider } from "../../streaming/Status.ts"
import { Approver } from "../../tool/Approval.ts"
import { type ModelError, Models } from "../Models.ts"
import type { OutputError } from "../OutputError.ts"
import type { ProgramError } from "../ProgramError.ts"
import type { UsageError } from "../UsageError.ts"
import * as AdapterFlag from "./adapterFlag.ts"
import * as Approvals from "./approvals.ts"
import * as Console from "./console.ts"
import * as Fault from "./fault.ts"
import type * as FlagsConfig from "./flags.ts"
import * as Inputs from "./inputs.ts"
import type * as Naming from "./naming.ts"
import * as Output from "./output.ts"
import * as Progress from "./progress.ts"
import * as Prompts from "./prompts.ts"
import * as StateFile from "./stateFile.ts"

/** What the flags of a command say. */
export interface Flags {
  readonly inputs: Command.Command.Config.Infer<FlagsConfig.OfInputs["config"]>
  readonly run: Command.Command.Config.Infer<ReturnType<typeof FlagsConfig.run>>
  readonly model: Command.Command.Config.Infer<ReturnType<typeof FlagsConfig.model>>
}

/** What a command knows of its program beside the flags. */
export interface Options<out LayerError = never> {
  readonly statusMessageProvider?: StatusMessageProvider | undefined
  /** The file and the export that are the program. */
  readonly at?: string | undefined
  /** What the program's file provides; what it needs is not known. A model of its own is asked unless a flag names another. */
  readonly layer?: Layer.Layer<never, LayerError> | undefined
}

/** A program that is ready to run, and what is around it. */
export interface Ready<E, R> {
  /** With its state, and with the settings of the flags, which win over its own. */
  readonly program: Output.Program<E, R>
  readonly console: Console.Console
  readonly progress: Progress.Progress
  readonly approvals: Approvals.Approvals
}

/** Runs a program once as the flags say. */
export const execute = <E, R, LayerError = never>(
  given: Output.Program<E, R>,
  signature: Signature.Any,
  { naming }: FlagsConfig.OfInputs,
  flags: Flags,
  options: Options<LayerError>
): Effect.Effect<
  void,
  E | LayerError | UsageError | ProgramError | OutputError | ModelError | Terminal.QuitError,
  Exclude<R, LM> | Command.Environment
> =>
  prepared(
    given,
    naming,
    flags,
    { ...options, asks: true },
    Effect.fnUntraced(function*({ approvals, console, program }: Ready<E, R>) {
      const form = yield* Output.form(flags.run, naming)
      const inputs = yield* Inputs.gather(
        signature,
        { flags: inputsOf(flags.inputs), file: flags.run.input, fileFlag: `--${naming.of("input")}` },
        console
      )
      // A person is asked for inputs only where the program can run: the model is there by now.
      return Effect.flatMap(inputs, (inputs) =>
        Output.show(program, inputs, options.statusMessageProvider ?? statuses, form, console, approvals).pipe(
          Output.whileRead,
          Fault.within({ name: program.name, at: options.at })
        ))
    })
  )

/**
 * Makes a program ready, and its model. `begin` looks at what was given, before there is a model; what it gives runs then.
 * `asks` tells whether a person may be asked to approve what the program does.
 */
export const prepared = Effect.fnUntraced(function*<E, R, E2, R2, E3, R3, LayerError = never>(
  given: Output.Program<E, R>,
  naming: Naming.Naming,
  flags: Pick<Flags, "run" | "model">,
  options: Options<LayerError> & { readonly asks: boolean },
  begin: (ready: Ready<E, R>) => Effect.Effect<Effect.Effect<void, E2, R2>, E3, R3>
): Effect.fn.Return<
  void,
  E2 | E3 | LayerError | UsageError | ProgramError | ModelError,
  Exclude<R2, LM> | R3 | Command.Environment
> {
  const program = Option.isNone(flags.run.load)
    ? given
    : yield* StateFile.load(given, flags.run.load.value, `--${naming.of("load")}`)
  const adapter = Option.isNone(flags.run.adapter)
    ? Layer.empty
    : Layer.succeed(CurrentAdapter, yield* AdapterFlag.load(flags.run.adapter.value, `--${naming.of("adapter")}`))
  const console = yield* Console.make
  const progress = Progress.make(console, (yield* Terminal.Terminal).columns)
  const approvals = Approvals.make(flags.run.approve, {
    onScreen: !flags.run.json && !flags.run.events && !flags.run.noStream,
    asks: options.asks,
    flag: `--${naming.of("approve")}`
  }, console)
  const running = yield* begin({ program: configured(program, flags.run), console, progress, approvals })
  const choice = {
    model: Option.getOrUndefined(flags.model.model),
    baseUrl: Option.getOrUndefined(flags.model.baseUrl)
  }
  const say = (text: string) => console.say(...Console.remark(console, text))
  const lm = (yield* Models)({
    ...choice,
    say,
    mayInstall: flags.model.yes ? () => Effect.succeed(true) : yield* asksToInstall(console),
    onProgress: progress.report
  })
  const warned = isAgent(program)
    ? Effect.flatMap(LM, ({ model }) => model === LocalModel.embedded ? say(LocalModel.embeddedIsNoAgent) : Effect.void)
    : Effect.void
  const own = options.layer ?? Layer.empty
  yield* Effect.flatMap(Layer.build(own), (services) => {
    const asksOwn = choice.model === undefined && choice.baseUrl === undefined && services.mapUnsafe.has(LM.key)
    const approvesItself = !flags.run.approve && services.mapUnsafe.has(Approver.key)
    return Effect.andThen(Effect.andThen(progress.clear, warned), running).pipe(
      Effect.provide([
        adapter,
        asksOwn ? Layer.succeedContext(services as Context.Context<LM>) : lm,
        approvesItself ? Layer.empty : approvals.layer
      ]),
      Effect.provideContext(services)
    )
  }).pipe(Effect.scoped, Effect.ensuring(progress.clear))
})

/** `npm start` in this repository, which people type first and alone. */
const isStarting = Effect.map(
  Effect.all([Config.option(Config.String("npm_lifecycle_event")), Config.option(Config.String("npm_package_name"))]),
  ([event, name]) => Option.contains(event, "start") && Option.contains(name, "effect-lm")
).pipe(Effect.orDie)

/**
 * A person at the terminal is asked what may be installed, or told where `npm start` was typed; without one nothing is
 * installed. Leaving ends the command.
 */
const asksToInstall = Effect.fnUntraced(function*(console: Console.Console) {
  const context = yield* Effect.context<Prompt.Environment>()
  const isTyped = console.stdout.isTerminal && (yield* isStarting)
  return ({ message }: LocalModel.Installation): Effect.Effect<boolean> => {
    if (!console.canPrompt) return Effect.succeed(false)
    if (isTyped) return Effect.as(console.say(...Console.remark(console, `${message}; ${instead}`)), true)
    return console.say(...Console.remark(console, message)).pipe(
      Effect.andThen(Prompts.confirm("Install it?", console)),
      Effect.catch(() => Effect.interrupt),
      Effect.provideContext(context)
    )
  }
})

const instead = "Ctrl-C stops it; with OPENAI_API_KEY set, or a local server such as Ollama, it is not needed"

/** It asks a model to name tools. */
const isAgent = ({ signatures }: Pick<Module.Any, "signatures">): boolean =>
  Object.values<Signature.Any>(signatures).some(({ outputFields }) =>
    outputFields.some(({ name }) => name === "next_tool_name")
  )

/** The inputs that flags give; by their plain names first. */
export const inputsOf = ({ former, inputs }: Flags["inputs"]): Inputs.Given["flags"] => ({
  ...inputs,
  ...Object.fromEntries(
    Object.entries(former).map((
      [name, value]
    ) => [name, Option.orElse(inputs[name] ?? Option.none(), () => value)])
  )
})

/** The program with the generation settings of the flags, which win over its own. */
const configured = <E, R>(program: Output.Program<E, R>, flags: Flags["run"]): Output.Program<E, R> => {
  const config: GenerationConfig = {
    ...(Option.isSome(flags.temperature) && { temperature: flags.temperature.value }),
    ...(Option.isSome(flags.maxTokens) && { maxTokens: flags.maxTokens.value })
  }
  return Object.keys(config).length === 0 ? program : Module.mapPredictors(program, Predict.withConfig(config))
}

/** What a command says of its program unless it is told otherwise. */
const statuses: StatusMessageProvider = {
  moduleStart: ({ name, path }) => path === "self" ? `Running ${name}` : `Running ${path} (${name})`,
  lmStart: ({ name, path }) => path === "self" ? `Asking ${name}` : `Asking ${name} for ${path}`
}
