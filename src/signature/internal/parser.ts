/**
 * Reads signature strings at run time. `grammar.ts` beside this file is the same grammar as types: the same order, the same
 * schemas, the same messages.
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Audio } from "../Audio.ts"
import { CalendarDate } from "../CalendarDate.ts"
import type { FieldSchema } from "../Field.ts"
import { File } from "../File.ts"
import { History } from "../History.ts"
import { Image } from "../Image.ts"
import { SignatureError } from "../SignatureError.ts"
import { dateTime, jsDate } from "./dateTimes.ts"
import { defaultOf, withDefault } from "./defaults.ts"
import { typesThereAre, wordEnds } from "./grammar.ts"
import { historyOutput, secondHistory } from "./history.ts"
import { beside, nameProblem } from "./names.ts"

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
    integer: Schema.Int,
    float: Schema.Finite,
    number: Schema.Finite,
    bool: Schema.Boolean,
    boolean: Schema.Boolean,
    Any: Schema.Json,
    any: Schema.Json,
    unknown: Schema.Json,
    datetime: dateTime,
    date: CalendarDate,
    Date: jsDate,
    Image,
    Audio,
    File
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

const anyList = one(Schema.Array(Schema.Json))
const anyRecord = one(Schema.Record(Schema.String, Schema.Json))

/** What types with arguments are made of. */
type Form = "list" | "record" | "tuple" | "set" | "Optional" | "Union" | "Literal"

/** Types with arguments, and what they are without arguments, where Python lets them stand so. */
const generics = new Map<string, { readonly form: Form; readonly bare?: Union }>([
  ["list", { form: "list", bare: anyList }],
  ["List", { form: "list", bare: anyList }],
  ["Array", { form: "list" }],
  ["ReadonlyArray", { form: "list" }],
  ["dict", { form: "record", bare: anyRecord }],
  ["Dict", { form: "record", bare: anyRecord }],
  ["Record", { form: "record" }],
  ["tuple", { form: "tuple", bare: anyList }],
  ["Tuple", { form: "tuple", bare: anyList }],
  ["set", { form: "set" }],
  ["Set", { form: "set" }],
  ["frozenset", { form: "set" }],
  ["FrozenSet", { form: "set" }],
  ["ReadonlySet", { form: "set" }],
  ["Optional", { form: "Optional" }],
  ["Union", { form: "Union" }],
  ["Literal", { form: "Literal" }]
])

/** A name of a type behind the module in which Python has it. */
const inModule = /^(?:typing|datetime|dspy)\.(.*)$/

