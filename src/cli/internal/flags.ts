/**
 * The flags that a command made from a program has.
 */
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type * as Signature from "../../signature/Signature.ts"
import * as AdapterFlag from "./adapterFlag.ts"
import * as FieldFlags from "./fieldFlags.ts"
import * as Naming from "./naming.ts"
import * as Typed from "./typed.ts"

/** How the program runs, and in which form its results are written. */
export const run = ({ of }: Naming.Naming) => ({
  adapter: Flag.String(of("adapter")).pipe(
    Flag.withMetavar("name|file"),
    Flag.withDescription(
      `How fields are written in prompt and reply: ${AdapterFlag.choices} (plain: the reply is the answer); chat unless the ` +
        "program says otherwise"
    ),
    Flag.optional
  ),
  temperature: Flag.Finite(of("temperature")).pipe(
    Flag.withSchema(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
    Flag.withDescription("Sampling temperature of every request; the provider's unless given"),
    Flag.optional
  ),
  maxTokens: Flag.Int(of("max-tokens")).pipe(
    Flag.withSchema(Schema.Int.check(Schema.isGreaterThan(0))),
    Flag.withDescription("The most tokens that one reply may have; the provider's limit unless given"),
    Flag.optional
  ),
  load: Flag.String(of("load")).pipe(
    Flag.withMetavar("file"),
    Flag.withDescription(
      "Take the instructions, examples and settings of a state, as Module.save gives one and DSPy saves one as JSON"
    ),
    Flag.optional
  ),
  noStream: toggle(of("no-stream"), "Write the fields at the end instead of as they come"),
  json: toggle(of("json"), "Write the prediction as one JSON object, at the end"),
  events: toggle(of("events"), "Write every event of the stream as one JSON object per line"),
  approve: toggle(
    of("approve"),
    "Allow each tool call that needs approval; otherwise a terminal is asked, and without one it is refused"
  ),
  input: Flag.String(of("input")).pipe(
    Flag.withMetavar("file"),
    Flag.withDescription("Take inputs from a JSON object in a file, - for standard input; flags win over it"),
    Flag.optional
  )
})

/** The same for a batch: which rows, and where their lines go. What is for one answer is parsed, to be refused in words. */
export const batch = (naming: Naming.Naming) => {
  const { events, json, noStream, ...shared } = run(naming)
  const { of } = naming
  return {
    ...shared,
    input: Flag.String(of("input")).pipe(
      Flag.withMetavar("rows"),
      Flag.withDescription(
        "The rows: a file with a JSON object on each line (.ndjson), a CSV file whose first record names the inputs (.csv), or " +
          "- for lines from standard input; an input's flag is for rows that lack it"
      ),
      Flag.optional
    ),
    output: Flag.String(of("output")).pipe(
      Flag.withMetavar("file"),
      Flag.withDescription(
        "Where the lines go: {\"index\", \"fields\"} or {\"index\", \"error\"} for each row, in order"
      ),
      Flag.optional
    ),
    concurrency: Flag.Int(of("concurrency")).pipe(
      Flag.withSchema(Schema.Int.check(Schema.isGreaterThan(0))),
      Flag.withDescription("How many rows are asked at the same time; 8 by default"),
      Flag.optional
    ),
    retryFailed: toggle(of("retry-failed"), "Ask rows again that have failed"),
    approve: toggle(of("approve"), "Allow each tool call that needs approval; otherwise it is refused"),
    events: Flag.withHidden(events),
    json: Flag.withHidden(json),
    noStream: Flag.withHidden(noStream)
  }
}

/** The same for a conversation, and what was said before. */
export const chat = (naming: Naming.Naming) => ({
  ...run(naming),
  history: Flag.String(naming.of("history")).pipe(
    Flag.withMetavar("file"),
    Flag.withDescription("Go on with a conversation that /save has written to a file"),
    Flag.optional
  )
})

/** Which language model answers. */
export const model = ({ of }: Naming.Naming) => ({
  model: Flag.String(of("model")).pipe(
    Flag.withMetavar("provider/name"),
    Flag.withDescription(
      "The language model, such as openai/gpt-4o-mini or ollama/llama3.2; in this process " +
        "local/tinyllama-1.1b-chat, or a GGUF file such as ./model.gguf"
    ),
    Flag.optional
  ),
  baseUrl: Flag.String(of("base-url")).pipe(
    Flag.withMetavar("url"),
    Flag.withDescription("Where the model's API is, up to and including /v1"),
    Flag.optional
  ),
  yes: toggle(
    of("yes"),
    "Install what a model in this process needs (about 410 MB); otherwise a terminal is asked, and without one nothing is"
  )
})

/** What runs, where the command line names a signature instead of a program. */
export const program = ({ of }: Naming.Naming) => ({
  module: Flag.Literals(of("module"), ["predict", "chain-of-thought", "react"]).pipe(
    Flag.withDescription(
      "What answers: a plain predictor (the default), one that reasons before it answers, or an agent with --tools"
    ),
    Flag.optional
  ),
  tools: Flag.String(of("tools")).pipe(
    Flag.withMetavar("file"),
    Flag.withDescription(
      "A module that exports what --module react may call: tools, a toolkit and its layer, functions"
    ),
    Flag.optional
  ),
  maxIterations: Flag.Int(of("max-iterations")).pipe(
    Flag.withSchema(Schema.Int.check(Schema.isGreaterThan(0))),
    Flag.withDescription("The most turns of --module react before it has to answer; 20 by default"),
    Flag.optional
  ),
  instructions: Flag.String(of("instructions")).pipe(
    Flag.withMetavar("text"),
    Flag.withDescription("What the model is asked to do; by default a sentence that names the fields"),
    Flag.optional
  )
})

/** The same flags where they have no place: they are parsed, to be refused in words, and not listed. */
export const hiddenProgram = (naming: Naming.Naming): ReturnType<typeof program> => {
  const { instructions, maxIterations, module, tools } = program(naming)
  return {
    module: Flag.withHidden(module),
    tools: Flag.withHidden(tools),
    maxIterations: Flag.withHidden(maxIterations),
    instructions: Flag.withHidden(instructions)
  }
}

/** Flags that take a value, by name: all of the command's own but its toggles. */
const valued: ReadonlyArray<string> = [
  "adapter",
  "base-url",
  "completions",
  "concurrency",
  "history",
  "input",
  "instructions",
  "load",
  "log-level",
  "max-iterations",
  "max-tokens",
  "model",
  "module",
  "output",
  "temperature",
  "tools"
]

/** The command's own flags that take none. */
export const toggles: ReadonlySet<string> = new Set([
  "approve",
  "events",
  "h",
  "help",
  "json",
  "no-stream",
  "retry-failed",
  "v",
  "version",
  "yes"
])

// Inputs

/** The flags of inputs, what makes a command parse them, and how the command's own flags are called beside them. */
export interface OfInputs {
  readonly flags: ReadonlyArray<FieldFlags.FieldFlag>
  readonly config: {
    readonly inputs: { readonly [input: string]: FieldFlags.FieldFlag["flag"] }
    readonly former: { readonly [input: string]: FieldFlags.FieldFlag["flag"] }
  }
  readonly naming: Naming.Naming
  /** Names of flags of which the next argument is the value, whatever it looks like. */
  readonly valued: ReadonlySet<string>
  /** Names of flags that are true by themselves, and otherwise have a value. */
  readonly booleans: ReadonlySet<string>
}

/** The flags of a signature's inputs. */
export const ofInputs = (signature: Signature.Any): OfInputs => {
  const naming = Naming.make(signature.inputFields)
  const flags = FieldFlags.make(signature.inputFields, new Set([...valued, ...toggles].map(naming.of)))
  const isBoolean = ({ field }: FieldFlags.FieldFlag) => Typed.kindOf(field) === "boolean" && !field.nullable
  return {
    flags,
    config: {
      inputs: Object.fromEntries(flags.map(({ field, flag }) => [field.name, flag])),
      former: Object.fromEntries(
        flags.flatMap(({ field, former }) => former === undefined ? [] : [[field.name, former]])
      )
    },
    naming,
    valued: new Set([
      ...valued.map(naming.of),
      ...flags.flatMap((flag) => isBoolean(flag) ? [] : flag.names)
    ]),
    booleans: new Set(flags.filter(isBoolean).flatMap(({ names }) => names.concat(names.map((name) => `no-${name}`))))
  }
}

/** The inputs of a command, as whoever runs it finds them. */
export const Inputs = Context.Reference<OfInputs | undefined>("effect-lm/cli/Inputs", {
  defaultValue: () => undefined
})

// Flags that every command has

/** What every command can do besides: a command asks for what is missing by itself, so that it needs no wizard. */
export const builtIns = ({ isOwned, of }: Naming.Naming): ReadonlyArray<GlobalFlag.BuiltIn> => {
  const action = (name: string, short: string, { flag, run }: GlobalFlag.Action<boolean>, description: string) =>
    isOwned(name) || isOwned(short)
      ? GlobalFlag.Action({
        flag: Flag.Boolean(of(name)).pipe(
          isOwned(short) ? (flag) => flag : Flag.withAlias(short),
          Flag.withDescription(description),
          Flag.withDefault(false)
        ),
        run
      })
      : GlobalFlag.Action({ flag, run })
  return [
    action("help", "h", GlobalFlag.Help, "Show help information"),
    action("version", "v", GlobalFlag.Version, "Show version information"),
    isOwned("completions")
      ? GlobalFlag.Action({
        flag: Flag.Literals(of("completions"), ["bash", "zsh", "fish", "powershell"]).pipe(
          Flag.withDescription("Print shell completion script"),
          Flag.optional
        ),
        run: GlobalFlag.Completions.run
      })
      : GlobalFlag.Completions,
    isOwned("log-level")
      ? GlobalFlag.Setting("log-level")({
        flag: Flag.ChoiceWithValue(of("log-level"), logLevels).pipe(
          Flag.optional,
          Flag.withDescription("Sets the minimum log level")
        )
      })
      : GlobalFlag.LogLevel
  ]
}

/** The levels by the names that they have on a command line. */
export const logLevels = [
  ["all", "All"],
  ["trace", "Trace"],
  ["debug", "Debug"],
  ["info", "Info"],
  ["warn", "Warn"],
  ["warning", "Warn"],
  ["error", "Error"],
  ["fatal", "Fatal"],
  ["none", "None"]
] as const

function toggle(name: string, description: string) {
  return Flag.Boolean(name).pipe(Flag.withoutNegation, Flag.withDescription(description), Flag.withDefault(false))
}
