/**
 * Objects around the reply's object, or around a value: models wrap what was asked for.
 */
import type { Field } from "../../signature/Field.ts"
import type { JsonTokens } from "../../text/json/tokens.ts"
import { isRecord } from "../../text/json/values.ts"
import { jsonText } from "../../text/json/word.ts"
import { wrapped } from "../internal/values/coerce.ts"
import { readText } from "../internal/values/reader.ts"
import { any, targetOf } from "../internal/values/target.ts"

/** The only object inside another one that has fields. */
export const wrappedFields = (object: object, isField: (key: string) => boolean, depth = 0): object | undefined => {
  if (depth === mostWrappings) return undefined
  const found = Object.values(object).map(onlyOf).map(objectOf).flatMap((value) => {
    if (value === undefined) return []
    const inner = Object.keys(value).some(isField)
      ? value
      : wrappedFields(value, isField, depth + 1)
    return inner === undefined ? [] : [inner]
  })
  return found.length === 1 ? found[0] : undefined
}

/** How many objects around the reply's are looked into. */
const mostWrappings = 3

/** Says a value's tokens. */
export const say = (tokens: JsonTokens, value: unknown): void => {
  if (typeof value === "string") {
    tokens.beginString()
    tokens.string(value)
    tokens.endString()
  } else if (typeof value !== "object" || value === null) tokens.word(jsonText(value))
  else {
    const entries = Object.entries(value)
    const isArray = Array.isArray(value)
    tokens.open(isArray ? "[" : "{", isArray ? undefined : entries[0]?.[0])
    for (const [key, inner] of entries) {
      if (!isArray) tokens.key(key)
      say(tokens, inner)
    }
    tokens.close()
  }
}

/** The text in an object that is nothing but its wrapping. */
export const textIn = (value: unknown): string | undefined => {
  if (!isRecord(value)) return undefined
  const inner = wrapped(Object.entries(value))
  return typeof inner === "string" ? inner : undefined
}

/** The item of a list of one. */
const onlyOf = (value: unknown): unknown => Array.isArray(value) && value.length === 1 ? value[0] : value

/** The object that a value is, also where it stands in a string. */
const objectOf = (value: unknown): object | undefined => {
  const json = typeof value === "string" && value.trimStart().startsWith("{") ? readText(value, any) : value
  return isRecord(json) ? json : undefined
}

/** Whether the object has keys of the field's value: it stands where the object with the field should. */
export const isValueOf = (field: Field, value: object): boolean => {
  const { object } = targetOf(field)
  return object !== undefined && !object.isOpen && Object.keys(value).some((key) => object.resolve(key) !== undefined)
}
