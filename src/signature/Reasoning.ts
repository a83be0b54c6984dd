/**
 * The thoughts that lead to an answer, as an output: the model's own, where it thinks natively.
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import { reasoningKey } from "./internal/reasoning.ts"

// Models

/** The schema of thoughts. */
export interface Reasoning extends Schema.Bottom<string, string, never, never, SchemaAST.String, Reasoning> {}

// Constructors

/**
 * Thoughts, `Reasoning` in signature strings: a text. A model that thinks natively fills the field with what it thought, and need not
 * write it in its reply; any other is asked for it as for a text. Of several such outputs the first is filled. An output named
 * `reasoning` is filled in the same way, if there is none of this type.
 *
 * @example
 * const solve = Predict.make("problem -> thoughts: Reasoning, answer: int", { reasoningEffort: "low" })
 */
export const Reasoning: Reasoning = Schema.make<Reasoning>(
  Schema.String.annotate({ description: "thoughts that lead to the answer", [reasoningKey]: true }).ast
)
