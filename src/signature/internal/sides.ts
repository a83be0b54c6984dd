/**
 * One side of a signature, its inputs or its outputs, of schemas: as a record of them, or as a struct.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { kindOf } from "../../text/kind.ts"
import * as Kinds from "../../text/kinds.ts"
import type { Fields } from "../Field.ts"
import { SignatureError } from "../SignatureError.ts"
import { fieldsOf, type Side } from "./signature.ts"

/** The fields of a side. Throws a {@link SignatureError} where it is neither a record nor a struct of schemas. */
export const sideOf = (side: string, fields: Fields | Schema.Struct<Fields>): Side => {
  if (!isStruct(fields)) {
    // A record of fields. What is left is a schema that is no struct, of effect or of another library.
    if (Kinds.isObject(fields) && !Schema.isSchema(fields) && !Predicate.hasProperty(fields, "~standard")) {
      return fieldsOf(new Map(Object.entries(fields)))
    }
    const given = Schema.isSchema(fields) ? "another schema" : kindOf(fields)
    throw new SignatureError({
      reason: `${side} are fields by name, or a Schema.Struct of them, not ${given}${Kinds.ofEntries(fields)}`,
      text: side
    })
  }
  if (fields.ast.checks !== undefined) {
    const text = Object.keys(fields.fields).join(", ")
    throw new SignatureError({ reason: "a check of all fields together cannot be kept: check the fields", text })
  }
  return fieldsOf(new Map(Object.entries(fields.fields)))
}

const isStruct = (fields: Fields | Schema.Struct<Fields>): fields is Schema.Struct<Fields> =>
  Schema.isSchema(fields) && Predicate.hasProperty(fields, "fields")
