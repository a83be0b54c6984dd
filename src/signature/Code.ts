/**
 * Code, as a text without the fence that models put around it.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { codeIn } from "../text/codeFence.ts"
import * as Kinds from "../text/kinds.ts"
import { given } from "../text/options.ts"
import { codeKey } from "./internal/code.ts"

// Models

/** The schema of code. */
export interface Code extends Schema.decodeTo<Schema.String, Schema.String> {}

// Constructors

const make = (language: string | undefined): Code =>
  Schema.String.pipe(Schema.decodeTo(
    Schema.String.annotate({ [codeKey]: { language } }),
    SchemaTransformation.transform({ decode: (text: string) => codeIn(text, language), encode: (code: string) => code })
  ))

/**
 * Code in any language, `Code` in signature strings: a text. As an output it streams as it comes, without its fence, and without words
 * that stand before or behind one. As an input it is given as it is.
 *
 * @example
 * const solve = Predict.make("task -> code: Code['python'], explanation")
 */
export const Code: Code = make(undefined)

/**
 * Code in a language that the model is told, `Code['python']` in signature strings.
 *
 * @example
 * const signature = Signature.fromSchemas({ inputs: { task: Schema.String }, outputs: { query: Code.of("sql") } })
 */
export const of = (language: string): Code => {
  given("Code.of", { language: Kinds.text }, [language])
  return make(language)
}
