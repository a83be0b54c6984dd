/** References of JSON Schemas, where the names of definitions have characters that a URI or a pointer escapes. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { JSONAdapter, Signature } from "effect-lm"

interface Node {
  readonly next: Node | null
}

/** A recursive type of this identifier, whose definition differs by its description. */
const node = (identifier: string, description: string) => {
  const self: Schema.Codec<Node> = Schema.Struct({ next: Schema.NullOr(Schema.suspend(() => self)) })
    .annotate({ identifier, description })
  return self
}

/** All references of a schema, and the definitions that it has. */
const referencesOf = (schema: unknown): ReadonlyArray<string> =>
  Array.from(JSON.stringify(schema).matchAll(/"\$ref":("(?:[^"\\]|\\.)*")/g), ([, ref]) => String(JSON.parse(ref!)))

const nameOf = (reference: string): string =>
  decodeURIComponent(reference.slice("#/$defs/".length)).replaceAll("~1", "/").replaceAll("~0", "~")

describe("references of JSON schemas", () => {
  for (const identifier of ["Node", "acme:Node", "a/b", "a~b", "Größe", "A B", "A&B", "100%"]) {
    it(`lead to a definition of their own field: ${identifier}`, () => {
      const signature = Signature.fromSchemas({
        inputs: { question: Schema.String },
        outputs: { first: node(identifier, "one"), second: node(identifier, "two") }
      })
      const { responseFormat } = JSONAdapter.make().format({
        signature,
        inputs: { question: "?" },
        demos: [],
        config: {}
      })
      assert.strictEqual(responseFormat._tag, "JsonSchema")
      if (responseFormat._tag !== "JsonSchema") return
      const { $defs = {}, properties } = responseFormat.schema as {
        readonly $defs?: Readonly<Record<string, { readonly description?: string }>>
        readonly properties: Readonly<Record<string, unknown>>
      }
      for (const [name, description] of [["first", "one"], ["second", "two"]] as const) {
        const references = referencesOf(properties[name])
        assert.isAbove(references.length, 0)
        for (const reference of references) assert.strictEqual($defs[nameOf(reference)]?.description, description)
      }
    })
  }
})
