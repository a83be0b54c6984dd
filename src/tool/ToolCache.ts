/**
 * Results of tools that are given again, where the same is asked once more of a tool that says so: `cache` in the options of
 * `Tool.make`.
 *
 * A result is found by the tool's name, its `version` and its arguments. Equal calls at the same time are one; one that leaves
 * disturbs nobody. Only successes are kept, and approvals are asked for each time.
 *
 * @example
 * agent(input).pipe(Effect.provide(ToolCache.layer({ store: CacheStore.files(".cache/tools") })))
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as CacheStore from "../policy/CacheStore.ts"
import * as Keeper from "../policy/internal/cache/keeper.ts"
import * as Kinds from "../text/kinds.ts"
import { time } from "../text/numbers.ts"
import { type Names, onlyKnown } from "../text/options.ts"
import { CurrentResults, Results } from "./internal/results.ts"

// Models

/** Where results are kept. */
export interface Options<E = never, R = never> {
  /** `CacheStore.memory()` if left out. */
  readonly store?: Effect.Effect<CacheStore.CacheStore, E, R> | undefined
  /** How long the store is waited for; 200 milliseconds if left out. After that, the tool is called. */
  readonly patience?: Duration.Input | undefined
}

// Layers

/**
 * The results of all tools that run with this layer, as far as they say that they may be kept. A store that is down or slow is as
 * good as an empty one.
 */
export const layer = <E = never, R = never>(
  options: Options<E, R> = {}
): Layer.Layer<never, E, Exclude<R, Scope.Scope>> => {
  const { patience = "200 millis", store = CacheStore.memory() } = onlyKnown("ToolCache.layer", options, optionNames)
  const wait = time("`patience`", patience)
  return Layer.effect(
    CurrentResults,
    Effect.gen(function*() {
      return new Results(yield* Keeper.make(yield* store, wait))
    })
  )
}

const optionNames: Names<Options<unknown, unknown>> = { store: Kinds.effect, patience: Kinds.time }
