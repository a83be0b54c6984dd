/**
 * What a command made from a program does once its flags are parsed.
 */
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Terminal from "effect/Terminal"
import * as ChatAdapter from "../../adapter/ChatAdapter.ts"
import * as JSONAdapter from "../../adapter/JSONAdapter.ts"
import * as XMLAdapter from "../../adapter/XMLAdapter.ts"
import type { LM } from "../../lm/LM.ts"
import type { GenerationConfig } from "../../lm/LMRequest.ts"
import * as Module from "../../module/Module.ts"
import * as Predict from "../../module/Predict.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { StatusMessageProvider } from "../../streaming/Status.ts"
import { type ModelError, Models } from "../Models.ts"
import type { OutputError } from "../OutputError.ts"
import { UsageError } from "../UsageError.ts"
import * as Approvals from "./approvals.ts"
import * as Console from "./console.ts"
import type { FieldFlag } from "./fieldFlags.ts"
import type * as FlagsConfig from "./flags.ts"
import * as Inputs from "./inputs.ts"
import * as Output from "./output.ts"
import * as Progress from "./progress.ts"

/** What the flags of a command say. */
export interface Flags {
  readonly inputs: Inputs.Given["flags"]
  readonly run: Command.Command.Config.Infer<typeof FlagsConfig.run>
  readonly model: Command.Command.Config.Infer<typeof FlagsConfig.model>
}

/** Runs a program as the flags say. */
export const execute = Effect.fnUntraced(function*<E, R>(
  program: Output.Program<E, R>,
  signature: Signature.Any,
  inputFlags: ReadonlyArray<FieldFlag>,
  flags: Flags,
  options: { readonly statusMessageProvider?: StatusMessageProvider | undefined }
): Effect.fn.Return<
  void,
  E | UsageError | OutputError | ModelError | Terminal.QuitError,
  Exclude<R, LM> | Command.Environment
> {
  const { events, input, json, noStream } = flags.run
  if (json && events) return yield* new UsageError({ message: "--json and --events exclude each other" })
  const console = yield* Console.make
  const inputs = yield* Inputs.gather(signature, inputFlags, { flags: flags.inputs, file: input }, console)
  const models = yield* Models
  const progress = Progress.make(console, (yield* Terminal.Terminal).columns)
  const approvals = Approvals.make(flags.run.approve, !json && !events && !noStream, console)
  const running = Output.show(
    configured(program, flags.run),
    inputs,
    options.statusMessageProvider ?? statuses,
    { as: json ? "json" : events ? "events" : "text", stream: !noStream },
    console,
    approvals
  )
  const adapter = Option.match(flags.run.adapter, { onNone: () => Layer.empty, onSome: (name) => adapters[name] })
  const lm = models({
    model: Option.getOrUndefined(flags.model.model),
    baseUrl: Option.getOrUndefined(flags.model.baseUrl),
    say: (text) => console.say(Console.remark(console, text)),
    onProgress: progress.report
  })
  // There is a model now, or there will be none.
  yield* Effect.andThen(progress.clear, running).pipe(
    Effect.provide([adapter, lm, approvals.layer]),
    Effect.ensuring(progress.clear)
  )
})

const adapters = { chat: ChatAdapter.layer, json: JSONAdapter.layer, xml: XMLAdapter.layer }

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
