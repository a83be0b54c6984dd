/**
 * Defaults in a signature's text: `k: int = 3`. A default is a value of JSON, and of the field's type.
 */
import type * as Schema from "effect/Schema"
import type { FieldSchema } from "../../Field.ts"
import { withDefault } from "../defaults.ts"
import { constants, key, numeral, quoted } from "./literals.ts"
import { type Cursor, isDigit } from "./text.ts"

/** The schema with the default that follows, if one does. */
export const defaulted = (at: Cursor, schema: FieldSchema): FieldSchema | undefined => {
  if (!at.eat("=")) return schema
  at.skip()
  const start = at.offset
  const json = value(at)
  if (json === undefined) return undefined
  return withDefault(schema, json) ?? at.fail("the default is not of the field's type", start)
}

/** A JSON value. */
const value = (at: Cursor): Schema.Json | undefined => {
  const start = at.offset
  const json = at.eat("[") ? items(at) : at.eat("{") ? members(at) : scalar(at, start)
  at.skip()
  return json
}

const scalar = (at: Cursor, start: number): Schema.Json | undefined => {
  if (at.eat("'")) return quoted(at, "'")?.literals[0]
  if (at.eat("\"")) return quoted(at, "\"")?.literals[0]
  if (at.at("->")) return at.fail("expected a value, not '->'")
  if (at.eat("-")) return numeral(at, start, `-${at.word()}`)?.literals[0]
  const word = at.word()
  if (word === "") return at.fail(`expected a value, not ${at.token()}`)
  const known = constants.get(word)
  if (known !== undefined) return known.nullable ? null : known.literals[0]
  return isDigit(word[0]!)
    ? numeral(at, start, word)?.literals[0]
    : at.fail(`expected a value, not '${word}'`, start)
}

const items = (at: Cursor): ReadonlyArray<Schema.Json> | undefined => {
  const found: Array<Schema.Json> = []
  at.skip()
  if (at.eat("]")) return found
  do {
    at.skip()
    const item = value(at)
    if (item === undefined) return undefined
    found.push(item)
  } while (at.eat(","))
  return at.eat("]") ? found : at.fail(`expected ']', not ${at.token()}`)
}

const members = (at: Cursor): Schema.JsonObject | undefined => {
  const found = new Map<string, Schema.Json>()
  at.skip()
  if (at.eat("}")) return {}
  do {
    at.skip()
    const name = key(at)
    if (name === undefined) return undefined
    if (!at.eat(":")) return at.fail(`expected ':', not ${at.token()}`)
    at.skip()
    const member = value(at)
    if (member === undefined) return undefined
    found.set(name, member)
  } while (at.eat(","))
  return at.eat("}") ? Object.fromEntries(found) : at.fail(`expected '}', not ${at.token()}`)
}
