/**
 * Reads signature strings at run time. `grammar.ts` beside this file is the same grammar as types: the same order, the same
 * schemas, the same messages.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { FieldSchema } from "../Field.ts"
import { History } from "../History.ts"
import { SignatureError } from "../SignatureError.ts"
import { historyOutput, secondHistory } from "./history.ts"
import { nameProblem } from "./names.ts"

/** The fields of a signature string, in order. */
export interface ParsedText {
  readonly input: ReadonlyMap<string, FieldSchema>
  readonly output: ReadonlyMap<string, FieldSchema>
}

/** Reads a signature string; the error points at the first thing that is wrong. */
export const parseText = (text: string): Result.Result<ParsedText, SignatureError> => {
  const parser = new Parser(text)
  const parsed = parser.signature()
  return parsed === undefined ? Result.fail(errorAt(text, parser.failure!)) : Result.succeed(parsed)
}

interface Failure {
  readonly offset: number
  readonly reason: string
}

const errorAt = (text: string, { offset, reason }: Failure): SignatureError => {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/)
  return new SignatureError({ reason, text, line: lines.length, column: lines.at(-1)!.length + 1 })
}

/** A union in its normal form: literals, other members, and whether `null` is in it. */
interface Union {
  readonly literals: ReadonlyArray<string | number | boolean>
  readonly members: ReadonlyArray<FieldSchema>
  readonly nullable: boolean
}

const plain = new Map<string, Union>(
  Object.entries({
    str: Schema.String,
    string: Schema.String,
    int: Schema.Int,
    float: Schema.Finite,
    number: Schema.Finite,
    bool: Schema.Boolean,
    boolean: Schema.Boolean,
    Any: Schema.Json,
    any: Schema.Json,
    unknown: Schema.Json
  }).map(([name, schema]) => [name, { literals: [], members: [schema], nullable: false }])
)

const constants = new Map<string, Union>([
  ["true", { literals: [true], members: [], nullable: false }],
  ["True", { literals: [true], members: [], nullable: false }],
  ["false", { literals: [false], members: [], nullable: false }],
  ["False", { literals: [false], members: [], nullable: false }],
  ["null", { literals: [], members: [], nullable: true }],
  ["None", { literals: [], members: [], nullable: true }]
])

/** Types with arguments, their opening bracket, and what they are without arguments, where they may. */
const generics = new Map<string, { readonly open: "[" | "<"; readonly bare?: Union }>(
  [
    ["list", { open: "[", bare: one(Schema.Array(Schema.Json)) }],
    ["List", { open: "[", bare: one(Schema.Array(Schema.Json)) }],
    ["dict", { open: "[", bare: one(Schema.Record(Schema.String, Schema.Json)) }],
    ["Dict", { open: "[", bare: one(Schema.Record(Schema.String, Schema.Json)) }],
    ["Optional", { open: "[" }],
    ["Union", { open: "[" }],
    ["Literal", { open: "[" }],
    ["Array", { open: "<" }],
    ["ReadonlyArray", { open: "<" }],
    ["Record", { open: "<" }]
  ]
)

/**
 * Where the text is being read. A method that cannot read on notes the failure and returns undefined; its callers do the
 * same, so the first failure stands.
 */
class Parser {
  readonly text: string
  offset = 0
  failure: Failure | undefined

  constructor(text: string) {
    this.text = text
  }

  signature(): ParsedText | undefined {
    const input = new Map<string, FieldSchema>()
    const output = new Map<string, FieldSchema>()
    let fields = input
    let history: string | undefined
    this.skip()
    if (this.eat("->")) {
      fields = output
      this.skip()
    }
    while (true) {
      const start = this.offset
      const name = this.word()
      if (name === "") return this.fail(`expected a field name, not ${this.token()}`)
      const problem = nameProblem(name)
      if (problem !== undefined) return this.fail(problem, start)
      this.skip()
      const schema = this.fieldType()
      if (schema === undefined) return undefined
      if (schema === History) {
        if (fields === output) return this.fail(historyOutput(name), start)
        if (history !== undefined) return this.fail(secondHistory(history, name), start)
        history = name
      }
      if (input.has(name) || output.has(name)) return this.fail(`the field '${name}' is there twice`, start)
      fields.set(name, schema)
      if (this.eat(",")) {
        this.skip()
      } else if (this.at("->")) {
        if (fields === output) return this.fail("a signature has one '->'")
        this.offset += 2
        fields = output
        this.skip()
      } else if (this.offset === this.text.length) {
        return fields === output ? { input, output } : this.fail("expected '->' and the output fields")
      } else {
        return this.fail(`expected ',' or '->', not ${this.token()}`)
      }
    }
  }

  fieldType(): FieldSchema | undefined {
    const optional = this.eat("?")
    if (optional) this.skip()
    if (!this.eat(":")) return optional ? Schema.optionalKey(Schema.String) : Schema.String
    if (this.history()) return History
    const type = this.union()
    return type === undefined ? undefined : optional ? Schema.optionalKey(build(type)) : build(type)
  }

  /** A history is no type that others are made of: it is all of a field's type. */
  history(): boolean {
    const start = this.offset
    this.skip()
    if (this.word() === "History") {
      this.skip()
      return true
    }
    this.offset = start
    return false
  }

  union(): Union | undefined {
    const first = this.postfix()
    if (first === undefined || !this.at("|")) return first
    const all = [first]
    while (this.eat("|")) {
      const next = this.postfix()
      if (next === undefined) return undefined
      all.push(next)
    }
    return merge(all)
  }

