/**
 * The types of a signature's text: `list[str] | None`, `{ name: str }`.
 */
import * as Schema from "effect/Schema"
import { Audio } from "../../Audio.ts"
import { CalendarDate } from "../../CalendarDate.ts"
import { Citations } from "../../Citations.ts"
import * as Code from "../../Code.ts"
import { Document } from "../../Document.ts"
import type { FieldSchema } from "../../Field.ts"
import { File } from "../../File.ts"
import { Image } from "../../Image.ts"
import { Reasoning } from "../../Reasoning.ts"
import { ToolCalls } from "../../ToolCall.ts"
import { Tool } from "../../ToolSpec.ts"
import { dateTime, jsDate } from "../dateTimes.ts"
import { typesThereAre } from "../grammar/types.ts"
import { constants, key, numeral, quoted } from "./literals.ts"
import { type Cursor, isDigit } from "./text.ts"
import { build, isString, merge, one, type Union } from "./unions.ts"

// Unions

/** A type, which may be several with `|` between them. */
export const union = (at: Cursor): Union | undefined => {
  const first = postfix(at)
  if (first === undefined || !at.at("|")) return first
  const all = [first]
  while (at.eat("|")) {
    const next = postfix(at)
    if (next === undefined) return undefined
    all.push(next)
  }
  return merge(all)
}

const postfix = (at: Cursor): Union | undefined => {
  at.skip()
  let type = primary(at)
  if (type === undefined) return undefined
  at.skip()
  while (at.eat("[")) {
    at.skip()
    if (!at.eat("]")) return at.fail(`expected ']', not ${at.token()}`)
    type = one(Schema.Array(build(type)))
    at.skip()
  }
  return type
}

const primary = (at: Cursor): Union | undefined => {
  const start = at.offset
  if (at.eat("(")) {
    const inner = union(at)
    if (inner === undefined) return undefined
    return at.eat(")") ? inner : at.fail(`expected ')', not ${at.token()}`)
  }
  if (at.eat("{")) return objectType(at)
  if (at.eat("[")) return applied(at, "tuple", "tuple", "]", start)
  if (at.eat("'")) return quoted(at, "'")
  if (at.eat("\"")) return quoted(at, "\"")
  if (at.at("->")) return at.fail("expected a type, not '->'")
  if (at.eat("-")) return numeral(at, start, `-${at.word()}`)
  const word = at.word()
  if (word === "") return at.fail(`expected a type, not ${at.token()}`)
  const known = plain.get(word) ?? constants.get(word)
  if (known !== undefined) return known
  if (generics.has(word)) return generic(at, word, start)
  if (isDigit(word[0]!)) return numeral(at, start, word)
  if (word === "readonly") {
    at.skip()
    return primary(at)
  }
  const [, name = word] = inModule.exec(word) ?? []
  if (name !== word && (plain.has(name) || generics.has(name) || name === "History")) {
    at.offset = start + word.length - name.length
    return primary(at)
  }
  return word === "History"
    ? at.fail("History stands alone, as the type of an input", start)
    : at.fail(`unknown type '${word}': ${typesThereAre}`, start)
}

// Types that stand alone

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
    Reasoning,
    Image,
    Audio,
    File,
    Document,
    Citations,
    Tool,
    ToolCalls
  }).map(([name, schema]) => [name, { literals: [], members: [schema], nullable: false }])
)

/** A name of a type behind the module in which Python has it. */
export const inModule = /^(?:typing|datetime|dspy)\.(.*)$/

// Types with arguments

const anyList = one(Schema.Array(Schema.Json))
const anyRecord = one(Schema.Record(Schema.String, Schema.Json))

/** What types with arguments are made of. */
type Form = "list" | "record" | "tuple" | "set" | "Optional" | "Union" | "Literal" | "Code"

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
  ["Literal", { form: "Literal" }],
  ["Code", { form: "Code", bare: one(Code.Code) }]
])

const generic = (at: Cursor, name: string, start: number): Union | undefined => {
  const { bare, form } = generics.get(name)!
  at.skip()
  if (form === "Code" && isList(at)) return bare
  if (at.eat("[")) return applied(at, name, form, "]", start)
  if (at.eat("<")) return applied(at, name, form, ">", start)
  return bare ?? at.fail(`expected '[' or '<' after '${name}'`)
}

