/** A program that calls a tool and asks a model. */
import { Effect } from "effect"
import { Module, Predict, Watched } from "effect-lm"

export const qa = Predict.make("question -> answer")
export const program = Module.make(
  "Program",
  { qa },
  ({ qa }) => (input: { readonly question: string }) =>
    Effect.andThen(Watched.tool("search", {}, Effect.void), qa(input))
)
