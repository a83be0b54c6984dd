/** What is sent of a tool's parameters. */
import { Effect } from "effect"
import { Toolbox } from "effect-lm"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"

export type Json = Readonly<Record<string, unknown>>

/** The parameters of an `effect/ai` tool with a JSON schema of its own. */
export const ofJsonSchema = (schema: Json) => {
  const kit = Toolkit.make(AiTool.dynamic("t", { parameters: schema as never }))
  const box = Toolbox.resolve(kit).pipe(Effect.provide(kit.toLayer({ t: () => Effect.succeed(1) } as never)))
  return Effect.runSync(box as Effect.Effect<Toolbox.Toolbox>).specs[0]!.parameters
}
