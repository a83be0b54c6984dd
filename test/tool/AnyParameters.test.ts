/** Whatever the schema of a tool's parameters is, providers take what is sent. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { random } from "../support/random.ts"
import { type Json, ofJsonSchema } from "./support/parameters.ts"

/** Anything in the place of a schema: keywords with whatever values, another one for each number. */
const anySchema = (seed: number): Json => {
  const { int: next, pick: one } = random(seed)
  const value = (depth: number): unknown =>
    depth === 0 || next(4) === 0 ? one(odd) : next(5) === 0 ? [value(depth - 1), value(depth - 1)] : schema(depth - 1)
  const schema = (depth: number): Json =>
    Object.fromEntries(Array.from({ length: 1 + next(3) }, () => {
      const key = one(keys)
      return [key, key === "type" ? one(typesOf) : key === "$ref" ? one(references) : value(depth)] as const
    }))
  return schema(5)
}

const keys = [
  "type type $ref $ref anyOf oneOf allOf not if then else enum const default required title minLength exclusiveMinimum",
  "properties patternProperties additionalProperties items additionalItems prefixItems contains propertyNames $anchor",
  "dependencies dependentSchemas dependentRequired unevaluatedItems contentSchema $defs definitions $id a b nullable"
].join(" ").split(" ")

const typesOf = ["object", "object", "array", "string", "Array", "any", "null", null, 5, ["array", null], ["x"], {}, []]
const references = ["#", "#/anyOf/0", "#/$defs/a", "#/definitions/a", "#/properties/a/items", "#a", "a", "#/a/b/0", 5]

const odd = [null, true, false, 0, -1, "", "string", "a", [], {}, ["a"], [null], { a: {} }, {
  a: { $ref: "#/$defs/a" }
}]

/** What of a schema a server would refuse the request for. */
const refusals = (schema: Json): ReadonlyArray<string> => {
  const found: Array<string> = []
  const names = "string number integer boolean array object null".split(" ")
  const check = (one: unknown, path: string): void => {
    if (typeof one === "boolean") return
    if (typeof one !== "object" || one === null || Array.isArray(one)) return void found.push(`${path} is no schema`)
    const { $ref, enum: values, items, required, type } = one as Json
    const types: ReadonlyArray<unknown> = Array.isArray(type) ? type : type === undefined ? [] : [type]
    if (type !== undefined && (types.length === 0 || !types.every((name) => names.includes(name as string)))) {
      found.push(`${path}: type`)
    }
    if (types.includes("array") && (typeof items !== "object" || Array.isArray(items))) found.push(`${path}: items`)
    if (values !== undefined && !(Array.isArray(values) && values.length > 0)) found.push(`${path}: enum`)
    if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === "string"))) {
      found.push(`${path}: required`)
    } else if (
      (types.length === 0 || types.includes("object")) &&
      (required ?? []).some((name: string) => !Object.hasOwn((one as Json)["properties"] ?? {}, name))
    ) {
      found.push(`${path}: what is required is no property`)
    }
    if ($ref !== undefined && !Object.hasOwn(schema["$defs"] ?? {}, String($ref).replace("#/$defs/", ""))) {
      found.push(`${path}: $ref`)
    }
    for (const [key, value] of Object.entries(one)) {
      const at = `${path}/${key}`
      if (["anyOf", "oneOf", "allOf", "prefixItems"].includes(key)) {
        if (!Array.isArray(value) || value.length === 0) found.push(at)
        else value.forEach((inner, index) => check(inner, `${at}/${index}`))
      }
      if (["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"].includes(key)) {
        if (typeof value !== "object" || value === null || Array.isArray(value)) found.push(at)
        else Object.entries(value).forEach(([name, inner]) => check(inner, `${at}/${name}`))
      }
      if (key === "dependencies") {
        Object.entries(value as Json).forEach(([name, inner]) => Array.isArray(inner) || check(inner, `${at}/${name}`))
      }
      if (
        "not if then else items additionalItems additionalProperties contains propertyNames contentSchema unevaluatedItems"
          .split(" ").includes(key)
      ) check(value, at)
    }
  }
  check(schema, "")
  if (schema["type"] !== "object" || typeof schema["properties"] !== "object") found.push("the root is no object")
  for (const key of ["anyOf", "oneOf", "allOf", "enum", "not", "$ref"]) {
    if (key in schema) found.push(`the root has ${key}`)
  }
  return found
}

describe("parameters of any schema", () => {
  it("whatever the schema, nothing at the root is what providers refuse, and every list has items", () => {
    const part = (depth: number): ReadonlyArray<Json> =>
      depth === 0 ? [{ type: "string" }, {}, { type: "array" }] : part(depth - 1).flatMap((one) => [
        { type: "array", items: one },
        { anyOf: [one, { type: "object", properties: { a: one } }] },
        { allOf: [{ type: "object", properties: { a: one } }, { oneOf: [{ properties: { b: one } }, true] }] }
      ])
    const check = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return
      if ("type" in value && value.type === "array") assert.property(value, "items")
      Object.values(value).forEach(check)
    }
    for (const one of part(2)) {
      const parameters = ofJsonSchema({
        anyOf: [{ type: "object", properties: { p: one } }, { properties: { q: one } }]
      })
      assert.strictEqual(parameters["type"], "object")
      assert.isObject(parameters["properties"])
      for (const key of ["anyOf", "oneOf", "allOf", "enum", "not", "$ref"]) assert.notProperty(parameters, key)
      check(parameters)
    }
  })

  it("whatever stands in a schema, no server refuses the request for it", () => {
    for (let seed = 0; seed < 3000; seed++) {
      const schema = anySchema(seed)
      const parameters = Result.try(() => ofJsonSchema(schema))
      if (Result.isSuccess(parameters)) assert.deepStrictEqual(refusals(parameters.success), [], JSON.stringify(schema))
      else assert.match(String(parameters.failure), /takes what no object is/, JSON.stringify(schema))
      // Inside of an object's schema there is nothing that could not be sent.
      const properties = { a: schema, b: { type: "Array", items: [schema] } }
      const inside = { type: "object", properties, $defs: { a: schema } }
      assert.deepStrictEqual(refusals(ofJsonSchema(inside)), [], JSON.stringify(inside))
    }
  })
})