  postfix(): Union | undefined {
    this.skip()
    let type = this.primary()
    if (type === undefined) return undefined
    this.skip()
    while (this.eat("[")) {
      this.skip()
      if (!this.eat("]")) return this.fail(`expected ']', not ${this.token()}`)
      type = one(Schema.Array(build(type)))
      this.skip()
    }
    return type
  }

  primary(): Union | undefined {
    const start = this.offset
    if (this.eat("(")) {
      const inner = this.union()
      if (inner === undefined) return undefined
      return this.eat(")") ? inner : this.fail(`expected ')', not ${this.token()}`)
    }
    if (this.eat("'")) return this.quoted("'")
    if (this.eat("\"")) return this.quoted("\"")
    if (this.at("->")) return this.fail("expected a type, not '->'")
    if (this.eat("-")) return this.numeral(start, `-${this.word()}`)
    const word = this.word()
    if (word === "") return this.fail(`expected a type, not ${this.token()}`)
    const known = plain.get(word) ?? constants.get(word)
    if (known !== undefined) return known
    if (generics.has(word)) return this.generic(word, start)
    if (word === "History") return this.fail("History stands alone, as the type of an input", start)
    return isDigit(word[0]!) ? this.numeral(start, word) : this.fail(`unknown type '${word}'`, start)
  }

  quoted(quote: string): Union | undefined {
    const start = this.offset
    const end = this.text.indexOf(quote, start)
    if (end < 0) return this.fail(`the quote ${quote} is not closed`, start - 1)
    const value = this.text.slice(start, end)
    if (value.includes("\\")) return this.fail("a quoted literal has no escapes", start + value.indexOf("\\"))
    this.offset = end + 1
    return literal(value)
  }

  numeral(start: number, word: string): Union | undefined {
    // As TypeScript reads a number from text: only in the form in which it would be printed.
    const value = Number(word)
    return Number.isFinite(value) && String(value) === word
      ? literal(value)
      : this.fail(`'${word}' is not a number in its shortest form`, start)
  }

  generic(name: string, start: number): Union | undefined {
    const { bare, open } = generics.get(name)!
    this.skip()
    if (!this.eat(open)) return bare ?? this.fail(`expected '${open}' after '${name}'`)
    const types = this.arguments(open === "[" ? "]" : ">")
    if (types === undefined) return undefined
    switch (name) {
      case "Union":
        return merge(types)
      case "Literal": {
        const merged = merge(types)
        return merged.members.length === 0 ? merged : this.fail("Literal takes literals only", start)
      }
      case "dict":
      case "Dict":
      case "Record": {
        if (types.length !== 2) return this.fail(`'${name}' takes 2 types, not ${types.length}`, start)
        const [key, value] = types as [Union, Union]
        return isString(key)
          ? one(Schema.Record(Schema.String, build(value)))
          : this.fail(`the keys of '${name}' are strings`, start)
      }
      default:
        if (types.length !== 1) return this.fail(`'${name}' takes 1 type, not ${types.length}`, start)
        return name === "Optional" ? { ...types[0]!, nullable: true } : one(Schema.Array(build(types[0]!)))
    }
  }

  arguments(close: string): ReadonlyArray<Union> | undefined {
    const types: Array<Union> = []
    do {
      const type = this.union()
      if (type === undefined) return undefined
      types.push(type)
    } while (this.eat(","))
    return this.eat(close) ? types : this.fail(`expected '${close}', not ${this.token()}`)
  }

  // Text

  skip(): void {
    while (this.offset < this.text.length && isSpace(this.text[this.offset]!)) this.offset++
  }

  /** The longest word from here, which may be empty. */
  word(): string {
    const start = this.offset
    while (this.offset < this.text.length && isWordCharacter(this.text[this.offset]!)) this.offset++
    return this.text.slice(start, this.offset)
  }

  /** What stands here, as messages name it. */
  token(): string {
    const start = this.offset
    const word = this.word()
    this.offset = start
    if (word !== "") return `'${word}'`
    return start === this.text.length ? "the end" : `'${String.fromCodePoint(this.text.codePointAt(start)!)}'`
  }

  at(token: string): boolean {
    return this.text.startsWith(token, this.offset)
  }

  eat(token: string): boolean {
    if (!this.at(token)) return false
    this.offset += token.length
    return true
  }

  fail(reason: string, offset = this.offset): undefined {
    this.failure = { offset, reason }
  }
}

// Unions and their schemas

function one(member: FieldSchema): Union {
  return { literals: [], members: [member], nullable: false }
}

const literal = (value: string | number | boolean): Union => ({ literals: [value], members: [], nullable: false })

const isString = (type: Union): boolean =>
  type.literals.length === 0 && !type.nullable && type.members.length === 1 && type.members[0] === Schema.String

const merge = (types: ReadonlyArray<Union>): Union => ({
  literals: [...new Set(types.flatMap((type) => type.literals))],
  members: types.flatMap((type) => type.members),
  nullable: types.some((type) => type.nullable)
})

const build = ({ literals, members, nullable }: Union): FieldSchema => {
  const all = literals.length === 0 ? members : [Schema.Literals(literals), ...members]
  if (all.length === 0) return Schema.Null
  if (all.length === 1) return nullable ? Schema.NullOr(all[0]!) : all[0]!
  return Schema.Union(nullable ? [...all, Schema.Null] : all)
}

// Characters

const isSpace = (c: string): boolean => c === " " || c === "\n" || c === "\t" || c === "\r"
const isDigit = (c: string): boolean => c >= "0" && c <= "9"
const isWordCharacter = (c: string): boolean =>
  (c >= "a" && c <= "z") || (c >= "A" && c <= "Z") || isDigit(c) || c === "_" || c === "."
