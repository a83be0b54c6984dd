/**
 * References inside of a JSON Schema, as JSON pointers: `#/$defs/Name`.
 */
import * as JsonPointer from "effect/JsonPointer"
import { isRecord } from "./values.ts"

/** The reference to a definition. */
export const toDefinition = (name: string): string => JsonPointer.formatUriFragment(["$defs", name])

/** The definition that a reference names; undefined where it refers to something else. */
export const definitionOf = (reference: string): string | undefined => {
  const [first, name, ...more] = pathOf(reference)
  return first === "$defs" && more.length === 0 ? name : undefined
}

/** What a reference refers to in a schema. */
export const resolve = (schema: unknown, reference: string): unknown =>
  pathOf(reference).reduce(
    (node: unknown, name) => isRecord(node) && Object.hasOwn(node, name) ? node[name] : undefined,
    schema
  )

/** The names on the way. Schemas that others wrote often have characters in a reference that should have been escaped. */
const pathOf = (reference: string): ReadonlyArray<string> =>
  JsonPointer.parseUriFragment(reference) ?? reference.replace(/^#?\//, "").split("/").map(JsonPointer.unescapeToken)
