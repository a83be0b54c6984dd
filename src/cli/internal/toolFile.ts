/**
 * The tools of a file: what `--tools` takes.
 *
 * Everything that the file exports counts: tools, lists of tools, `effect/ai` toolkits with the layers of their handlers,
 * sources such as MCP servers, and plain functions of one object, see `Tool.fromFunction`.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { inWords } from "../../text/failure.ts"
import { isClass } from "../../text/kind.ts"
import * as Tool from "../../tool/Tool.ts"
import { isToolkit } from "../../tool/Toolbox.ts"
import { isSource, ToolRegistry } from "../../tool/ToolRegistry.ts"
import { UsageError } from "../UsageError.ts"
import * as Load from "./load.ts"

/** A registry of the tools that a file exports, which a flag names. Two of one name, or none at all, are bad usage. */
export const layer = Effect.fnUntraced(function*(file: string, flag: string) {
  const named = `${flag} ${file}`
  const exports = yield* Load.exportsOf(file, named)
  const layers: Array<AnyLayer> = []
  const added: Array<AnyLayer> = []
  for (const [name, value] of exports) {
    if (isLayer(value)) layers.push(value)
    else added.push(...yield* Effect.fromResult(adding(named, name, value)))
  }
  if (added.length === 0) {
    return yield* new UsageError({
      message: `${named}: it exports no tools: export some made with Tool.make, a toolkit, or functions`
    })
  }
  const handlers = layers.reduce<AnyLayer>((all, layer) => Layer.provideMerge(layer, all), Layer.empty)
  return Layer.mergeAll(Layer.empty, ...added).pipe(
    Layer.provide(handlers),
    Layer.catchCause((cause) => Layer.effectDiscard(Effect.failCause(asUsage(named, cause)))),
    Layer.provideMerge(Layer.fresh(ToolRegistry.layer))
  ) as Layer.Layer<ToolRegistry, unknown>
})

/** A toolkit whose handlers the file does not export is a mistake of its author. */
const asUsage = (named: string, cause: Cause.Cause<unknown>): Cause.Cause<unknown> => {
  const error = Cause.squash(cause)
  return error instanceof TypeError ? Cause.fail(new UsageError({ message: `${named}: ${error.message}` })) : cause
}

// What a file's layers need and give is not known here.
type AnyLayer = Layer.Layer<never, unknown, never>

const isLayer = (u: unknown): u is AnyLayer => Layer.isLayer(u)

const adding = (named: string, name: string, value: unknown): Result.Result<ReadonlyArray<AnyLayer>, UsageError> => {
  if (Tool.isTool(value)) return Result.succeed([ToolRegistry.add(value) as AnyLayer])
  if (Array.isArray(value) && value.length > 0 && value.every(Tool.isTool)) {
    return Result.succeed([ToolRegistry.add(...value) as AnyLayer])
  }
  if (isToolkit(value)) return Result.succeed([ToolRegistry.addToolkit(value) as AnyLayer])
  if (isSource(value)) return Result.succeed([ToolRegistry.addMcp(value) as AnyLayer])
  if (typeof value === "function" && !isClass(value)) {
    return Result.map(
      fromFunction(named, name, value as Tool.PlainFunction),
      (tool) => [ToolRegistry.add(tool) as AnyLayer]
    )
  }
  return Result.succeed([])
}

const fromFunction = (named: string, exported: string, f: Tool.PlainFunction): Result.Result<Tool.Any, UsageError> => {
  const name = exported === "default" && f.name !== "" && f.name !== "default" ? f.name : exported
  return Result.try({
    try: (): Tool.Any => Tool.fromFunction(f, name),
    catch: (error) => new UsageError({ message: `${named}: '${exported}': ${inWords(error)}` })
  })
}
