/**
 * The flags that a command made from a program has.
 */
import * as Flag from "effect/cli/Flag"
import * as Schema from "effect/Schema"
import type * as Signature from "../../signature/Signature.ts"
import * as FieldFlags from "./fieldFlags.ts"

/** How the program runs, and in which form its results are written. */
export const run = {
  adapter: Flag.Literals("adapter", ["chat", "json", "xml"]).pipe(
    Flag.withDescription("How fields are written in prompt and reply; chat unless the program says otherwise"),
    Flag.optional
  ),
  temperature: Flag.Finite("temperature").pipe(
    Flag.withSchema(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
    Flag.withDescription("Sampling temperature of every request"),
    Flag.optional
  ),
  maxTokens: Flag.Int("max-tokens").pipe(
    Flag.withSchema(Schema.Int.check(Schema.isGreaterThan(0))),
    Flag.withDescription("The most tokens that one reply may have"),
    Flag.optional
  ),
  noStream: toggle("no-stream", "Write the fields at the end instead of as they come"),
  json: toggle("json", "Write the prediction as one JSON object, at the end"),
  events: toggle("events", "Write every event of the stream as one JSON object per line"),
  approve: toggle(
    "approve",
    "Allow each tool call that needs approval; otherwise a terminal is asked, and without one it is refused"
  ),
  input: Flag.String("input").pipe(
    Flag.withMetavar("file"),
    Flag.withDescription("Take inputs from a JSON object in a file, - for standard input; flags win over it"),
    Flag.optional
  )
}

/** Which language model answers. */
export const model = {
  model: Flag.String("model").pipe(
    Flag.withMetavar("provider/name"),
    Flag.withDescription(
      "The language model, such as openai/gpt-4o-mini or ollama/llama3.2; in this process " +
        "local/tinyllama-1.1b-chat, or a GGUF file such as ./model.gguf"
    ),
    Flag.optional
  ),
  baseUrl: Flag.String("base-url").pipe(
    Flag.withMetavar("url"),
    Flag.withDescription("Where the model's API is, up to and including /v1"),
    Flag.optional
  )
}

/** What runs, where the command line names a signature instead of a program. */
export const program = {
  module: Flag.Literals("module", ["predict", "chain-of-thought", "react"]).pipe(
    Flag.withDescription(
      "What answers: a plain predictor (the default), one that reasons before it answers, or an agent with --tools"
    ),
    Flag.optional
  ),
  tools: Flag.String("tools").pipe(
    Flag.withMetavar("file"),
    Flag.withDescription(
      "A module that exports what --module react may call: tools, a toolkit and its layer, functions"
    ),
    Flag.optional
  ),
  maxIterations: Flag.Int("max-iterations").pipe(
    Flag.withSchema(Schema.Int.check(Schema.isGreaterThan(0))),
    Flag.withDescription("The most turns of --module react before it has to answer; 20 by default"),
    Flag.optional
  ),
  instructions: Flag.String("instructions").pipe(
    Flag.withMetavar("text"),
    Flag.withDescription("What the model is asked to do; by default a sentence that names the fields"),
    Flag.optional
  )
}

/** The same flags where they have no place: they are parsed, to be refused in words, and not listed. */
export const hiddenProgram = {
  module: Flag.withHidden(program.module),
  tools: Flag.withHidden(program.tools),
  maxIterations: Flag.withHidden(program.maxIterations),
  instructions: Flag.withHidden(program.instructions)
}

/** Flags that take a value, by name: all of the command's own but its toggles. */
export const valued: ReadonlySet<string> = new Set([
  "adapter",
  "base-url",
  "completions",
  "input",
  "instructions",
  "log-level",
  "max-iterations",
  "max-tokens",
  "model",
  "module",
  "temperature",
  "tools"
])

/** The command's own flags that take none. */
export const toggles: ReadonlySet<string> = new Set([
  "approve",
  "events",
  "h",
  "help",
  "json",
  "no-stream",
  "v",
  "version"
])

/** The flags that no input can have. They are the same for every command, so that an input has one name everywhere. */
export const reserved: ReadonlySet<string> = new Set([...valued, ...toggles])

/** The flags of inputs, and what makes a command parse them. */
export interface OfInputs {
  readonly flags: ReadonlyArray<FieldFlags.FieldFlag>
  readonly config: { readonly [input: string]: FieldFlags.FieldFlag["flag"] }
}

/** The flags of a signature's inputs, and what makes a command parse them. */
export const ofInputs = (signature: Signature.Any): OfInputs => {
  const flags = FieldFlags.make(signature.inputFields, reserved)
  return { flags, config: Object.fromEntries(flags.map(({ field, flag }) => [field.name, flag])) }
}

function toggle(name: string, description: string) {
  return Flag.Boolean(name).pipe(Flag.withoutNegation, Flag.withDescription(description), Flag.withDefault(false))
}
