/**
 * Which documents are in a call's inputs.
 */
import * as Predicate from "effect/Predicate"
import type { Document } from "../Document.ts"
import type { FieldSchema } from "../Field.ts"
import type * as Signature from "../Signature.ts"
import { has } from "./inside.ts"
import { isOfDocuments } from "./marks.ts"
import { encodedAST } from "./shape.ts"

/** Whether values of the schema may have documents somewhere. */
export const mayHoldDocuments = (schema: FieldSchema): boolean => has(encodedAST(schema), isOfDocuments)

/** Whether a value, of a schema that may hold documents, is one. */
export const isDocument = (value: unknown): value is Document =>
  Predicate.hasProperty(value, "_tag") && value._tag === "Document"

/** The documents in a value, in their order. */
export const documentsIn = (value: unknown): ReadonlyArray<Document> => {
  if (isDocument(value)) return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(documentsIn) : []
}

/** The documents of a call, in the order in which its inputs are written; undefined where no input may be one. */
export const documentsOf = (
  { inputFields }: Signature.Any,
  inputs: Readonly<Record<string, unknown>>
): ReadonlyArray<Document> | undefined => {
  const fields = inputFields.filter(({ hasDocuments }) => hasDocuments)
  return fields.length === 0 ? undefined : fields.flatMap(({ name }) => documentsIn(inputs[name]))
}
