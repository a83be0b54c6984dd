/**
 * Tools by name, as a service: from functions, `effect/ai` toolkits and MCP servers, each added by a layer.
 */
import type * as Toolkit from "effect/ai/Toolkit"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Kinds from "../text/kinds.ts"
import { onlyKnown } from "../text/options.ts"
import { DuplicateToolError } from "./DuplicateToolError.ts"
import { type Entry, provide } from "./internal/entry.ts"
import * as Given from "./internal/given.ts"
import * as AiToolkit from "./internal/toolkit.ts"
import * as Tool from "./Tool.ts"

/** What holds the tools. */
export interface Service {
  /** The tools that are there now, by name: the order does not depend on which layer was built first. */
  readonly entries: Effect.Effect<ReadonlyArray<Entry>>
  /**
   * Adds tools until the scope closes: all of them, or none if one has the name of another. Where the tools change later, one
   * that takes the name of another is left out, with a warning.
   */
  readonly register: (tools: Current) => Effect.Effect<void, DuplicateToolError, Scope.Scope>
}

/** The tools of a place that are there now. */
export type Current = Effect.Effect<ReadonlyArray<Entry>>

/** A place that tools come from: what an MCP server offers, once connected. */
export interface Source<out E = never, out R = never> {
  readonly tools: Effect.Effect<Current, E, R>
}

/** Whether a value is a place that tools come from, as `Mcp.http` and `Mcp.stdio` give one. */
export const isSource = (u: unknown): u is Source<unknown, unknown> =>
  Predicate.isObject(u) && Predicate.hasProperty(u, "tools") && Effect.isEffect(u.tools)

/** What a layer that adds tools needs, beside what the tools need. */
type Adding<E, R> = Layer.Layer<never, E | DuplicateToolError, ToolRegistry | Exclude<R, Scope.Scope>>

/**
 * The registry. Agents that are given `ToolRegistry` as their tools use those that are in it when a run begins.
 *
 * @example
 * const tools = Layer.mergeAll(
 *   ToolRegistry.add(weather, calculator),
 *   ToolRegistry.addToolkit(Files).pipe(Layer.provide(FilesLive)),
 *   ToolRegistry.addMcp(Mcp.http({ url: "http://localhost:3000/mcp", prefix: "docs_" }))
 * ).pipe(Layer.provideMerge(ToolRegistry.layer))
 */
export class ToolRegistry extends Context.Service<ToolRegistry, Service>()("effect-lm/tool/ToolRegistry") {
  /** A registry without tools. One layer value is one registry per run of the program; `Layer.fresh` makes another. */
  static readonly layer: Layer.Layer<ToolRegistry> = Layer.sync(this, () => make())

  /** Adds tools, with what they need, for as long as the layer lives. */
  static add<const Tools extends ReadonlyArray<Tool.PlainFunction>>(
    ...tools: Tools
  ): Adding<never, Tool.Services<Tools[number]>> {
    tools.forEach((tool: unknown, index) => {
      const rest = Array.isArray(tool) ? ". Those of a list are added with ToolRegistry.add(...tools)" : ""
      Given.check(`argument ${index + 1} of ToolRegistry.add`, tool, rest)
    })
    return adding(Effect.map(
      Effect.context<Tool.Services<Tools[number]>>(),
      (context) => Effect.succeed(tools.map((tool) => provide(Tool.entry(tool), context)))
    ))
  }

  /**
   * Adds the tools of an `effect/ai` toolkit, whose handlers are provided to this layer. A toolkit says nothing of limits:
   * `policies` does, by tool name; its `needsApproval` comes before the tool's own.
   *
   * @example
   * ToolRegistry.addToolkit(Weather, { policies: { GetWeather: { timeout: "2 seconds", concurrency: 4 } } })
   */
  static addToolkit<T extends Toolkit.Any>(
    toolkit: T,
    options?: { readonly policies?: AiToolkit.Policies<T> | undefined }
  ): Adding<never, AiToolkit.Services<T>> {
    const { policies } = onlyKnown("ToolRegistry.addToolkit", options ?? {}, { policies: true })
    AiToolkit.check(toolkit, policies)
    return adding(Effect.contextWith((context: Context.Context<AiToolkit.Services<T>>) =>
      Effect.map(
        AiToolkit.entries(toolkit, policies),
        (entries) => Effect.succeed(entries.map((entry) => provide(entry, context)))
      )
    ))
  }

  /** Connects to an MCP server, and adds what it offers. Closing the layer closes the connection. */
  static addMcp<E, R>(source: Source<E, R>): Adding<E, R> {
    Kinds.make("a source of tools, as Mcp.http({ url }) and Mcp.stdio({ command }) give one", isSource)(
      "what ToolRegistry.addMcp takes",
      source
    )
    return adding(source.tools)
  }

  /** A registry of its own with these tools. */
  static layerTools<const Tools extends ReadonlyArray<Tool.PlainFunction>>(
    ...tools: Tools
  ): Layer.Layer<ToolRegistry, DuplicateToolError, Tool.Services<Tools[number]>> {
    return Layer.provideMerge(ToolRegistry.add(...tools), Layer.fresh(ToolRegistry.layer)) as never
  }
}

// Details

const make = (): Service => {
  /** What each place had when it was last asked. */
  const places = new Map<Current, ReadonlyArray<Entry>>()
  const warned = new Set<string>()
  return {
    entries: Effect.gen(function*() {
      yield* Effect.forEach(places.keys(), (current) =>
        Effect.map(current, (entries) => {
          // It may have been taken away meanwhile.
          if (places.has(current)) places.set(current, entries)
        }), { concurrency: "unbounded", discard: true })
      const { duplicates, tools } = together(places.values())
      for (const error of duplicates.filter(({ message }) => !warned.has(message))) {
        warned.add(error.message)
        yield* Effect.logWarning(`${error.message}; the first is used`)
      }
      return [...tools.values()].toSorted((a, b) => a.spec.name < b.spec.name ? -1 : 1)
    }),
    register: (current) =>
      Effect.flatMap(current, (entries) =>
        Effect.acquireRelease(
          Effect.suspend(() => {
            const [duplicate] = together([together(places.values()).tools.values(), entries]).duplicates
            if (duplicate !== undefined) return Effect.fail(duplicate)
            return Effect.sync(() => places.set(current, entries))
          }),
          () => Effect.sync(() => places.delete(current))
        ))
  }
}

/** The tools of all places by name, and those that have the name of one before. */
const together = (places: Iterable<Iterable<Entry>>) => {
  const tools = new Map<string, Entry>()
  const duplicates: Array<DuplicateToolError> = []
  for (const entries of places) {
    for (const entry of entries) {
      const { name } = entry.spec
      const other = tools.get(name)
      if (other === undefined) tools.set(name, entry)
      else duplicates.push(new DuplicateToolError({ name, sources: [other.source, entry.source] }))
    }
  }
  return { tools, duplicates }
}

const adding = <E, R>(tools: Effect.Effect<Current, E, R>): Adding<E, R> =>
  Layer.effectDiscard(
    Effect.flatMap(tools, (current) => Effect.flatMap(ToolRegistry, ({ register }) => register(current)))
  ) as Adding<E, R> // Exclude of a union that has a type parameter is not resolved
