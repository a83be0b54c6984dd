/**
 * Reads signature strings at run time. The files in `../grammar` are the same grammar as types: each file here has one there of
 * the same name, with the same order, the same schemas and the same messages.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { FieldSchema } from "../../Field.ts"
import { History } from "../../History.ts"
import { SignatureError } from "../../SignatureError.ts"
import { defaultOf } from "../defaults.ts"
import { historyOutput, secondHistory } from "../history.ts"
import { beside, nameProblem } from "../names.ts"
import { defaulted } from "./defaults.ts"
import { Cursor, type Failure } from "./text.ts"
import { inModule, union } from "./types.ts"
import { build, one, type Union } from "./unions.ts"

// Models

/** The fields of a signature string, in order. */
export interface ParsedText {
  readonly input: ReadonlyMap<string, FieldSchema>
  readonly output: ReadonlyMap<string, FieldSchema>
}

// Reading

/** Reads a signature string; the error points at the first thing that is wrong. */
export const parseText = (text: string): Result.Result<ParsedText, SignatureError> => {
  const at = new Cursor(text)
  const parsed = signature(at)
  return parsed === undefined ? Result.fail(errorAt(text, at.failure!)) : Result.succeed(parsed)
}

const errorAt = (text: string, { offset, reason }: Failure): SignatureError => {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/)
  return new SignatureError({ reason, text, line: lines.length, column: lines.at(-1)!.length + 1 })
}

const signature = (at: Cursor): ParsedText | undefined => {
  const input = new Map<string, FieldSchema>()
  const output = new Map<string, FieldSchema>()
  let fields = input
  let history: string | undefined
  const besideOthers = beside()
  at.skip()
  if (at.eat("->")) {
    fields = output
    at.skip()
  }
  while (true) {
    const start = at.offset
    const name = at.word()
    if (name === "") return at.fail(`expected a field name, not ${at.token()}`)
    const problem = nameProblem(name)
    if (problem !== undefined) return at.fail(problem, start)
    at.skip()
    const schema = fieldType(at)
    if (schema === undefined) return undefined
    if (schema === History) {
      if (fields === output) return at.fail(historyOutput(name), start)
      if (history !== undefined) return at.fail(secondHistory(history, name), start)
      history = name
    }
    const same = besideOthers(name)
    if (same !== undefined) return at.fail(same, start)
    fields.set(name, schema)
    if (at.eat(",")) {
      at.skip()
    } else if (at.at("->")) {
      if (fields === output) return at.fail("a signature has one '->'")
      at.offset += 2
      fields = output
      at.skip()
    } else if (at.offset === at.text.length) {
      return fields === output
        ? { input, output }
        : at.fail("expected '->' and the output fields, as in question -> answer")
    } else {
      return at.fail(`expected ',' or ${fields === output ? "the end" : "'->'"}, not ${at.token()}`)
    }
  }
}

const fieldType = (at: Cursor): FieldSchema | undefined => {
  const mark = at.offset
  const optional = at.eat("?")
  if (optional) at.skip()
  let type: Union | undefined = plainText
  if (at.eat(":")) {
    if (eatHistory(at)) return History
    type = union(at)
  }
  if (type === undefined) return undefined
  const schema = defaulted(at, build(type))
  if (schema === undefined || !optional) return schema
  return defaultOf(schema) === undefined
    ? Schema.optionalKey(schema)
    : at.fail("a field with a default may be left out without '?'", mark)
}

/** `History` is the whole type of a field: no other type is made of it. */
const eatHistory = (at: Cursor): boolean => {
  const start = at.offset
  at.skip()
  const word = at.word()
  if (word === "History" || inModule.exec(word)?.[1] === "History") {
    at.skip()
    return true
  }
  at.offset = start
  return false
}

const plainText = one(Schema.String)
