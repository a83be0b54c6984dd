/**
 * The arguments of a call, as a model wrote them: untrusted.
 */
import * as Result from "effect/Result"
import * as ToolError from "../ToolError.ts"
import { bounded } from "./text.ts"

/** A JSON object, nothing known of its members. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** The arguments of a call: the text as the model wrote it, or a value that was read from JSON already. */
export type Arguments =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Json"; readonly value: unknown }

/** The JSON object that the arguments are, or what is wrong with them. `maxBytes` is of the text, in UTF-8. */
export const readArguments = (
  given: Arguments,
  maxBytes: number
): Result.Result<JsonRecord, ToolError.InvalidArguments> => {
  const text = argumentsText(given)
  if (text === undefined) return problem("expected a JSON object")
  if (isLonger(text, maxBytes)) return problem(`longer than ${maxBytes} bytes: call the tool with less`)
  // Models send nothing at all where a tool takes nothing.
  const parsed = text.trim() === "" ? Result.succeed({}) : parse(text)
  if (Result.isFailure(parsed)) return problem("not JSON: write one JSON object")
  const json = parsed.success
  if (typeof json !== "object" || json === null || Array.isArray(json)) return problem("expected a JSON object")
  const hostile = hostileIn(json)
  return hostile === undefined
    ? Result.succeed(json as JsonRecord)
    : Result.fail(invalid(hostile.path, hostile.message))
}

/** The error for one thing wrong with the arguments. */
export const invalid = (path: ReadonlyArray<string | number>, message: string): ToolError.InvalidArguments =>
  new ToolError.InvalidArguments({ issues: [{ path, message }] })

const problem = (message: string) => Result.fail(invalid([], message))

const parse = (text: string): Result.Result<unknown, unknown> => Result.try((): unknown => JSON.parse(text))

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

/** Whether a model's text is what providers take when it is sent back to them: a JSON object of some size and depth. */
export const isSendable = (text: string): boolean =>
  text.trim() !== "" && text.isWellFormed() && Result.isSuccess(readArguments({ _tag: "Text", text }, mostSendable))

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
