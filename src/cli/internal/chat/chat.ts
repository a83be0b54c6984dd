/**
 * A conversation with a program: a line is a question, its answer streams, and the next one knows of both.
 */
import * as Cause from "effect/Cause"
import type * as Command from "effect/cli/Command"
import type * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import type * as Module from "../../../module/Module.ts"
import * as Session from "../../../module/Session.ts"
import * as History from "../../../signature/History.ts"
import * as Signature from "../../../signature/Signature.ts"
import type { StatusMessageProvider } from "../../../streaming/Status.ts"
import { OutputError } from "../../OutputError.ts"
import { UsageError } from "../../UsageError.ts"
import * as Console from "../console.ts"
import * as Fault from "../fault.ts"
import type * as FlagsConfig from "../flags.ts"
import * as Output from "../output.ts"
import * as Prompts from "../prompts.ts"
import * as Report from "../report.ts"
import * as Running from "../running.ts"
import type * as Target from "../target.ts"
import * as Commands from "./commands.ts"
import * as Stopping from "./stopping.ts"
import * as Turn from "./turn.ts"

/** What the flags of a conversation say. */
export interface Flags extends Running.Flags {
  readonly run: Command.Command.Config.Infer<ReturnType<typeof FlagsConfig.chat>>
}

/** What has a history can be talked with; a signature gets one. */
export const accepts = (target: Target.Target): Effect.Effect<Target.Target, UsageError> => {
  const { signature } = target
  if (signature.inputFields.some((field) => field.isHistory)) return Effect.succeed(target)
  if (target._tag === "Program") {
    return Effect.fail(
      new UsageError({
        message:
          `${target.at}: a conversation needs an input of the type History, and its signature (${signature}) has none`
      })
    )
  }
  const taken = new Set([...signature.inputFields, ...signature.outputFields].map(({ name }) => name))
  const name = ["history", "conversation", "earlier_turns"].find((name) => !taken.has(name))
  return name === undefined
    ? Effect.fail(new UsageError({ message: `${signature}: add an input of the type History` }))
    : Effect.succeed({ ...target, signature: Signature.appendInput(signature, name, History.History) })
}

/** The conversation fills in the history: it is no flag. */
export const inputs = (signature: Signature.Any): Signature.Any =>
  signature.inputFields.reduce(
    (all: Signature.Any, { isHistory, name }) => isHistory ? Signature.deleteField(all, name) : all,
    signature
  )

/** Talks until nobody says anything more. */
export const execute = <E, R, LayerError = never>(
  given: Output.Program<E, R>,
  signature: Signature.Any,
  { naming }: FlagsConfig.OfInputs,
  flags: Flags,
  options: Running.Options<LayerError>
) =>
  Running.prepared(
    given,
    naming,
    flags,
    { ...options, asks: true },
    Effect.fnUntraced(function*({ approvals, console, program }: Running.Ready<E, R>) {
      const form = yield* Output.form(flags.run, naming)
      const turn = yield* Turn.make(
        inputs(signature),
        { flags: Running.inputsOf(flags.inputs), file: flags.run.input, fileFlag: `--${naming.of("input")}` },
        console
      )
      const history = yield* Commands.load(flags.run.history, `--${naming.of("history")}`)
      return Effect.gen(function*() {
        const session = yield* begin(program, history)
        const answer = (inputs: Turn.Inputs) =>
          Output.show(session, inputs, statuses, form, console, approvals).pipe(
            Fault.within({ name: program.name, at: options.at })
          )
        yield* console.canPrompt
          ? atTerminal(turn, session, answer, console)
          : withoutTerminal(turn, session, answer, console)
      }).pipe(Output.whileRead)
    })
  )

// Details

type Talking<E, R> = Session.Session<Readonly<Record<string, unknown>>, object, E, R, Module.Signatures>

const begin = <E, R>(
  program: Output.Program<E, R>,
  history: Option.Option<History.History>
): Effect.Effect<Talking<E, R>> =>
  Session.make(program as Module.Any, history._tag === "Some" ? { history: history.value } : {})

/** Somebody types. What goes wrong with one turn is said, and the conversation goes on. */
const atTerminal = <E, R>(
  turn: Turn.Turn,
  session: Talking<E, R>,
  answer: (inputs: Turn.Inputs) => Effect.Effect<void, E | OutputError, R>,
  console: Console.Console
): Effect.Effect<void, E | OutputError | UsageError, R | Prompt.Environment> =>
  Effect.gen(function*() {
    yield* console.say(...Console.remark(console, Commands.help))
    while (true) {
      const [line] = yield* Prompts.ask([turn.line], console)
      const command = Commands.parse(line)
      if (command?._tag === "Exit") return
      if (command === undefined && line === "") continue
      const replying: Effect.Effect<
        void,
        E | OutputError | UsageError | Terminal.QuitError,
        R | Prompt.Environment
      > = command === undefined
        ? Effect.flatMap(
          turn.others.length > 0 ? Prompts.ask(turn.others, console) : Effect.succeed([]),
          (others) => Stopping.stoppable(answer(turn.complete(line, others)), console)
        )
        : Commands.run(command, session, console)
      yield* Effect.catchCause(replying, (cause) => {
        const { error } = Fault.of(cause)
        return Cause.hasInterrupts(cause) || Terminal.isQuitError(error) || error instanceof OutputError
          ? Effect.failCause(cause)
          : console.say(`${Report.inShort(cause)}\n`)
      })
    }
  }).pipe(Effect.catchIf(Terminal.isQuitError, () => Effect.void))

/** Lines are there already. What follows one that has no answer would mean something else: the first failure is the end. */
const withoutTerminal = <E, R>(
  turn: Turn.Turn,
  session: Talking<E, R>,
  answer: (inputs: Turn.Inputs) => Effect.Effect<void, E | OutputError, R>,
  console: Console.Console
): Effect.Effect<void, E | OutputError | UsageError, R | FileSystem.FileSystem | Stdio.Stdio> =>
  Effect.flatMap(Stdio.Stdio, ({ stdin }) =>
    Stream.decodeText(stdin).pipe(
      Stream.splitLines,
      Stream.mapError((error) => new UsageError({ message: `standard input cannot be read: ${error.message}` })),
      Stream.filter((line) => line.trim() !== ""),
      Stream.map((line) => ({ line, command: Commands.parse(line) })),
      Stream.takeWhile(({ command }) => command?._tag !== "Exit"),
      Stream.runForEach((
        { command, line }
      ): Effect.Effect<void, E | OutputError | UsageError, R | FileSystem.FileSystem> =>
        command === undefined
          ? Effect.flatMap(turn.read(line), answer)
          : Commands.run(command, session, console)
      )
    ))

/** In a conversation it is clear who answers. */
const statuses: StatusMessageProvider = {}
