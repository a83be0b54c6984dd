/**
 * The tools of a file: what `--tools` takes.
 *
 * Everything that the file exports counts: tools, lists of tools, `effect/ai` toolkits with the layers of their handlers,
 * sources such as MCP servers, and plain functions of one object, whose `description` and `parameters` (schemas by name), if
 * they have them, are told to the model.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { FieldSchema } from "../../signature/Field.ts"
import * as Tool from "../../tool/Tool.ts"
import { ToolRegistry } from "../../tool/ToolRegistry.ts"
import { UsageError } from "../UsageError.ts"
import * as Load from "./load.ts"

/** A registry of the tools that a file exports. Two of one name, or none at all, are bad usage. */
export const layer = Effect.fnUntraced(function*(file: string) {
  const exports = yield* Load.exportsOf(file)
  const layers: Array<AnyLayer> = []
  const added: Array<AnyLayer> = []
  for (const [name, value] of exports) {
    if (isLayer(value)) layers.push(value)
    else added.push(...yield* Effect.fromResult(adding(file, name, value)))
  }
  if (added.length === 0) {
    return yield* new UsageError({
      message: `${file}: it exports no tools: export some made with Tool.make, a toolkit, or functions`
    })
  }
  const handlers = layers.reduce<AnyLayer>((all, layer) => Layer.provideMerge(layer, all), Layer.empty)
  return Layer.mergeAll(Layer.empty, ...added).pipe(
    Layer.provide(handlers),
    Layer.provideMerge(Layer.fresh(ToolRegistry.layer))
  ) as Layer.Layer<ToolRegistry, unknown>
})

// What a file's layers need and give is not known here.
type AnyLayer = Layer.Layer<never, unknown, never>

const isLayer = (u: unknown): u is AnyLayer => Layer.isLayer(u)

const adding = (file: string, name: string, value: unknown): Result.Result<ReadonlyArray<AnyLayer>, UsageError> => {
  if (Tool.isTool(value)) return Result.succeed([ToolRegistry.add(value) as AnyLayer])
  if (Array.isArray(value) && value.length > 0 && value.every(Tool.isTool)) {
    return Result.succeed([ToolRegistry.add(...value) as AnyLayer])
  }
  if (isToolkit(value)) return Result.succeed([ToolRegistry.addToolkit(value) as AnyLayer])
  if (isSource(value)) return Result.succeed([ToolRegistry.addMcp(value) as AnyLayer])
  if (typeof value === "function" && !isClass(value)) {
    return Result.map(
      fromFunction(file, name, value as Described),
      (tool) => [ToolRegistry.add(tool) as AnyLayer]
    )
  }
  return Result.succeed([])
}

type Toolkit = Parameters<typeof ToolRegistry.addToolkit>[0]

const isToolkit = (u: unknown): u is Toolkit => Predicate.hasProperty(u, "~effect/ai/Toolkit")

type Source = Parameters<typeof ToolRegistry.addMcp>[0]

const isSource = (u: unknown): u is Source =>
  Predicate.isObject(u) && Predicate.hasProperty(u, "tools") && Effect.isEffect(u.tools)

const isClass = (f: object): boolean => /^class\b/.test(Function.prototype.toString.call(f))

/** A function with what a model should know of it. */
interface Described {
  (input: Readonly<Record<string, unknown>>): unknown
  readonly description?: unknown
  readonly parameters?: unknown
}

const fromFunction = (file: string, exported: string, f: Described): Result.Result<Tool.Any, UsageError> => {
  const name = exported === "default" && f.name !== "" && f.name !== "default" ? f.name : exported
  return Result.try({
    try: (): Tool.Any =>
      Tool.make(name, {
        description: typeof f.description === "string" ? f.description : undefined,
        parameters: Predicate.isObject(f.parameters) ? f.parameters as Record<string, FieldSchema> : anything
      }, (input) => f(input)),
    catch: (error) =>
      new UsageError({ message: `${file}: '${exported}': ${error instanceof Error ? error.message : String(error)}` })
  })
}

const anything = Schema.Record(Schema.String, Schema.Unknown)