/** Whether nothing stands in the brackets that follow: they make a list. */
const isList = (at: Cursor): boolean => {
  const start = at.offset
  const isOpen = at.eat("[")
  at.skip()
  const isEmpty = isOpen && at.at("]")
  at.offset = start
  return isEmpty
}

/** The type of this form and the arguments that follow. */
const applied = (at: Cursor, name: string, form: Form, close: string, start: number): Union | undefined => {
  const found = argumentsOf(at, close, form === "tuple")
  if (found === undefined) return undefined
  const { isOpen, types } = found
  switch (form) {
    case "Union":
      return merge(types)
    case "Literal": {
      const merged = merge(types)
      return merged.members.length === 0 ? merged : at.fail("Literal takes literals only", start)
    }
    case "Code":
      return codeIn(merge(types)) ?? at.fail("Code takes the name of one language, as in Code['python']", start)
    case "record": {
      const [key, value] = types
      if (key === undefined || value === undefined || types.length !== 2) {
        return at.fail(`'${name}' takes 2 types, not ${types.length}`, start)
      }
      return isString(key)
        ? one(Schema.Record(Schema.String, build(value)))
        : at.fail(`the keys of '${name}' are strings`, start)
    }
    case "tuple":
      return one(isOpen ? Schema.Array(build(types[0]!)) : Schema.Tuple(types.map(build)))
  }
  const [type] = types
  if (type === undefined || types.length !== 1) {
    return at.fail(`'${name}' takes 1 type, not ${types.length}`, start)
  }
  return form === "Optional"
    ? { ...type, nullable: true }
    : one(form === "set" ? Schema.ReadonlySet(build(type)) : Schema.Array(build(type)))
}

/** Code in a language. */
const codeIn = ({ literals, members, nullable }: Union): Union | undefined => {
  const [language] = literals
  return typeof language === "string" && literals.length === 1 && members.length === 0 && !nullable
    ? one(Code.of(language))
    : undefined
}

/** The types between brackets; `isOpen` where dots follow, as in `tuple[int, ...]`. */
interface Arguments {
  readonly types: ReadonlyArray<Union>
  readonly isOpen: boolean
}

const argumentsOf = (at: Cursor, close: string, mayBeOpen: boolean): Arguments | undefined => {
  const types: Array<Union> = []
  do {
    if (mayBeOpen && types.length === 1) {
      at.skip()
      if (at.eat("...")) {
        at.skip()
        return at.eat(close) ? { types, isOpen: true } : at.fail(`expected '${close}', not ${at.token()}`)
      }
    }
    const type = union(at)
    if (type === undefined) return undefined
    types.push(type)
  } while (at.eat(","))
  return at.eat(close) ? { types, isOpen: false } : at.fail(`expected '${close}', not ${at.token()}`)
}

// Objects

const objectType = (at: Cursor): Union | undefined => {
  const properties = new Map<string, FieldSchema>()
  do {
    at.skip()
    if (properties.size > 0 && at.at("}")) break
    const start = at.offset
    const name = propertyName(at)
    if (name === undefined) return undefined
    if (properties.has(name)) return at.fail(`the property '${name}' is there twice`, start)
    const isOptional = at.eat("?")
    if (isOptional) at.skip()
    if (!at.eat(":")) return at.fail(`expected ':', not ${at.token()}`)
    const type = union(at)
    if (type === undefined) return undefined
    properties.set(name, isOptional ? Schema.optionalKey(build(type)) : build(type))
  } while (at.eat(",") || at.eat(";"))
  return at.eat("}")
    ? one(Schema.Struct(Object.fromEntries(properties)))
    : at.fail(`expected ',' or '}', not ${at.token()}`)
}

/** A property's name, behind `readonly` where that is no name itself. */
const propertyName = (at: Cursor): string | undefined => {
  const name = key(at)
  return name === "readonly" && !at.at(":") && !at.at("?") ? key(at) : name
}
