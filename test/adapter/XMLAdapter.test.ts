/** What replies in elements look like in practice, and how they are read. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Signature from "effect-lm/signature/Signature"
import { textAt } from "../support/said.ts"
import { adapters, decode, decodeEverySplit, errorOf, valuesOf } from "./support/decode.ts"

const { XML } = adapters
const qa = Signature.make("question -> answer")
const two = Signature.make("question -> reasoning, answer")

const read = (signature: Signature.Any, reply: string) => valuesOf(decodeEverySplit(XML, signature, reply))
const answerOf = (reply: string) => read(qa, reply)["answer"]

describe("content", () => {
  const contents: Readonly<Record<string, readonly [string, string]>> = {
    "entities": ["a &lt; b &amp;&amp; c &gt; d &quot;e&quot; &apos;f&apos;", "a < b && c > d \"e\" 'f'"],
    "entities by number": ["&#65;&#x42;&#X43; &#x1F44D; &#128077;", "ABC 👍 👍"],
    "a surrogate pair by number": ["&#xD83D;&#xDC4D; &#xD83D;", "👍 \ufffd"],
    "an entity that is decoded once": ["&amp;lt;", "&lt;"],
    "unknown entities": [
      "&nbsp; &foo; &; &#; &#x; &#0; &#x110000; AT&T & co &amp",
      "&nbsp; &foo; &; &#; &#x; &#0; &#x110000; AT&T & co &amp"
    ],
    "a long word after an ampersand": [`&${"a".repeat(100)};`, `&${"a".repeat(100)};`],
    "other tags": ["use <b>bold</b> text, <br/> and <!-- notes -->", "use <b>bold</b> text, <br/> and <!-- notes -->"],
    "tags that begin alike": ["<answers>1</answers> </answer2> </ans> </", "<answers>1</answers> </answer2> </ans> </"],
    "its own opening tag": ["write <answer> there", "write <answer> there"],
    "comparisons": ["a < b, b <= c, <- <3 <", "a < b, b <= c, <- <3 <"],
    "a CDATA section": ["x <![CDATA[<b> & ]] ]> &amp; </answer>]]> y", "x <b> & ]] ]> &amp; </answer> y"],
    "two CDATA sections": ["<![CDATA[a]]><![CDATA[b]]]]>", "ab]]"],
    "an empty CDATA section": ["<![CDATA[]]>", ""],
    "something like a CDATA section": ["<![CDAT[x]]> <!x", "<![CDAT[x]]> <!x"],
    "white space": ["\r\n\t a\r\n\r\n b \n\n", "a\r\n\r\n b"],
    "brackets": ["]] ]]> [[1]]", "]] ]]> [[1]]"],
    "empty": ["", ""]
  }
  for (const [name, [written, value]] of Object.entries(contents)) {
    it(name, () => {
      assert.strictEqual(answerOf(`<answer>${written}</answer>`), value)
      assert.strictEqual(answerOf(`<answer>\n${written}\n</answer>\n`), value)
    })
  }
})

describe("tags", () => {
  const replies = {
    "as it should be": "<answer>\nHi\n</answer>",
    "with attributes": `<answer lang="en" note='a>b' x = y>Hi</answer>`,
    "with white space": "<answer \n >Hi</answer  \n>",
    "with an apostrophe in an attribute": "<answer it's>Hi</answer>",
    "in another case": "<Answer>Hi</ANSWER>",
    "inside another element": `<?xml version="1.0"?>\n<output>\n  <answer>Hi</answer>\n</output>`,
    "after another element": "<thinking>a < b</thinking><x/><answer>Hi</answer>",
    "in a code fence": "```xml\n<answer>Hi</answer>\n```",
    "after prose": "Well, 1 < 2 and <- that: <answer>Hi</answer> there",
    "without the last closing tag": "<answer>\nHi\n",
    "with a closing tag that is cut": "<answer>Hi</ans",
    "with a closing tag that is cut at its end": "<answer>Hi</answer ",
    "twice": "<answer>No</answer><answer>Hi</answer>",
    "with a stray closing tag behind": "<output>\n<answer>Hi</answer>\n</output>\nSome </answer> text"
  }
  for (const [name, reply] of Object.entries(replies)) {
    it(name, () => assert.strictEqual(answerOf(reply), "Hi"))
  }

  it("an element that is empty", () => {
    for (const reply of ["<answer/>", "<answer />", `<answer a="b"/>`, "<answer></answer>"]) {
      const decoded = decodeEverySplit(XML, qa, reply)
      assert.strictEqual(valuesOf(decoded)["answer"], "")
      assert.deepStrictEqual(decoded.parts, [{ field: "answer", text: "", isLast: true }])
    }
  })

  it("two fields, in any order, with a quoted neighbour", () => {
    assert.deepStrictEqual(
      read(two, "<answer>see <reasoning>this</reasoning></answer><reasoning>because</reasoning>"),
      { answer: "see <reasoning>this</reasoning>", reasoning: "because" }
    )
  })

  it("no elements", () => {
    for (const reply of ["", "Paris", "<answer", "<ans", "<answering>x</answering>", "</answer>"]) {
      assert.deepStrictEqual(errorOf(decode(XML, qa, [reply])).missing, ["answer"], reply)
    }
  })
})

describe("pieces as they really come", () => {
  it("only what may become markup waits", () => {
    const decoder = XML.decoder(qa)
    const shown = (text: string) => decoder.push(text).map((part) => part.text).join("")
    assert.strictEqual(shown("<ans"), "")
    assert.strictEqual(shown("wer>use <b"), "use <b")
    assert.strictEqual(shown(">bold</"), ">bold")
    assert.strictEqual(shown("b> text"), "</b> text")
    assert.strictEqual(shown(" & co"), " & co")
    assert.strictEqual(shown("&l"), "")
    assert.strictEqual(shown("t;"), "<")
    assert.strictEqual(shown("</ans"), "")
    assert.strictEqual(shown("wers>"), "</answers>")
    // It may be content: the reply's end tells.
    assert.strictEqual(shown("</answer>"), "")
    assert.deepStrictEqual(decoder.end().parts, [{ field: "answer", text: "", isLast: true }])
  })

  it("a closing tag in a model's tokens", () => {
    const decoded = decode(XML, qa, ["<", "answer", ">", "Hi", "</", "ans", "wer", ">"])
    assert.deepStrictEqual(decoded.parts, [
      { field: "answer", text: "Hi", isLast: false },
      { field: "answer", text: "", isLast: true }
    ])
  })
})

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

describe("closing tags", () => {
  const code = Signature.make("q -> code, answer: str | None")
  const contents = [
    "print('</code>')",
    "print('</code>', '</code>')",
    "</code> and </code>",
    "<b></code></b>",
    "<code>x</code> and <code>y</code>",
    "<code>x <code>y</code></code>",
    "x='</code>'; y='<answer>'",
    "<![CDATA[</code>]]></code> &amp; <![CDATA[</code>]]>"
  ]
  for (const content of contents) {
    it(`${content} is content`, () => {
      const value = content.replaceAll(/<!\[CDATA\[|\]\]>/g, "").replaceAll("&amp;", "&")
      for (const space of ["", "\n"]) {
        const reply = `<code>${space}${content}${space}</code>`
        assert.deepStrictEqual(read(code, reply), { code: value, answer: null })
        assert.deepStrictEqual(read(code, `${reply}\n<answer>Hi</answer>`), { code: value, answer: "Hi" })
        assert.deepStrictEqual(read(code, `<output>${reply}\n</output>\nThat </code> is all.`), {
          code: value,
          answer: null
        })
      }
    })
  }

  it("end the value where prose follows, or another field", () => {
    assert.strictEqual(answerOf("<answer>Hi</answer> That is all."), "Hi")
    assert.deepStrictEqual(
      read(two, "<reasoning>r</reasoning> and so <answer>a</answer> there"),
      { reasoning: "r", answer: "a" }
    )
  })

  it("that could be either are asked again", () => {
    for (
      const reply of [
        "<answer>Hi</answer>\nI used the <answer> and </answer> tags.",
        "<reasoning>r</reasoning> then <answer>a</answer>, and </reasoning> ends it"
      ]
    ) {
      assert.isAbove(errorOf(decodeEverySplit(XML, two, reply)).issues.length, 0, reply)
    }
  })
})

describe("mentions", () => {
  const replies = {
    "of its own tag": "I will use the <answer> tag.\n\n<answer>Hi</answer>",
    "of its own tags": "I will use the <answer> and </answer> tags.\n\n<answer>Hi</answer>",
    "in backticks": "I will use `<answer>`.\n<answer>Hi</answer>",
    "and a tag in the line": "I will use the <answer> tag: <answer>Hi</answer>",
    "over and over": "The <answer> tag, the <answer> tag, the <answer> tag.\n<answer>Hi</answer>",
    "behind it": "<answer>Hi</answer>\nI used the <answer> tag as I was asked."
  }
  for (const [name, reply] of Object.entries(replies)) {
    it(name, () => assert.strictEqual(answerOf(reply), "Hi"))
  }

  it("of several fields", () => {
    for (
      const prose of [
        "I will use <reasoning> and <answer> tags.",
        "I'll fill <answer>, then <reasoning>.",
        "First `<answer>`, then `<reasoning>`."
      ]
    ) {
      const reply = `${prose}\n\n<reasoning>r</reasoning>\n<answer>a</answer>`
      assert.deepStrictEqual(read(two, reply), { reasoning: "r", answer: "a" })
    }
    assert.deepStrictEqual(
      read(two, "<reasoning>I will put it in the <answer> tag.</reasoning>\n<answer>a</answer>"),
      { reasoning: "I will put it in the <answer> tag.", answer: "a" }
    )
  })

  it("that may be the element are asked again", () => {
    for (const reply of ["The <answer> tag: Paris", "<answer>is first\n<answer>is second</answer>"]) {
      assert.deepStrictEqual(
        errorOf(decodeEverySplit(XML, qa, reply)).issues.map(({ path }) => path),
        [["answer"]],
        reply
      )
    }
  })

  it("inside the element are content", () => {
    for (
      const content of [
        "use the <answer> tag",
        "use <answer>x</answer> here",
        "<answer>x</answer> or <answer>y</answer> here"
      ]
    ) {
      assert.strictEqual(answerOf(`Sure: <answer>${content}</answer>`), content)
    }
  })
})

describe("what the reply takes back", () => {
  const isAnew = (signature: Signature.Any, reply: string) =>
    decodeEverySplit(XML, signature, reply).parts.some((part) => part.anew === true)

  it("a draft before a thought's end", () => {
    for (
      const reply of [
        "<answer>London</answer>? No.\n</think>\n<answer>Hi</answer>",
        "Maybe <answer>London? No.\n</think>\n<answer>Hi</answer>",
        "<answer>London</answer>\n<question>x</question>\n</think>\n<answer>Hi</answer>"
      ]
    ) {
      assert.strictEqual(answerOf(reply), "Hi")
      assert.isTrue(isAnew(qa, reply))
    }
    const reply = "<answer>London\n</think>\n<reasoning>r</reasoning>\n<answer>a</answer>"
    assert.deepStrictEqual(read(two, reply), { reasoning: "r", answer: "a" })
    assert.strictEqual(answerOf("<answer>The </think> tag</answer>"), "The </think> tag")
    assert.isFalse(isAnew(qa, "Let me see.\n</think>\n<answer>Hi</answer>"))
  })

  it("nothing is taken back of what is no part of the reply", () => {
    for (const name of ["think", "Thinking", "example", "first_draft", "scratchpad"]) {
      for (
        const reply of [
          `<${name}>Maybe <answer>London</answer></${name}><answer>Hi</answer>`,
          `<answer>Hi</answer>\n<${name}>\n<answer>London</answer>\n</${name} >`,
          `<${name}>a <${name}>b</${name}> <answer>London</answer></${name}>\n<answer>Hi</answer>`
        ]
      ) {
        assert.strictEqual(answerOf(reply), "Hi")
        assert.isFalse(isAnew(qa, reply))
      }
    }
  })

  it("an element that is written again", () => {
    for (
      const [reply, answer] of [
        ["<answer>London</answer> No, wait. <answer>Hi</answer>", "Hi"],
        ["<answer>London</answer> Or rather\n\n<answer>Hi</answer>\n", "Hi"],
        ["<answer>a</answer> no, <answer>b</answer> no, <answer>c</answer> no, <answer>d</answer>", "d"]
      ] as const
    ) {
      assert.strictEqual(answerOf(reply), answer)
      assert.deepStrictEqual(
        errorOf(decodeEverySplit(XML, two, `<reasoning>r</reasoning>\n${reply}`)).issues.map(({ path }) => path),
        [["answer"]]
      )
      assert.deepStrictEqual(read(two, `${reply}\n<reasoning>r</reasoning>`), { reasoning: "r", answer })
    }
    assert.strictEqual(errorOf(decodeEverySplit(XML, qa, "<answer>a</answer> No: <answer>b")).issues.length, 1)
  })

  it("nothing of the next turn counts", () => {
    assert.strictEqual(answerOf("<answer>Hi</answer>\n\n<question>And?</question>\n<answer>No</answer>"), "Hi")
    assert.deepStrictEqual(
      read(two, "<answer>a</answer>\n<question>And?</question>\n<reasoning>r</reasoning>"),
      { reasoning: "r", answer: "a" }
    )
  })
})

describe("names in other spellings", () => {
  const points = Signature.make("question -> key_points")
  for (const name of ["Key_Points", "KEY_POINTS", "key-points", "Key Points", "keyPoints", "KeyPoints"]) {
    it(name, () => {
      assert.deepStrictEqual(read(points, `<${name}>x</${name}>`), { key_points: "x" })
      assert.deepStrictEqual(read(points, `<${name} \n>x</${name} >`), { key_points: "x" })
    })
  }

  it("with attributes", () => {
    assert.deepStrictEqual(read(points, "<Key_Points a='b' c=\"d>\">x</key_points>"), { key_points: "x" })
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

describe("a JSON object in place of the elements", () => {
  const typed = Signature.make("question -> answer, tags: list[str]")
  const object = "{\"answer\": \"see <answer>x</answer>\", \"tags\": [\"a\"]}"

  it("is read, with or without a fence or words around it", () => {
    for (
      const reply of [
        object,
        `\`\`\`json\n${object}\n\`\`\``,
        `Here it is:\n\n${object.replace("<answer>x</answer>", "x")}`,
        `<answer>London\n</think>\n${object}`
      ]
    ) {
      const answer = reply.startsWith("Here") ? "see x" : "see <answer>x</answer>"
      assert.deepStrictEqual(read(typed, reply), { answer, tags: ["a"] }, reply)
    }
  })

  it("is none where an element was there", () => {
    assert.strictEqual(answerOf("{so}\n<answer>{\"answer\": 1}</answer>"), "{\"answer\": 1}")
    assert.deepStrictEqual(errorOf(decode(XML, qa, ["<question>{\"answer\": 1}</question>"])).missing, ["answer"])
  })
})

describe("a reply whose markup is all escaped", () => {
  it("is none that a text in a prompt can be", () => {
    for (const text of ["<answer>x</answer>", "<answer&gt;x</answer&gt;", "&lt;answer&gt;x&lt;/answer&gt;"]) {
      const request = XML.format({
        signature: qa,
        inputs: { question: "?" },
        demos: [],
        config: {},
        turns: [{ _tag: "Reply", reply: "<answer>y</answer>", then: text }]
      })
      assert.deepStrictEqual(errorOf(decode(XML, qa, [textAt(request, -1)])).missing, ["answer"], text)
    }
    assert.strictEqual(answerOf("&lt;answer&gt;x&lt;/answer&gt;"), "x")
    assert.strictEqual(errorOf(decode(XML, qa, ["So: &lt;answer&gt;x&lt;/answer&gt;"])).issues.length, 1)
  })
})