/** The types between brackets; `isOpen` where dots follow, as in `tuple[int, ...]`. */
interface Arguments {
  readonly types: ReadonlyArray<Union>
  readonly isOpen: boolean
}

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
    const besideOthers = beside()
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
      const same = besideOthers(name)
      if (same !== undefined) return this.fail(same, start)
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
    const mark = this.offset
    const optional = this.eat("?")
    if (optional) this.skip()
    let type: Union | undefined = plainText
    if (this.eat(":")) {
      if (this.history()) return History
      type = this.union()
    }
    if (type === undefined) return undefined
    const schema = this.defaulted(build(type))
    if (schema === undefined || !optional) return schema
    return defaultOf(schema) === undefined
      ? Schema.optionalKey(schema)
      : this.fail("a field with a default may be left out without '?'", mark)
  }

  /** A history is no type that others are made of: it is all of a field's type. */
  history(): boolean {
    const start = this.offset
    this.skip()
    const word = this.word()
    if (word === "History" || inModule.exec(word)?.[1] === "History") {
      this.skip()
      return true
    }
    this.offset = start
    return false
  }

  // Defaults

  /** The schema with the default that follows, if one does. */
  defaulted(schema: FieldSchema): FieldSchema | undefined {
    if (!this.eat("=")) return schema
    this.skip()
    const start = this.offset
    const value = this.value()
    if (value === undefined) return undefined
    return withDefault(schema, value) ?? this.fail("the default is not of the field's type", start)
  }

  /** A JSON value. */
  value(): Schema.Json | undefined {
    const start = this.offset
    const value = this.eat("[") ? this.items() : this.eat("{") ? this.members() : this.scalar(start)
    this.skip()
    return value
  }

  scalar(start: number): Schema.Json | undefined {
    if (this.eat("'")) return this.quoted("'")?.literals[0]
    if (this.eat("\"")) return this.quoted("\"")?.literals[0]
    if (this.at("->")) return this.fail("expected a value, not '->'")
    if (this.eat("-")) return this.numeral(start, `-${this.word()}`)?.literals[0]
    const word = this.word()
    if (word === "") return this.fail(`expected a value, not ${this.token()}`)
    const known = constants.get(word)
    if (known !== undefined) return known.nullable ? null : known.literals[0]
    return isDigit(word[0]!)
      ? this.numeral(start, word)?.literals[0]
      : this.fail(`expected a value, not '${word}'`, start)
  }

  items(): ReadonlyArray<Schema.Json> | undefined {
    const items: Array<Schema.Json> = []
    this.skip()
    if (this.eat("]")) return items
    do {
      this.skip()
      const item = this.value()
      if (item === undefined) return undefined
      items.push(item)
    } while (this.eat(","))
    return this.eat("]") ? items : this.fail(`expected ']', not ${this.token()}`)
  }

  members(): Schema.JsonObject | undefined {
    const members = new Map<string, Schema.Json>()
    this.skip()
    if (this.eat("}")) return {}
    do {
      this.skip()
      const key = this.key()
      if (key === undefined) return undefined
      if (!this.eat(":")) return this.fail(`expected ':', not ${this.token()}`)
      this.skip()
      const value = this.value()
      if (value === undefined) return undefined
      members.set(key, value)
    } while (this.eat(","))
    return this.eat("}") ? Object.fromEntries(members) : this.fail(`expected '}', not ${this.token()}`)
  }

  // Types

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
    if (this.eat("{")) return this.object()
    if (this.eat("[")) return this.applied("tuple", "tuple", "]", start)
    if (this.eat("'")) return this.quoted("'")
    if (this.eat("\"")) return this.quoted("\"")
    if (this.at("->")) return this.fail("expected a type, not '->'")
    if (this.eat("-")) return this.numeral(start, `-${this.word()}`)
    const word = this.word()
    if (word === "") return this.fail(`expected a type, not ${this.token()}`)
    const known = plain.get(word) ?? constants.get(word)
    if (known !== undefined) return known
    if (generics.has(word)) return this.generic(word, start)
    if (isDigit(word[0]!)) return this.numeral(start, word)
    if (word === "readonly") {
      this.skip()
      return this.primary()
    }
    const [, name = word] = inModule.exec(word) ?? []
    if (name !== word && (plain.has(name) || generics.has(name) || name === "History")) {
      this.offset = start + word.length - name.length
      return this.primary()
    }
    return word === "History"
      ? this.fail("History stands alone, as the type of an input", start)
      : this.fail(`unknown type '${word}': ${typesThereAre}`, start)
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
    const { bare, form } = generics.get(name)!
    this.skip()
    if (this.eat("[")) return this.applied(name, form, "]", start)
    if (this.eat("<")) return this.applied(name, form, ">", start)
    return bare ?? this.fail(`expected '[' or '<' after '${name}'`)
  }

  /** The type of this form and the arguments that follow. */
  applied(name: string, form: Form, close: string, start: number): Union | undefined {
    const found = this.arguments(close, form === "tuple")
    if (found === undefined) return undefined
    const { isOpen, types } = found
    switch (form) {
      case "Union":
        return merge(types)
      case "Literal": {
        const merged = merge(types)
        return merged.members.length === 0 ? merged : this.fail("Literal takes literals only", start)
      }
      case "record": {
        if (types.length !== 2) return this.fail(`'${name}' takes 2 types, not ${types.length}`, start)
        const [key, value] = types as [Union, Union]
        return isString(key)
          ? one(Schema.Record(Schema.String, build(value)))
          : this.fail(`the keys of '${name}' are strings`, start)
      }
      case "tuple":
        return one(isOpen ? Schema.Array(build(types[0]!)) : Schema.Tuple(types.map(build)))
    }
    const [type] = types
    if (type === undefined || types.length !== 1) {
      return this.fail(`'${name}' takes 1 type, not ${types.length}`, start)
    }
    return form === "Optional"
      ? { ...type, nullable: true }
      : one(form === "set" ? Schema.ReadonlySet(build(type)) : Schema.Array(build(type)))
  }

  arguments(close: string, mayBeOpen: boolean): Arguments | undefined {
    const types: Array<Union> = []
    do {
      if (mayBeOpen && types.length === 1) {
        this.skip()
        if (this.eat("...")) {
          this.skip()
          return this.eat(close) ? { types, isOpen: true } : this.fail(`expected '${close}', not ${this.token()}`)
        }
      }
      const type = this.union()
      if (type === undefined) return undefined
      types.push(type)
    } while (this.eat(","))
    return this.eat(close) ? { types, isOpen: false } : this.fail(`expected '${close}', not ${this.token()}`)
  }

  // Objects

  object(): Union | undefined {
    const properties = new Map<string, FieldSchema>()
    do {
      this.skip()
      if (properties.size > 0 && this.at("}")) break
      const start = this.offset
      const name = this.propertyName()
      if (name === undefined) return undefined
      if (properties.has(name)) return this.fail(`the property '${name}' is there twice`, start)
      const isOptional = this.eat("?")
      if (isOptional) this.skip()
      if (!this.eat(":")) return this.fail(`expected ':', not ${this.token()}`)
      const type = this.union()
      if (type === undefined) return undefined
      properties.set(name, isOptional ? Schema.optionalKey(build(type)) : build(type))
    } while (this.eat(",") || this.eat(";"))
    return this.eat("}")
      ? one(Schema.Struct(Object.fromEntries(properties)))
      : this.fail(`expected ',' or '}', not ${this.token()}`)
  }

  /** A property's name, behind `readonly` where that is no name itself. */
  propertyName(): string | undefined {
    const name = this.key()
    return name === "readonly" && !this.at(":") && !this.at("?") ? this.key() : name
  }

  /** A name or a quoted text, and the space behind it. */
  key(): string | undefined {
    const start = this.offset
    const quote = this.eat("'") ? "'" : this.eat("\"") ? "\"" : undefined
    const name = quote === undefined ? this.word() : this.quoted(quote)?.literals[0]
    if (name === undefined) return undefined
    if (name === "" && quote === undefined) return this.fail(`expected a property's name, not ${this.token()}`)
    if (name === "__proto__") return this.fail("a property cannot be named '__proto__'", start)
    this.skip()
    return String(name)
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

const plainText = one(Schema.String)

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
  const ordered = [0, 1, 2].flatMap((breadth) => all.filter((member) => breadthOf(member) === breadth))
  return Schema.Union(nullable ? [...ordered, Schema.Null] : ordered)
}

/** The first member of a union that takes a value is what it is: records take any object, and objects take dates and sets. */
const breadthOf = (schema: FieldSchema): number =>
  Predicate.hasProperty(schema, "key") ? 2 : Predicate.hasProperty(schema, "fields") ? 1 : 0

// Characters

const isSpace = (c: string): boolean => c === " " || c === "\n" || c === "\t" || c === "\r"
const isDigit = (c: string): boolean => c >= "0" && c <= "9"
const isWordCharacter = (c: string): boolean => !ends.has(c)
const ends: ReadonlySet<string> = new Set(wordEnds)
