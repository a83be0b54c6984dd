/**
 * What the predictors of a program were asked and have answered in one attempt, as text for a language model.
 */
import * as Effect from "effect/Effect"
import * as Call from "../../run/Call.ts"
import type { Observer } from "../../run/Observer.ts"
import type { ModuleStart } from "../../run/RunEvent.ts"
import { shortened } from "../../text/shortened.ts"

/** Watches an attempt at the module whose path is `path`, with predictors at these paths below it. */
export class Calls implements Observer {
  readonly #paths: ReadonlyMap<string, string>
  readonly #begun = new Map<number, ModuleStart>()
  readonly #lines: Array<string> = []

  constructor(path: string, predictors: ReadonlyArray<string>) {
    this.#paths = new Map(predictors.map((predictor) => [below(path, predictor), predictor]))
  }

  readonly interest = () => undefined

  readonly onEvents: Observer["onEvents"] = (events) => {
    for (const event of events) {
      if (event._tag === "ModuleStart") this.#begun.set(event.call.id, event)
      if (event._tag !== "ModuleEnd") continue
      const predictor = this.#paths.get(event.call.path)
      const inputs = this.#begun.get(event.call.id)?.inputs
      this.#begun.delete(event.call.id)
      if (predictor === undefined || inputs === undefined) continue
      const { outcome } = event
      const outputs = outcome._tag === "Success" ? asText(outcome.value) : outcome._tag
      this.#lines.push(`${predictor}: ${asText(inputs)} -> ${outputs}`)
    }
    return Effect.void
  }

  toString(): string {
    return this.#lines.join("\n")
  }
}

/** A value as JSON in which no text is longer than anybody reads. */
export const asText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "string"
      ? shortened(inner, most)
      : typeof inner === "bigint"
      ? String(inner)
      : inner)

const most = 4000

// Details

const below = (path: string, predictor: string): string =>
  predictor === Call.rootPath ? path : Call.below(path, predictor)
