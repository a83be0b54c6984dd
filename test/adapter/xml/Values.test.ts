/** Values in elements that are no text. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { decode, decodeEverySplit, errorOf } from "../support/decode.ts"
import { answerOf, read, XML } from "./replies.ts"

describe("values that are no text", () => {
  it("JSON, with entities or in a CDATA section", () => {
    const typed = Signature.make("q -> items: list[str], label: 'good' | 'bad', n: int, flag: bool")
    assert.deepStrictEqual(
      read(typed, `<items>["a &lt; b", "c"]</items>\n<label>Good</label><n> 42 </n><flag>True</flag>`),
      { items: ["a < b", "c"], label: "good", n: 42, flag: true }
    )
    assert.deepStrictEqual(
      read(typed, `<items><![CDATA[["</items>"]]]></items><label>"bad"</label><n>1</n><flag>false</flag>`),
      { items: ["</items>"], label: "bad", n: 1, flag: false }
    )
  })

  it("elements that do not fit are an error that says what is wanted", () => {
    const typed = Signature.make("q -> items: list[str]")
    for (
      const content of [
        "<item>a</item><item>b",
        "<item>a</item><other>b</other>",
        "<item>a</wrong>",
        "<item>a</item> and"
      ]
    ) {
      const error = errorOf(decodeEverySplit(XML, typed, `<items>${content}</items>`))
      assert.deepStrictEqual(error.missing, [])
      assert.isTrue(error.issues.every(({ path }) => path[0] === "items"), content)
    }
  })
})

describe("values in elements", () => {
  const Person = Schema.Struct({
    name: Schema.String,
    age: Schema.Int,
    tags: Schema.optionalKey(Schema.Array(Schema.String))
  })
  const typed = (schema: Schema.ConstraintCodec<unknown, unknown>) =>
    Signature.fromSchemas({ inputs: {}, outputs: { v: schema } })
  const strings = typed(Schema.Array(Schema.String))

  it("lists", () => {
    for (
      const [content, value] of [
        ["<item>a</item><item>b</item>", ["a", "b"]],
        ["\n  <tag>a</tag>\n  <tag>b</tag>\n", ["a", "b"]],
        ["<item>a</item>", ["a"]],
        ["<item n='1'>a</item><ITEM/>", ["a", ""]],
        ["<item>a &lt; b &amp; c</item><item><![CDATA[<b> &amp;]]></item>", ["a < b & c", "<b> &amp;"]],
        ["<item>use <b>bold</b> text</item><!-- <x> --><item>1 < 2</item>", ["use <b>bold</b> text", "1 < 2"]],
        ["<item>[1]</item>", ["[1]"]],
        ["<li><b>x</b></li>", ["<b>x</b>"]]
      ] as const
    ) {
      assert.deepStrictEqual(read(strings, `<v>${content}</v>`), { v: value }, content)
    }
  })

  it("a list streams by its items", () => {
    const decoder = XML.decoder(strings)
    const shown = (text: string) => decoder.push(text).map((part) => part.text).join("")
    assert.strictEqual(shown("<v><item>a</ite"), "")
    const first = shown("m><item>")
    assert.include(first, "[\"a")
    const all = first + shown("b</item>")
    assert.include(all, "\"a\",\"b")
    assert.deepStrictEqual(JSON.parse(all + shown("</v>")), ["a", "b"])
  })

  it("the element itself, repeated", () => {
    assert.deepStrictEqual(read(strings, "<v>a</v><v>b</v>\n<v>c &amp; d</v>"), { v: ["a", "b", "c & d"] })
    assert.deepStrictEqual(read(strings, "<v>[\"a\", \"b\"]</v>"), { v: ["a", "b"] })
    const both = Signature.make("q -> v: list[str], answer")
    assert.deepStrictEqual(read(both, "<v>a</v><v>b</v>\n<answer>x</answer>"), { v: ["a", "b"], answer: "x" })
    assert.deepStrictEqual(read(both, "<v>a</v>\n<answer>x</answer>\n<v>b</v>"), { v: ["a", "b"], answer: "x" })
    assert.strictEqual(errorOf(decodeEverySplit(XML, strings, "<v>[\"a\"]</v><v>[\"b\"]</v>")).issues.length, 1)
    const people = typed(Schema.Array(Person))
    const [ada, bob] = ["<name>Ada</name><age>36</age>", "<name>Bob</name><age>7</age>"]
    assert.deepStrictEqual(read(people, `<v>${ada}</v><v>${bob}</v>`), {
      v: [{ name: "Ada", age: 36 }, { name: "Bob", age: 7 }]
    })
    assert.deepStrictEqual(read(people, `<v>${ada}</v>`), { v: [{ name: "Ada", age: 36 }] })
  })

  it("objects, and what is in them", () => {
    for (
      const [schema, content, value] of [
        [Person, "\n <name>Ada</name>\n <age>36</age>\n", { name: "Ada", age: 36 }],
        [Person, "<Name>Ada</Name><AGE> 36 </AGE>", { name: "Ada", age: 36 }],
        [Person, "<name>A</name><age>1</age><tags><tag>x</tag></tags>", { name: "A", age: 1, tags: ["x"] }],
        [Person, "<name>A</name><age>1</age><tags>x</tags><tags>y</tags>", { name: "A", age: 1, tags: ["x", "y"] }],
        [Person, "<object><name>A</name><age>1</age></object>", { name: "A", age: 1 }],
        [
          Schema.Array(Person),
          "<person><name>A</name><age>1</age></person>\n<person><name>B</name><age>2</age></person>",
          [{ name: "A", age: 1 }, { name: "B", age: 2 }]
        ],
        [Schema.NullOr(Person), "<name>A</name><age>1</age>", { name: "A", age: 1 }],
        [Schema.Array(Schema.Array(Schema.Int)), "<row><n>1</n><n>2</n></row><row><n>3</n></row>", [[1, 2], [3]]],
        [Schema.Record(Schema.String, Schema.Int), "<a>1</a><b>2</b>", { a: 1, b: 2 }],
        [Schema.Json, "<a>x</a><b><item>y</item></b>", { a: "x", b: ["y"] }],
        [Schema.Json, "<a>x</a><a>y</a>", ["x", "y"]]
      ] as const
    ) {
      assert.deepStrictEqual(read(typed(schema), `<v>${content}</v>`), { v: value }, content)
    }
  })

  it("in a field of text they are text", () => {
    assert.strictEqual(answerOf("<answer><item>a</item><item>b</item></answer>"), "<item>a</item><item>b</item>")
  })

  it("names in them reach no prototype", () => {
    const dict = typed(Schema.Record(Schema.String, Schema.String))
    const { v } = read(dict, "<v><__proto__>x</__proto__><constructor>y</constructor></v>")
    assert.deepStrictEqual(Object.keys(v as object), ["__proto__", "constructor"])
    assert.strictEqual(Object.getPrototypeOf(v), Object.prototype)
  })

  it("nested too deeply they are an issue", () => {
    const deep = `${"<a>".repeat(50_000)}${"</a>".repeat(50_000)}`
    assert.strictEqual(errorOf(decode(XML, strings, [`<v>${deep}</v>`])).issues.length, 1)
  })
})
