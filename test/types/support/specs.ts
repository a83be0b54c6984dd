/** Random signatures as a person means them, the same in every run. */
import type { Schema } from "effect"
import type { Random } from "../../support/random.ts"

export type Primitive =
  | "str"
  | "int"
  | "float"
  | "bool"
  | "any"
  | "null"
  | "datetime"
  | "date"
  | "Date"
  | "Code"
  | "Reasoning"
  | "Citations"
  | "ToolCalls"

/** A type, as a person means it. */
export type Type =
  | { readonly _tag: "Primitive"; readonly name: Primitive }
  | { readonly _tag: "Literal"; readonly value: string | number | boolean }
  | { readonly _tag: "List"; readonly item: Type }
  | { readonly _tag: "Set"; readonly item: Type }
  | { readonly _tag: "Dict"; readonly value: Type }
  | { readonly _tag: "Tuple"; readonly items: ReadonlyArray<Type> }
  | { readonly _tag: "Object"; readonly properties: ReadonlyArray<FieldSpec & { readonly type: Type }> }
  | { readonly _tag: "Union"; readonly members: ReadonlyArray<Type> }
  | { readonly _tag: "History" }

export interface FieldSpec {
  readonly name: string
  readonly type: Type | undefined
  readonly optional: boolean
  /** JSON of the type, where the field has a default. */
  readonly default?: Schema.Json | undefined
}

export interface Spec {
  readonly inputs: ReadonlyArray<FieldSpec>
  readonly outputs: ReadonlyArray<FieldSpec>
}

const primitives: ReadonlyArray<Primitive> = [
  "str",
  "int",
  "float",
  "bool",
  "any",
  "null",
  "datetime",
  "date",
  "Date",
  "Code",
  "Reasoning",
  "Citations",
  "ToolCalls"
]
export const literals = ["spam", "a, b", "it's", "->", "x: y", "[", "", "a | b", "1", 0, 1, -2, 3.5, true, false]

const names = [
  "question",
  "answer",
  "key_points",
  "q1",
  "Topic",
  "_x",
  "list",
  "str",
  "a",
  "b2",
  "camelCase",
  "None",
  "вопрос",
  "答え",
  "été"
]

const keys = ["name", "age", "first name", "readonly", "_tag", "then", "a-b", "имя"]

export const randomType = (random: Random, depth: number): Type => {
  const shape = random.int(depth > 0 ? 11 : 3)
  if (shape <= 1) return { _tag: "Primitive", name: random.pick(primitives) }
  if (shape === 2) return { _tag: "Literal", value: random.pick(literals) }
  if (shape === 3) return { _tag: "List", item: randomType(random, depth - 1) }
  if (shape === 4) return { _tag: "Dict", value: randomType(random, depth - 1) }
  if (shape === 5) return { _tag: "Set", item: randomType(random, depth - 1) }
  if (shape === 6) {
    return { _tag: "Tuple", items: Array.from({ length: 1 + random.int(3) }, () => randomType(random, depth - 1)) }
  }
  if (shape <= 8) {
    const left = [...keys]
    const properties = Array.from({ length: random.int(3) }, () => ({
      name: left.splice(random.int(left.length), 1)[0]!,
      type: randomType(random, depth - 1),
      optional: random.int(3) === 0
    }))
    // By this one objects are told apart that are members of a union.
    const kind: Type = { _tag: "Literal", value: random.int(1_000_000) }
    return { _tag: "Object", properties: [{ name: "kind", type: kind, optional: false }, ...properties] }
  }
  return { _tag: "Union", members: Array.from({ length: 2 + random.int(3) }, () => randomType(random, depth - 1)) }
}

export const randomSpec = (random: Random): Spec => {
  const left = [...names]
  const field = (): FieldSpec => {
    const type = random.int(4) === 0 ? undefined : randomType(random, 1 + random.int(3))
    const mark = random.int(6)
    return {
      name: left.splice(random.int(left.length), 1)[0]!,
      type,
      optional: mark === 0,
      default: mark === 1 ? randomJson(type, random) : undefined
    }
  }
  const inputs = Array.from({ length: random.int(4) }, field)
  return {
    // One of the inputs may be a history.
    inputs: random.int(4) > 0 || inputs.length === 0
      ? inputs
      : inputs.with(random.int(inputs.length), { ...field(), type: { _tag: "History" }, default: undefined }),
    outputs: Array.from({ length: 1 + random.int(3) }, field)
  }
}

/** JSON of the type; a text is one where none is given. */
export const randomJson = (type: Type | undefined, random: Random): Schema.Json => {
  switch (type?._tag) {
    case undefined:
    case "History":
      return random.pick(["", "a", "it's"])
    case "Literal":
      return type.value
    case "List":
      return Array.from({ length: random.int(3) }, () => randomJson(type.item, random))
    case "Set":
      return random.int(2) === 0 ? [] : [randomJson(type.item, random)]
    case "Tuple":
      return type.items.map((item) => randomJson(item, random))
    case "Dict":
      return random.int(2) === 0 ? {} : { "a key": randomJson(type.value, random) }
    case "Object":
      return Object.fromEntries(
        type.properties
          .filter(({ optional }) => !optional || random.int(2) === 0)
          .map(({ name, type }) => [name, randomJson(type, random)])
      )
    case "Union":
      return randomJson(random.pick(type.members), random)
    case "Primitive":
      return random.pick<Schema.Json>(
        {
          str: ["", "a, b", "it's"],
          int: [0, -2],
          float: [0.5, -1],
          bool: [true, false],
          any: [null, { a: [1] }],
          null: [null],
          datetime: ["2026-01-02T03:04:05.000Z"],
          date: ["2026-01-02"],
          Date: ["2026-01-02T03:04:05.000Z"],
          Code: ["x = 1"],
          Reasoning: ["so"],
          Citations: [[]],
          ToolCalls: [[]]
        }[type.name]
      )
  }
}
