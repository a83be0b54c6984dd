/**
 * What an agent calls: tools by name, for one run. Whatever goes wrong with a call is told to the model.
 *
 * @example
 * const toolbox = yield* Toolbox.resolve([weather])
 * const observation = yield* toolbox.call({
 *   name: "weather",
 *   arguments: { _tag: "Text", text: "{\"city\": \"Paris\"}" }
 * })
 * observation.text // => "sunny"
 */
import type * as Toolkit from "effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Media } from "../lm/LMContent.ts"
import type { Message, ToolSpec } from "../lm/LMRequest.ts"
import * as Watched from "../run/Watched.ts"
import type { JsonRecord } from "../text/json/values.ts"
import { count } from "../text/numbers.ts"
import { onlyKnown } from "../text/options.ts"
import { provided } from "../text/provided.ts"
import { type Arguments, argumentsText, readArguments, sendable, sendableText, shown } from "./internal/arguments.ts"
import * as Call from "./internal/call.ts"
import type { Told } from "./internal/content.ts"
import * as Entry from "./internal/entry.ts"
import * as Given from "./internal/given.ts"
import { bounded, textOf, withoutHost } from "./internal/text.ts"
import * as AiToolkit from "./internal/toolkit.ts"
import * as Tool from "./Tool.ts"
import * as ToolError from "./ToolError.ts"
import { ToolRegistry } from "./ToolRegistry.ts"

export type { Policies as ToolkitPolicies, Services as ToolkitServices } from "./internal/toolkit.ts"
export { isToolkit } from "./internal/toolkit.ts"
export { type Arguments, sendable, sendableText, shown }

// Models

/** Tools by name, with everything they need. */
export interface Toolbox {
  /** What the model is told of the tools; always in the same order. */
  readonly specs: ReadonlyArray<ToolSpec>
  readonly names: ReadonlyArray<string>
  /** Makes a call that a model asked for, visible to the run's observers. It does not fail. */
  readonly call: (request: Request) => Effect.Effect<Observation>
  /** The same toolbox with these of its tools alone, in its order. */
  readonly only: (names: ReadonlyArray<string>) => Toolbox
}

/** A call that a model asked for. */
export interface Request {
  readonly name: string
  readonly arguments: Arguments
  /** What the model calls it; an id of ours if left out. */
  readonly toolCallId?: string | undefined
  /** The conversation so far, made only for a tool that decides by it whether it needs approval. */
  readonly messages?: Effect.Effect<ReadonlyArray<Message>> | undefined
}

/** What came of a call. `text` is what the model is told: bounded, and of a failure without stack traces and host paths. */
export type Observation = Success | Failure

/**
 * The tool has given a result: `value` is the whole of it, as JSON. A text is told as it is, everything else as JSON; pictures,
 * sounds and files are `parts`, with a note (`[image 1]`) where they stand in the text.
 */
export interface Success {
  readonly _tag: "Success"
  readonly value: unknown
  readonly text: string
  readonly parts?: ReadonlyArray<Media> | undefined
  /** What the call was made with, where an approval changed its arguments: `text` says so too. */
  readonly arguments?: Readonly<Record<string, unknown>> | undefined
  /** Whether the result was given before, and is from a cache; missing where it was not. */
  readonly givenAgain?: boolean | undefined
}

/** The tool has given nothing; `error` is the whole truth, for the program. */
export interface Failure {
  readonly _tag: "Failure"
  readonly kind: ToolError.Reason["_tag"]
  readonly text: string
  readonly error: ToolError.ToolError
  /** What an approval changed the arguments to, if it did: `text` says so too. */
  readonly arguments?: Readonly<Record<string, unknown>> | undefined
}

/** How much goes in and out of a call. */
export interface Options {
  /** The most characters of an observation's text, without notes of ours; 20,000 if left out. */
  readonly maxTextLength?: number | undefined
  /** The most bytes of a call's arguments, as JSON text; 262,144 if left out. */
  readonly maxArgumentBytes?: number | undefined
}

/** What agents take as their tools: tools and plain functions, an `effect/ai` toolkit, or the registry. */
export type Input = ReadonlyArray<Tool.PlainFunction> | Toolkit.Any | typeof ToolRegistry

/** What tools need of the context that an agent runs in. */
export type Services<T extends Input> = T extends ReadonlyArray<infer One extends Tool.PlainFunction> ?
  Tool.Services<One>
  : T extends typeof ToolRegistry ? ToolRegistry
  : AiToolkit.Services<T>

// Constructors

/**
 * Throws a `TypeError` that says so if something is no tool, two of the tools have one name, or one can only be run by its
 * provider.
 */
export const check = (tools: Input): void => {
  if (tools === ToolRegistry) return
  if (!isTools(tools) && !AiToolkit.isToolkit(tools)) {
    throw new TypeError(
      `tools are an array of tools, an effect/ai toolkit or ToolRegistry, unlike ${Given.inWords(tools)}`
    )
  }
  if (isTools(tools)) {
    tools.forEach((tool: unknown, index) => Given.check(`tools[${index}]`, tool))
  }
  const names = isTools(tools)
    ? tools.map(({ name }) => name)
    : AiToolkit.toolsOf(tools).map(({ name }) => name as string)
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
  if (twice.length > 0) {
    throw new TypeError(`there are several tools of one name: ${twice.join(", ")}. Rename all but one`)
  }
}

