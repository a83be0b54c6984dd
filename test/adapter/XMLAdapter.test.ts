/** What replies in elements look like in practice, and how they are read. */
import { assert, describe, it } from "@effect/vitest"
import * as Signature from "effect-lm/signature/Signature"
import { adapters, decode, decodeEverySplit, errorOf, inPieces, valuesOf } from "./support.ts"

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
    "twice": "<answer>Hi</answer><answer>No</answer>"
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
    assert.deepStrictEqual(decoder.push("</answer>"), [{ field: "answer", text: "", isLast: true }])
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

  it("elements in place of JSON are an error that says what is wanted", () => {
    const typed = Signature.make("q -> items: list[str]")
    const error = errorOf(decode(XML, typed, inPieces("<items><item>a</item><item>b</item></items>", [3])))
    assert.deepStrictEqual(error.missing, [])
    assert.deepStrictEqual(error.issues.map(({ path }) => path), [["items"]])
  })
})
