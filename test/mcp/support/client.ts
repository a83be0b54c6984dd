/** How the tests use MCP servers. */
import { Effect, Layer, Logger } from "effect"
import { type Mcp, Toolbox, ToolRegistry } from "effect-lm"

/** The toolbox of a run that begins now, of what the sources offer for as long as the test's scope is open. */
export const registry = Effect.fnUntraced(function*(...sources: ReadonlyArray<ReturnType<typeof Mcp.http>>) {
  const [first, ...others] = sources.map((source) => ToolRegistry.addMcp(source))
  const layer = Layer.mergeAll(first!, ...others).pipe(Layer.provideMerge(Layer.fresh(ToolRegistry.layer)))
  return Effect.provide(Toolbox.resolve(ToolRegistry), yield* Layer.build(layer))
})

export const toolbox = (...sources: ReadonlyArray<ReturnType<typeof Mcp.http>>) => Effect.flatten(registry(...sources))

export const call = (toolbox: Toolbox.Toolbox, name: string, value: unknown = {}) =>
  toolbox.call({ name, arguments: { _tag: "Json", value } })

/** What is logged as a warning. */
export const warnings = <A, E, R>(self: (logged: ReadonlyArray<string>) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const logged: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => void (logLevel === "Warn" && logged.push(String(message))))
    return Effect.provide(self(logged), Logger.layer([logger]))
  })
