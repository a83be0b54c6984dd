/**
 * A language model as functions of code: each prompt is a call of a predictor, at its own path. A run may make only so many.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import { bind } from "../../module/internal/invoke.ts"
import * as Module from "../../module/Module.ts"
import type * as Sandbox from "../../sandbox/Sandbox.ts"
import { inWords } from "../../tool/internal/failure.ts"
import { withoutHost } from "../../tool/internal/text.ts"

/** What the predictor is called below the agent. */
export const key = "llm_query"

/** How many calls a run may make, and how many of them at the same time. */
export interface Limits {
  readonly most: number
  readonly concurrency: number | "unbounded"
}

/** The functions of one run. A prompt of a batch that fails leaves a text in its place: the others were paid for. */
export const make = (
  module: Module.Any,
  { concurrency, most }: Limits
): Readonly<Record<"llmQuery" | "llmQueryBatched", Sandbox.HostFunction>> => {
  const call = bind(module[Module.TypeId], key)
  const atOnce = concurrency === "unbounded" ? undefined : Semaphore.makeUnsafe(concurrency)
  let used = 0

  const ask = (prompt: string): Effect.Effect<string, unknown> => {
    // What it needs is there: the agent's type says so.
    const asking = Effect.map(call({ prompt }), ({ response }) => response) as Effect.Effect<string, unknown>
    return atOnce === undefined ? asking : atOnce.withPermit(asking)
  }
  const askAll = (name: string, prompts: ReadonlyArray<unknown>) =>
    Effect.suspend(() => {
      if (!prompts.every(isPrompt)) return refused(`${name} takes ${takes[name]}`)
      if (used + prompts.length > most) {
        return refused(
          `${name} cannot ask ${prompts.length} more: ${used} of the ${most} prompts of this run are used up. ` +
            "Go on with code alone, and with what is known"
        )
      }
      used += prompts.length
      return Effect.succeed(prompts)
    })

  return {
    llmQuery: (...args) => Effect.flatMap(askAll("llmQuery", [args[0]]), ([prompt]) => ask(prompt!)),
    llmQueryBatched: (prompts: unknown) =>
      Effect.flatMap(
        askAll("llmQueryBatched", Array.isArray(prompts) ? prompts : [undefined]),
        Effect.forEach((prompt) =>
          Effect.map(Effect.result(ask(prompt)), (result) =>
            Result.isSuccess(result)
              ? result.success
              : `[ERROR] ${withoutHost(inWords(result.failure), prompt)}`), { concurrency: "unbounded" })
      )
  }
}

// Details

const takes: Readonly<Record<string, string>> = {
  llmQuery: "a prompt: a text that is not empty",
  llmQueryBatched: "a list of prompts: texts that are not empty"
}

const isPrompt = (value: unknown): value is string => typeof value === "string" && value.trim() !== ""

const refused = (description: string) => Effect.fail(new Error(description))
