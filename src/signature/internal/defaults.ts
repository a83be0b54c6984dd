/**
 * Defaults of fields in a signature's text: `k: int = 3`.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import type { FieldSchema } from "../Field.ts"

/** The schema with a default. Undefined where the JSON is not one of its values. */
export const withDefault = (schema: FieldSchema, json: Schema.Json): FieldSchema | undefined => {
  // A property that the type lacks is a mistake, and would be dropped.
  const decode = SchemaParser.decodeUnknownResult(Schema.toCodecJson(schema), { onExcessProperty: "error" })
  const decoded = decode(json)
  if (Result.isFailure(decoded)) return undefined
  // A set or a date could be changed: each call gets its own.
  // The grammar makes schemas without a default only; the type of a field's schema does not say so.
  return (schema as Schema.Codec<unknown> & Schema.WithoutConstructorDefault).pipe(
    Schema.withConstructorDefault(Effect.suspend(() => Effect.fromResult(decode(json)))),
    Schema.annotateKey({ default: decoded.success })
  )
}

/** The default that the annotation of a schema says. A program's own schema may have that annotation too. */
export const defaultOf = (schema: FieldSchema): { readonly value: unknown } | undefined => {
  const annotations = Schema.resolveAnnotationsKey(schema)
  return annotations !== undefined && Object.hasOwn(annotations, "default") ? { value: annotations.default } : undefined
}
