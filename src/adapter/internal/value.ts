/**
 * From a field's text to its value: what a model may mean, tried in order, until the field's schema takes one.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Field, FieldIssue } from "../../signature/Field.ts"
import { isNullWord } from "./characters.ts"
import { JsonReader, mostLevels } from "./jsonReader.ts"
import { withoutFence } from "./jsonWord.ts"

/** The value, nothing where an optional field has none, or what is wrong. */
export type Read = Result.Result<Option.Option<unknown>, ReadonlyArray<FieldIssue>>

/** Reads the text of a field of kind `text`. */
export const readText = (field: Field, text: string): Read => Result.map(field.decode(text), Option.some)

/** Reads the text of a field of kind `json`. */
export const readJson = (field: Field, text: string): Read => {
  let failure: ReadonlyArray<FieldIssue> | undefined
  for (const candidate of candidates(field, text.trim())) {
    const read = readValue(field, candidate)
    if (Result.isSuccess(read)) return read
    failure ??= read.failure
  }
  if (failure !== undefined) return Result.fail(failure)
  return text === "" ? Result.fail([{ path: [field.name], message: "is empty" }]) : unreadable(field, false)
}

/** Reads the JSON value of a field. */
export const readValue = (field: Field, json: unknown): Read => {
  if (json === null) return readNull(field)
  return isDeeper(json, mostLevels) ? unreadable(field, true) : Result.map(field.decode(json), Option.some)
}

/** There is no value to read. */
export const unreadable = (field: Field, isTooDeep: boolean): Read =>
  Result.fail([{
    path: [field.name],
    message: isTooDeep
      ? `is nested more than ${mostLevels} levels deep`
      : `is not JSON of the type ${field.type}`
  }])

/** A value as it streams: strings as themselves, where the field is always one (or null, which is no text); else as JSON. */
export const write = (field: Field, value: unknown): string => {
  const isString = field.kind === "text" || field.literals?.every((literal) => typeof literal === "string") === true
  if (isString && typeof value === "string") return value
  const json = Result.getOrElse(field.encode(value), () => value)
  if (isString) return String(json ?? "")
  // JSON can say it, and JSON.stringify does not.
  return Object.is(json, -0) ? "-0" : JSON.stringify(json) ?? ""
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" && value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)))

/** What null means: itself where the field may be null, else that an optional field is left out. */
export const readNull = (field: Field): Read =>
  field.nullable || !field.optional ? Result.map(field.decode(null), Option.some) : field.decodeAbsent()

function* candidates(field: Field, text: string): Iterable<unknown> {
  if (text === "") return
  const literal = literalOf(field, text)
  if (literal !== undefined) yield literal
  const json = parse(text)
  const value = json === undefined ? lenient(text) : json
  if (value !== undefined) yield value
  // A value in quotes that are not its own: "42", '[1, 2]'.
  if (typeof value === "string" && value !== text) {
    const inner = parse(value) ?? lenient(value)
    if (inner !== undefined) yield inner
  }
  // A union of a string and something else, written as plain text.
  if (json === undefined) yield text
}

/** The allowed value that the text is: unquoted, quoted, or in another case where that is one value only. */
const literalOf = (field: Field, text: string): unknown => {
  if (field.literals === undefined) return undefined
  const word = unquoted(withoutFence(text))
  const exact = field.literals.find((literal) => String(literal) === word)
  if (exact !== undefined) return exact
  if (field.nullable && isNullWord(word)) return null
  const folded = word.toLowerCase()
  const [first, ...others] = field.literals.filter((literal) => String(literal).toLowerCase() === folded)
  return others.length === 0 ? first : undefined
}

const unquoted = (text: string): string => {
  const quote = text[0]
  return text.length > 1 && (quote === "\"" || quote === "'" || quote === "`") && text.endsWith(quote)
    ? text.slice(1, -1).trim()
    : text
}

const parse = (text: string): unknown => Result.getOrUndefined(Result.try((): unknown => JSON.parse(text)))

const lenient = (text: string): unknown => {
  const reader = new JsonReader()
  reader.push(text)
  return reader.end() ? reader.snapshot() : undefined
}
