/**
 * A tool's parameters as providers take them: an object schema at the root.
 */

type Json = Readonly<Record<string, unknown>>

/** A schema that is a reference to one of its own definitions, with that definition in its place. */
export const inlineRoot = (schema: Json): Json => {
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
