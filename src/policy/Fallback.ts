/**
 * Another model in reserve: it is asked where the first one fails.
 *
 * Each model has retries of its own, so the reserve is asked once they are used up. An answer that breaks off in the middle begins
 * anew with the reserve: what was shown of it is retracted.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { making } from "../lm/internal/making.ts"
import { service } from "../lm/internal/service.ts"
import * as LM from "../lm/LM.ts"
import type { LMError } from "../lm/LMError.ts"
import * as Middleware from "../lm/Middleware.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import * as Attempts from "./internal/attempts.ts"
import * as Capabilities from "./internal/capabilities.ts"

// Models

/** When the reserve is asked. */
export interface Options {
  /** For which errors; for all if left out. */
  readonly when?: ((error: LMError) => boolean) | undefined
  /** Whether an answer that was begun begins anew with the reserve; true by default. Without it such an answer fails. */
  readonly restart?: boolean | undefined
}

// Constructors

/** One or more models in reserve, as a middleware: each is asked where the one before it has failed. */
export const make = (reserve: LM.Made["of"], options: Options = {}): Middleware.Middleware => {
  given("Fallback.make", parameters, [reserve])
  const { restart = true, when = () => true } = onlyKnown("Fallback.make", options, optionNames)
  const over = (all: LM.Made["of"]): LM.Service => {
    const [first] = all
    const plan: Attempts.Plan = (error, attempt, delivered) => {
      const service = all[attempt]
      return Effect.succeed(
        service === undefined || (delivered && !restart) || !when(error)
          ? undefined
          : { service, notice: { _tag: "FellBack", model: service.model, error }, wait: Effect.void }
      )
    }
    return making({
      model: first.model,
      capabilities: Capabilities.ofAll(all),
      origin: all.map(({ model, origin }) => [model, origin]),
      stream: (request) => Attempts.stream(first, request, plan),
      generate: (request, tell) => Attempts.generate(first, request, plan, tell),
      forget: (request) => Effect.forEach(all, ({ forget }) => forget?.(request) ?? Effect.void, { discard: true })
    }, { by: middleware, of: all })
  }
  const middleware: Middleware.Middleware = {
    name: "fallback",
    description: `fallback (${reserve.map(({ model }) => model).join(", then ")})`,
    apply: (self) => over([self, ...reserve]),
    rebuild: over
  }
  return middleware
}

const parameters = { reserve: Kinds.listOf("services of language models", service) }

const optionNames: Names<Options> = { when: Kinds.fn("a function of an error"), restart: Kinds.flag }

// Layers

/**
 * The model of a layer, with another layer's model in reserve. Piped once more, with one more.
 *
 * @example
 * OpenAI.layerModel("openai/gpt-4o-mini").pipe(
 *   Fallback.to(OpenAI.layerModel("groq/llama-3.3-70b-versatile")),
 *   Fallback.to(LocalModel.layer())
 * )
 */
export const to = <E2, R2>(
  reserve: Layer.Layer<LM.LM, E2, R2>,
  options: Options = {}
): <A, E, R>(self: Layer.Layer<A | LM.LM, E, R>) => Layer.Layer<A | LM.LM, E | E2, R | R2> => {
  given("Fallback.to", { reserve: Kinds.layer }, [reserve])
  onlyKnown("Fallback.to", options, optionNames)
  return Middleware.layerEffect(
    Effect.map(Layer.build(reserve), (context) => make([Context.get(context, LM.LM)], options))
  )
}
