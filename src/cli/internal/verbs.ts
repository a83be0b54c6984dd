/**
 * What `effect-lm` does with a program: its subcommands.
 */
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { LM } from "../../lm/LM.ts"
import type * as Signature from "../../signature/Signature.ts"
import type { UsageError } from "../UsageError.ts"
import * as Batch from "./batch/batch.ts"
import * as Chat from "./chat/chat.ts"
import * as Flags from "./flags.ts"
import type * as Naming from "./naming.ts"
import type * as Output from "./output.ts"
import * as Running from "./running.ts"
import type * as Target from "./target.ts"

/** A subcommand. */
export interface Verb<Config extends Command.Command.Config> {
  readonly name: string
  /** In the list of all. */
  readonly summary: string
  readonly description: string
  readonly examples: ReadonlyArray<{ readonly command: string; readonly description?: string }>
  /** Its flags beside those of inputs, the model and what a signature is run with. */
  readonly flags: (naming: Naming.Naming) => Config
  /** What runs for what the command line names. */
  readonly accepts: (target: Target.Target) => Effect.Effect<Target.Target, UsageError>
  /** Of which signature the inputs are flags. */
  readonly inputs: (signature: Signature.Any) => Signature.Any
  // A method, whose parameters are compared both ways: its flags are those that the subcommand has itself.
  execute(
    program: Output.Program<unknown, LM>,
    signature: Signature.Any,
    inputs: Flags.OfInputs,
    flags: Running.Flags & { readonly run: Command.Command.Config.Infer<Config> },
    options: Running.Options<unknown>
  ): Effect.Effect<void, unknown, Command.Environment>
}

/** Any of the subcommands: all have the flags of `run`. */
export type Any = Verb<ReturnType<typeof Flags.run>>

const run: Verb<ReturnType<typeof Flags.run>> = {
  name: "run",
  summary: "Run a signature, or a module in a file",
  description:
    "Run a program. Its inputs are flags: --question, --context... What is missing is asked for on a terminal.",
  examples: [
    { command: "effect-lm run \"question -> answer\" --question \"Why is the sky blue?\"" },
    {
      command: "effect-lm run \"text -> mood: 'glad' | 'sad', topics: list[str]\" --text \"I love tides\" --json",
      description: "Typed outputs, as one JSON object"
    },
    {
      command: "effect-lm run \"context: list[str], question -> answer\" --context A --context B --question Who?",
      description: "A list: repeat the flag, or give a JSON array"
    },
    {
      command: "effect-lm run ./program.ts#research --question \"What are tides?\"",
      description: "A module from a file"
    }
  ],
  flags: Flags.run,
  accepts: Effect.succeed,
  inputs: (signature) => signature,
  execute: Running.execute
}

const batch: Verb<ReturnType<typeof Flags.batch>> = {
  name: "batch",
  summary: "Run a signature or a module for each row of a file",
  description:
    "Run a program for each row of a file. Each row has a line in the output, in order. Killed, it goes on where it was.",
  examples: [
    {
      command: "effect-lm batch \"question -> answer\" --input questions.csv --output answers.ndjson --concurrency 32"
    },
    {
      command: "effect-lm batch ./program.ts#research --input rows.ndjson --output out.ndjson --retry-failed",
      description: "Ask the rows again that have failed"
    }
  ],
  flags: Flags.batch,
  accepts: Effect.succeed,
  inputs: (signature) => signature,
  execute: Batch.execute
}

const chat: Verb<ReturnType<typeof Flags.chat>> = {
  name: "chat",
  summary: "Talk with a program that remembers what was said",
  description:
    "Talk with a program that has a History: each line is a question, until /exit or the end of standard input.\n" +
    "  A signature that has no History gets one. The other inputs are flags, or asked for at each turn.",
  examples: [
    { command: "effect-lm chat \"question -> answer\"" },
    {
      command: "printf 'I am Ada.\\nWho am I?\\n' | effect-lm chat \"question -> answer\" --json",
      description: "Without a terminal: a line for each answer"
    }
  ],
  flags: Flags.chat,
  accepts: Chat.accepts,
  inputs: Chat.inputs,
  execute: Chat.execute
}

/** All subcommands. */
export const verbs: ReadonlyArray<Any> = [run, chat, batch]
