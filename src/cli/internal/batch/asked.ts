/**
 * What the lines of an output answer: another program, model or input has no place there.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import * as Module from "../../../module/Module.ts"
import type { Field } from "../../../signature/Field.ts"
import type * as Signature from "../../../signature/Signature.ts"
import type { Survey } from "./rows.ts"

/** Who was asked what. It is the first line of `OUT.part`. */
export const Asked = Schema.Struct({
  batch: Schema.Literal(1),
  signature: Schema.String,
  model: Schema.String,
  /** A hash of the program's state and settings. What its code does is not known. */
  settings: Schema.String,
  /** The rows that there were when they were last counted: later ones may follow. `null` where they are no file's. */
  input: Schema.NullOr(Schema.Struct({ rows: Schema.Finite, sha256: Schema.String }))
})
export type Asked = typeof Asked.Type

/** A signature with its types. */
export const signature = ({ inputFields, outputFields }: Signature.Any): string => {
  const typed = (fields: ReadonlyArray<Field>) =>
    fields.map(({ constraints, name, type }) => [`${name}: ${type}`, ...constraints].join(" ")).join(", ")
  return `${typed(inputFields)} -> ${typed(outputFields)}`
}

/** A hash of the program's instructions, examples and settings, and of what else each call is given. */
export const settings = (program: Module.Any, beside: ReadonlyArray<unknown>): Effect.Effect<string> =>
  Module.save(program).pipe(
    // A setting that is no JSON cannot be compared.
    Effect.orElseSucceed(() => null),
    Effect.map((state) => createHash("sha256").update(JSON.stringify([program.name, state, ...beside])).digest("hex"))
  )

/** What is different from what was asked before, in words; nothing where it goes on. */
export const difference = (
  before: Asked,
  now: Omit<Asked, "batch" | "input">,
  survey: Survey & { readonly begins: string | undefined } | undefined
): string | undefined => {
  if (before.signature !== now.signature) return `another signature (${before.signature})`
  if (before.model !== now.model) return `another model (${before.model})`
  if (before.settings !== now.settings) return "the same with other instructions, examples, settings or inputs of flags"
  if (before.input === null || survey === undefined) {
    return "rows of a pipe, which cannot be read again to go on with them"
  }
  return survey.begins === before.input.sha256
    ? undefined
    : `another input, whose ${before.input.rows} rows this one does not begin with`
}
