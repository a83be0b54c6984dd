/**
 * The arguments of a call, as a model wrote them: untrusted.
 */
import * as Result from "effect/Result"
import * as PartialJson from "../../adapter/PartialJson.ts"
import { isRecord, type JsonRecord } from "../../text/json/values.ts"
import * as ToolError from "../ToolError.ts"
import { bounded } from "./text.ts"

/** The arguments of a call: the text as the model wrote it, or a value that was read from JSON already. */
export type Arguments =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Json"; readonly value: unknown }

/**
 * The JSON object that the arguments are, or what is wrong with them. `maxBytes` is of the text, in UTF-8. Nothing at all, a
 * blank or `null` is an object without members, and so is whatever is no object where a tool takes nothing; an object that was
 * written as JSON twice is read twice.
 */
export const readArguments = (
  given: Arguments,
  maxBytes: number,
  takesNothing = false
): Result.Result<JsonRecord, ToolError.InvalidArguments> => {
  const text = argumentsText(given)
  if (text === undefined) return problem("expected a JSON object")
  if (isLonger(text, maxBytes)) return problem(`longer than ${maxBytes} bytes: call the tool with less`)
  const { hostile, json } = parsed(given, text)
  if (!isObject(json)) {
    if (takesNothing || json === null) return Result.succeed({})
    return problem(json === undefined ? "not JSON: write one JSON object" : "expected a JSON object")
  }
  return hostile === undefined ? Result.succeed(json) : Result.fail(invalid(hostile.path, hostile.message))
}

/** The error for one thing wrong with the arguments. */
export const invalid = (path: ReadonlyArray<string | number>, message: string): ToolError.InvalidArguments =>
  new ToolError.InvalidArguments({ issues: [{ path, message }] })

const problem = (message: string) => Result.fail(invalid([], message))

/** Arguments, read. The tool, the trajectory and the next request to the model all need them, so they are read once and kept. */
interface Parsed {
  /** The value: `null` of a blank text, undefined of what is no JSON. */
  readonly json: unknown
  /** The first thing in the object that no tool shall see. */
  readonly hostile: Issue | undefined
}

const parsed = (given: Arguments, text: string): Parsed => {
  let known = read.get(given)
  if (known === undefined) {
    const json = parse(text)
    known = { json, hostile: isObject(json) ? hostileIn(json) : undefined }
    read.set(given, known)
  }
  return known
}

const read = new WeakMap<Arguments, Parsed>()

const isObject = (json: unknown): json is JsonRecord =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const parse = (text: string): unknown => {
  let value: unknown = text
  // A model that writes a string of JSON has encoded it once too often, or twice.
  for (let times = 0; times < mostEncodings && typeof value === "string"; times++) {
    const inner = value
    if (inner.trim() === "") return null
    const read = Result.try((): unknown => JSON.parse(inner))
    value = Result.isSuccess(read) ? read.success : PartialJson.whole(inner)
  }
  return value
}

const mostEncodings = 3

/**
 * The arguments without the members that are `null` and that a tool has not taken for it: models write `null` for what they
 * leave out. Nothing where there are none.
 */
export const withoutNulls = (args: JsonRecord, issues: ReadonlyArray<Issue>): JsonRecord | undefined => {
  let copy: unknown
  for (const { path } of issues) {
    const within = valueAt(copy ?? args, path.slice(0, -1))
    const key = path.at(-1)
    if (typeof key !== "string" || !isRecord(within) || within[key] !== null || !Object.hasOwn(within, key)) continue
    copy ??= structuredClone(args)
    delete (valueAt(copy, path.slice(0, -1)) as Record<string, unknown>)[key]
  }
  return copy as JsonRecord | undefined
}

const valueAt = (root: unknown, path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[key] : undefined,
    root
  )

/** Values take the way of texts: what is checked is what JSON has of them. Nothing where it has nothing. */
export const argumentsText = (given: Arguments): string | undefined =>
  given._tag === "Text"
    ? given.text
    : Result.getOrUndefined(Result.try((): string | undefined => JSON.stringify(given.value ?? {})))

/**
 * The arguments as plain data that can be kept and sent on: the JSON object that they are; what was refused for its form,
 * which may be anything, as the text that it is, cut where it is long.
 */
export const shown = (given: Arguments): unknown => {
  const read = readArguments(given, mostSendable)
  if (Result.isSuccess(read)) return read.success
  return bounded((argumentsText(given) ?? "").toWellFormed(), 2000)
}

/** The arguments as they are sent back to a model: a JSON object, which is empty where they are none. */
export const sendable = (given: Arguments): JsonRecord =>
  Result.getOrElse(readArguments(given, mostSendable), () => ({}))

/**
 * The arguments as the text that providers take when they are sent back to them: as the model wrote them, where that is a JSON
 * object of some size and depth.
 */
export const sendableText = (given: Arguments): string => {
  const text = argumentsText(given)
  return text !== undefined && isJsonObject(text) && Result.isSuccess(readArguments(given, mostSendable))
    ? text
    : JSON.stringify(sendable(given))
}

const isJsonObject = (text: string): boolean =>
  text.isWellFormed() && /^\s*\{/.test(text) && Result.isSuccess(Result.try((): unknown => JSON.parse(text)))

/** In bytes, as UTF-8. */
const mostSendable = 256 * 1024

const encoder = new TextEncoder()

const isLonger = (text: string, maxBytes: number): boolean =>
  text.length > maxBytes || (text.length * 3 > maxBytes && encoder.encode(text).length > maxBytes)

/** Deeper values overflow the stack of what walks them recursively: schemas, `JSON.stringify`. */
const mostLevels = 100

interface Issue {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** The first thing in the value that no tool shall see. */
const hostileIn = (root: object): Issue | undefined => {
  const left: Array<{ readonly value: unknown; readonly path: ReadonlyArray<string | number> }> = [
    { value: root, path: [] }
  ]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, value } = next
    if (typeof value === "string" && !value.isWellFormed()) {
      return { path, message: "has half a character (a lone UTF-16 surrogate)" }
    }
    if (typeof value !== "object" || value === null) continue
    if (path.length >= mostLevels) return { path: [], message: `nested more than ${mostLevels} levels deep` }
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) left.push({ value: value[i], path: [...path, i] })
      continue
    }
    for (const [key, inner] of Object.entries(value)) {
      if (!key.isWellFormed()) return { path, message: "has a name with half a character (a lone UTF-16 surrogate)" }
      if (key === "__proto__" || (key === "constructor" && hasPrototype(inner))) {
        return { path: [...path, key], message: "is not allowed as a name" }
      }
      left.push({ value: inner, path: [...path, key] })
    }
  }
  return undefined
}

/** As in `{"constructor": {"prototype": ...}}`. A plain value of that name does no harm. */
const hasPrototype = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "prototype")
