/**
 * From a field's text to its value: what a model may mean, tried in order, until the field's schema takes one.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Field, FieldIssue } from "../../../signature/Field.ts"
import { isDeeperJson } from "../../../text/depth.ts"
import { isUnsafe, jsonText, withoutFence } from "../../../text/json/word.ts"
import { mostLevels } from "./builder.ts"
import { refusalOf } from "./codecs.ts"
import * as Coerce from "./coerce.ts"
import { JsonReader, readText } from "./reader.ts"
import { type Target, targetOf } from "./target.ts"
import { isNothing, undecorated } from "./words.ts"

/** The value, `None` where an optional field has no value, or what is wrong. */
export type Read = Result.Result<Option.Option<unknown>, ReadonlyArray<FieldIssue>>

/** Reads the text of a field of kind `text`. */
export const readString = (field: Field, text: string): Read => {
  // What has come of code has no fence any more: one that is still there is its own.
  if (field.code !== undefined) return Result.map(field.validate(text), Option.some)
  if (field.streaming === "text") return Result.map(field.decode(text), Option.some)
  return decode(field, Coerce.canonicalOf(text, targetOf(field)) ?? text)
}

/** Reads the text of a field of kind `json`. */
export const readJson = (field: Field, text: string): Read => {
  let failure: ReadonlyArray<FieldIssue> | undefined
  for (const { isTooDeep: isDeep, rest = "", value } of candidates(field, text.trim())) {
    const read = isDeep === true ? unreadable(field, isTooDeep) : readValue(field, value)
    if (Result.isSuccess(read)) return hasAnother(field, rest, value) ? unreadable(field, hasSeveral) : read
    failure ??= read.failure
  }
  const mayBeNothing = field.nullable || field.optional
  if (mayBeNothing && isNothing(undecorated(text))) return readNull(field)
  if (failure !== undefined) return Result.fail(failure)
  return unreadable(field, text === "" ? "is empty" : isNotRead(field))
}

/** Reads the JSON value of a field. */
export const readValue = (field: Field, json: unknown): Read => {
  if (json === null) return readNull(field)
  return isDeeperJson(json, mostLevels) ? unreadable(field, isTooDeep) : decode(field, json)
}

/** The value that the field's schema makes of JSON, unless the JSON does not say that value. */
const decode = (field: Field, json: unknown): Read => {
  const refused = refusalOf(field.schema)?.(json, [field.name])
  return refused === undefined ? Result.map(field.decode(json), Option.some) : Result.fail([refused])
}

/** There is no value to read. */
export const unreadable = (field: Field, message: string): Read => Result.fail([{ path: [field.name], message }])

/** What is said of a value that cannot be read. */
export const isTooDeep = `is nested more than ${mostLevels} levels deep`
export const hasSeveral = "has several values, where one was asked for"
export const isNotRead = (field: Field): string => `is not JSON of the type ${field.type}`

/** A value as it streams: strings as themselves, where the field is always one (or null, which is no text); else as JSON. */
export const write = (field: Field, value: unknown): string => {
  const isString = field.kind === "text" || field.literals?.every((literal) => typeof literal === "string") === true
  if (isString && typeof value === "string") return value
  const json = Result.getOrElse(field.encode(value), () => value)
  return isString ? String(json ?? "") : jsonText(json)
}

/** Whether another value of the field stands in a text than the one that stood before it. */
export const hasAnother = (field: Field, text: string, value: unknown): boolean => {
  if (!text.includes("{") && !text.includes("[")) return false
  const another = lenient(field, text).value
  return typeof another === "object" && another !== null && Result.isSuccess(readValue(field, another)) &&
    jsonText(another) !== jsonText(value)
}

/** What null means: itself where the field may be null, else that an optional field is left out. */
export const readNull = (field: Field): Read => {
  const read = Result.map(field.decode(null), Option.some)
  return Result.isFailure(read) && field.optional ? field.decodeAbsent() : read
}

function* candidates(field: Field, text: string): Iterable<Found> {
  if (text === "") return
  const target = targetOf(field)
  const bare = withoutFence(text)
  const json = bare.startsWith("{") || bare.startsWith("[") || isUnsafe(bare) ? undefined : parse(bare)
  const objects = objectsIn(target, bare)
  if (objects !== undefined) return yield objects
  const found: Found = json === undefined
    ? lenient(field, text)
    : { value: Coerce.ofValue(json, target, readText) }
  const { value } = found
  // Where the field is one of a few values, the text is compared with these first.
  if (field.literals !== undefined) yield { value: Coerce.ofString(bare, target, readText) }
  if (value !== undefined || found.isTooDeep === true) yield found
  // The model has put a value in quotes ("42", '[1, 2]'): what is inside them is read too.
  if (typeof value === "string" && value !== text) yield lenient(field, value)
  // Words around a value, or a union of a string and something else, written as plain text. Where anything may stand, the
  // beginning of an object or array, or a number that is too large, is no text.
  if (json === undefined && !(target.isAny && found.isBroken === true)) {
    yield { value: Coerce.ofString(bare, target, readText) }
  }
}

interface Found {
  readonly value: unknown
  /** What stands behind it. */
  readonly rest?: string
  /** It is the beginning of a value that goes wrong. */
  readonly isBroken?: boolean
  /** Only its beginning was read, because it is nested too deep. */
  readonly isTooDeep?: boolean
}

/**
 * Reads a scalar. Objects and long numbers are read elsewhere: `JSON.parse` does not say that a key is there twice, or that a
 * number has lost digits.
 */
const parse = (text: string): unknown => Result.getOrUndefined(Result.try((): unknown => JSON.parse(text)))

const lenient = (field: Field, text: string): Found => {
  const reader = new JsonReader(targetOf(field))
  reader.push(text)
  const isWhole = reader.end()
  if (reader.value.isTooDeep) return { value: undefined, isBroken: true, isTooDeep: true }
  return isWhole
    ? { value: reader.value.root, rest: reader.rest }
    : { value: undefined, isBroken: reader.value.hasBegun || isUnsafe(text) }
}

/** A list that is written as objects one behind the other, as in JSON lines and Markdown lists, and nothing else. */
const objectsIn = ({ array, isAny, isSeveral }: Target, text: string): Found | undefined => {
  if (array === undefined || isAny || isSeveral) return undefined
  const items: Array<unknown> = []
  for (let rest = text; rest.trim() !== "";) {
    const at = beforeObject.exec(rest)![0].length
    if (rest[at] !== "{") return undefined
    const reader = new JsonReader(array.at(items.length))
    reader.push(rest.slice(at))
    if (!reader.end() || typeof reader.value.root !== "object") return undefined
    items.push(reader.value.root)
    rest = reader.rest
  }
  return items.length > 1 ? { value: items } : undefined
}

const beforeObject = /^[\s,]*(?:(?:[-*+\u2022]|\d{1,3}[.)])\s+)?/
