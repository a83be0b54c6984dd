/** What replies in elements look like in practice, and how they are read. */
import { assert, describe, it } from "@effect/vitest"
import * as Signature from "effect-lm/signature/Signature"
import { textAt } from "../support/said.ts"
import { decode, decodeEverySplit, errorOf, valuesOf } from "./support/decode.ts"
import { answerOf, qa, read, two, XML } from "./xml/replies.ts"

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
