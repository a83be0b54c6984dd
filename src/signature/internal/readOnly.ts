/**
 * Properties that the program sets, and not the model: those that are `readOnly`, as JSON Schema calls it, and may be left out.
 *
 * The model is not told of them, neither in the type of a field nor in the values of examples, and what it writes for one is
 * left out.
 */
import * as SchemaAST from "effect/SchemaAST"
import { isRecord } from "../../text/json/values.ts"
import type { FieldSchema } from "../Field.ts"
import { has } from "./inside.ts"
import { isReadOnly } from "./marks.ts"
import { encodedAST } from "./shape.ts"

/** A field's JSON as the model is shown it. */
export const shownJson = (schema: FieldSchema, json: unknown): unknown => {
  let ast = known.get(schema)
  if (ast === undefined) {
    const encoded = encodedAST(schema)
    ast = { encoded: has(encoded, isReadOnly) ? encoded : undefined }
    known.set(schema, ast)
  }
  return ast.encoded === undefined ? json : shown(ast.encoded, json)
}

const known = new WeakMap<FieldSchema, { readonly encoded: SchemaAST.AST | undefined }>()

const shown = (ast: SchemaAST.AST, json: unknown): unknown => {
  if (typeof json !== "object" || json === null) return json
  if (SchemaAST.isSuspend(ast)) return shown(ast.thunk(), json)
  if (SchemaAST.isUnion(ast)) return ast.types.reduce((json: unknown, member) => shown(member, json), json)
  if (SchemaAST.isArrays(ast)) {
    return Array.isArray(json) ? json.map((item, index) => shownIn(ast.elements[index] ?? ast.rest[0], item)) : json
  }
  if (!SchemaAST.isObjects(ast) || !isRecord(json)) return json
  const properties = new Map(ast.propertySignatures.map(({ name, type }) => [String(name), type]))
  const others = ast.indexSignatures[0]?.type
  return Object.fromEntries(
    Object.entries(json).flatMap(([key, value]) => {
      const type = properties.get(key) ?? others
      return type !== undefined && isReadOnly(type) ? [] : [[key, shownIn(type, value)]]
    })
  )
}

const shownIn = (ast: SchemaAST.AST | undefined, json: unknown): unknown => ast === undefined ? json : shown(ast, json)