/**
 * The tools with what they need of this context; of the registry, those that are in it now. Throws a `TypeError` as
 * {@link check} does.
 */
export const resolve = <T extends Input>(
  tools: T,
  options: Options = {}
): Effect.Effect<Toolbox, never, Services<T>> => {
  check(tools)
  const limits = limitsOf(options)
  return Effect.contextWith((context) =>
    Effect.map(
      entriesOf(tools),
      (entries) => fromEntries(entries.map((entry) => Entry.provide(entry, context)), limits)
    )
  )
}

/** A toolbox of these entries, which have different names. */
const fromEntries = (entries: ReadonlyArray<Entry.Entry>, limits: Limits): Toolbox => {
  const { maxArgumentBytes, maxTextLength } = limits
  const byName = new Map(entries.map((entry) => [entry.spec.name, entry]))
  const names = [...byName.keys()]

  const call = (request: Request): Effect.Effect<Observation> =>
    Effect.suspend(() => {
      const entry = byName.get(request.name)
      const name = entry?.spec.name ?? bounded(request.name, 100)
      const args = readArguments(request.arguments, maxArgumentBytes, entry !== undefined && takesNothing(entry.spec))
      let told: Partial<Told> = {}
      let changed: JsonRecord | undefined
      let isGivenAgain = false
      return Watched.toolCall(
        { name, toolCallId: request.toolCallId, inputs: Result.getOrElse(args, () => ({})) },
        (report) => {
          if (entry === undefined) return fail(name, new ToolError.UnknownTool({ tools: names }))
          if (Result.isFailure(args)) return fail(name, args.failure)
          const givenAgain = () => {
            isGivenAgain = true
            report.givenAgain()
          }
          const info = { report: { ...report, givenAgain }, messages: request.messages ?? Effect.succeed([]) }
          return Call.make(Call.ofEntry(entry, args.success, info), info, (args) => changed = args).pipe(
            Effect.map(({ parts, text, value }) => {
              told = { text: text ?? textOf(value), parts: parts ?? [] }
              return value
            }),
            Effect.catchCause((cause) => Effect.fail(Entry.fromCause(name, cause)))
          )
        }
      ).pipe(Effect.match({
        onSuccess: (value): Observation => ({
          _tag: "Success",
          value,
          text: noteOf(changed) + bounded(told.text ?? "", maxTextLength),
          ...(told.parts === undefined || told.parts.length === 0 ? {} : { parts: told.parts }),
          ...(changed === undefined ? {} : { arguments: changed }),
          ...(isGivenAgain ? { givenAgain: true } : {})
        }),
        onFailure: (error): Observation => {
          const note = noteOf(changed)
          const known = note + (argumentsText(request.arguments) ?? "")
          return {
            _tag: "Failure",
            kind: error.reason._tag,
            text: note + withoutHost(bounded(error.message, maxTextLength), known),
            error,
            ...(changed === undefined ? {} : { arguments: changed })
          }
        }
      }))
    })

  return {
    specs: entries.map(({ spec }) => spec),
    names,
    call,
    only: (kept) => fromEntries(entries.filter(({ spec }) => kept.includes(spec.name)), limits)
  }
}

// Details

interface Limits {
  readonly maxTextLength: number
  readonly maxArgumentBytes: number
}

const limitsOf = (options: Options): Limits => {
  const { maxArgumentBytes = 256 * 1024, maxTextLength = 20_000 } = onlyKnown("Toolbox.resolve", options, {
    maxTextLength: true,
    maxArgumentBytes: true
  })
  return {
    maxTextLength: count("`maxTextLength`", maxTextLength),
    maxArgumentBytes: count("`maxArgumentBytes`", maxArgumentBytes)
  }
}

const fail = (tool: string, reason: ToolError.Reason) => Effect.fail(new ToolError.ToolError({ tool, reason }))

/** Whether a model can say nothing to a tool. */
const takesNothing = ({ parameters }: ToolSpec): boolean =>
  parameters["additionalProperties"] === false && Object.keys(parameters["properties"] ?? {}).length === 0

/** A line for the model where a call's arguments are not those that it wrote. */
const noteOf = (changed: JsonRecord | undefined): string => {
  if (changed === undefined) return ""
  const json = argumentsText({ _tag: "Json", value: changed }) ?? "others, which JSON does not have"
  return `[The approval changed the arguments of this call to ${bounded(json, 2000)}]\n`
}

const isTools = (tools: Input): tools is ReadonlyArray<Tool.PlainFunction> => Array.isArray(tools)

const entriesOf = <T extends Input>(
  tools: T
): Effect.Effect<ReadonlyArray<Entry.Entry<Services<T>>>, never, Services<T>> =>
  (isTools(tools)
    ? Effect.succeed(tools.map((tool) => Tool.entry(tool)))
    : tools === ToolRegistry
    ? Effect.flatMap(provided(ToolRegistry, "registry of tools", "ToolRegistry.layer"), ({ entries }) => entries)
    : AiToolkit.entries(tools as Toolkit.Any)) as never // the branches know more than their union
