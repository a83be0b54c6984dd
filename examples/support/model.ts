/** The model that the examples ask: one that is found, or what was recorded. */
import { Config, Console, Effect, Layer } from "effect"
import { Discovery, LocalModel } from "effect-lm"
import * as Replies from "./replies.ts"

/** What `examples/run.ts` was told; worker threads see it, too. */
export const variables = { scripted: "EXAMPLES_SCRIPTED", yes: "EXAMPLES_YES" } as const

/** The model for one of the examples; `isAgent` where it calls tools. */
export const layer = (example: string, { isAgent }: { readonly isAgent: boolean } = { isAgent: false }) =>
  Layer.unwrap(Effect.gen(function*() {
    if (yield* isSet(variables.scripted)) return Replies.layer(example)
    const mayInstall = yield* isSet(variables.yes)
    return Discovery.layer({
      onFound: ({ model, why }) =>
        Effect.andThen(
          Console.error(`${model}: ${why}`),
          isAgent && model === LocalModel.embedded ? Console.error(LocalModel.embeddedIsNoAgent) : Effect.void
        ),
      embedded: {
        mayInstall: () => Effect.succeed(mayInstall),
        onProgress: ({ fraction = 0, message }) => fraction === 0 ? Console.error(message) : Effect.void
      }
    })
  }))

const isSet = (name: string) => Config.withDefault(Config.Boolean(name), false)
