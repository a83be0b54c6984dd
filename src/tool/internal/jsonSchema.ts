/**
 * A tool's parameters as providers take them: an object schema at the root.
 */

type Json = Readonly<Record<string, unknown>>

/**
 * The parameters' schema, where a reference at the root is replaced by its definition, and an object has properties: some
 * providers refuse one that says nothing of them.
 */
export const toParameters = (schema: Json): Json => {
  const root = inlineRoot(schema)
  return root["type"] === "object" && root["properties"] === undefined ? { ...root, properties: {} } : root
}

const inlineRoot = (schema: Json): Json => {
  const { $defs, $ref, ...beside } = schema
  if (typeof $ref !== "string" || !$ref.startsWith(prefix) || !isRecord($defs)) return schema
  const name = decodeURIComponent($ref.slice(prefix.length)).replaceAll("~1", "/").replaceAll("~0", "~")
  const definition = Object.hasOwn($defs, name) ? $defs[name] : undefined
  if (!isRecord(definition)) return schema
  // A recursive definition refers to itself, another may: it stays where that is so.
  const { [name]: _, ...others } = $defs
  const stillUsed = JSON.stringify($defs).includes(JSON.stringify($ref))
  const kept = stillUsed ? $defs : others
  return { ...definition, ...beside, ...(Object.keys(kept).length === 0 ? {} : { $defs: kept }) }
}

const prefix = "#/$defs/"

const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)
