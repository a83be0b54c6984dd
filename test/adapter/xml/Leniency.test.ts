/** Leniency under XML. */
import { Schema } from "effect"
import { check, float, int, mood, paris, Person, qa, type Row, str, tagged, xml } from "../support/leniency.ts"

const note = Schema.NullOr(str)
const noted = { answer: str, note }
const pair = { key_note: str, answer: str }
const noon = { key_note: "x", answer: "a" }
const whole = "<answer>Paris</answer>\n<n>3</n>"
const draft = "<answer>Rome</answer>\n<n>4</n>"
const Detail = Schema.Struct({ name: str, nick: note, score: Schema.NullOr(float), tags: Schema.Array(str) })
const people = { people: Schema.Array(Person) }
const [ada, bob] = [{ name: "Ada", age: 36 }, { name: "Bob", age: 7 }]
const [adaTags, bobTags] = ["<name>Ada</name><age>36</age>", "<name>Bob</name><age>7</age>"]

/** A list of strings in its element, behind a field of text. */
const list = (kind: string, content: string, value?: ReadonlyArray<string>): Row =>
  xml(
    kind,
    tagged,
    `<answer>x</answer>\n<tags>${content}</tags>`,
    value === undefined ? undefined : { answer: "x", tags: value }
  )

const rows: ReadonlyArray<Row> = [
  // Elements that are not closed, or are in one another.
  xml("an element that is not closed, and has another field's in it", noted, "<answer>Paris\n<note>foo</note>"),
  xml("an element in another field's", noted, "<answer>a\n<note>y</note>\n</answer>"),
  xml("an element that is mentioned in another field's", noted, "<answer>the <note>y</note> tag</answer>", {
    answer: "the <note>y</note> tag",
    note: null
  }),
  xml("an opening tag that stands twice", noted, "<answer><answer>a</answer>\n<note>x</note>"),
  xml("a closing tag that stands twice", noted, "<answer>a</answer></answer>\n<note>x</note>"),
  xml("a closing tag that stands twice at the end", noted, "<answer>a</answer>\n</answer>"),
  xml("an element that is not closed in a fence that is", noted, "```xml\n<note>x</note>\n<answer>a\n```"),
  xml("marks around tags", noted, "**<answer>**a**</answer>**"),
  xml("brackets around tags", noted, "<<answer>>a<</answer>>"),
  xml("backticks around tags", noted, "`<answer>`a`</answer>`"),

  xml("an opening tag that is misspelled", noted, "<answer>a</answer>\n<nte>x</note>"),
  xml("a closing tag before its opening one", noted, "<answer>a</answer>\n</note>\nx\n<note>"),
  xml("a last element with nothing in it that is not closed", noted, "<answer>a</answer>\n<note>\n"),
  xml("a last closing tag that is misspelled", noted, "<note>x</note>\n<answer>a</ answr>"),
  xml("a last closing tag that lost its first character", noted, "<note>x</note>\n<answer>a\n/answer>"),
  xml("a last closing tag in another element", noted, "<note>\n</answer>\n</note>\n<answer>a"),
  xml("a last closing tag that is cut", noted, "<note>x</note>\n<answer>a < b</ans", { answer: "a < b", note: "x" }),
  xml("an element that is closed at once, and once more", noted, "<answer/>\na\n</answer>"),
  xml("a value behind its element", noted, "<answer>\n</answer>\na\n<note>x</note>"),
  xml("a value before its element", noted, "a\n<answer>\n</answer>\n<note>x</note>"),
  xml("items behind their list", tagged, "<answer>x</answer>\n<tags>\n</tags>\n<item>a</item>"),
  xml("a list that is closed twice", tagged, "<answer>x</answer>\n<tags><item>a</item></tags>b</item></tags>"),
  xml(
    "an object in place of an element that is empty",
    { p: Schema.NullOr(Person), n: int },
    `{"name": "A", "age": 1}\n<p>\n</p>\n<n>1</n>`
  ),
  xml("empty elements", noted, "<answer></answer>\n\n<note/>\n", { answer: "", note: "" }),

  // Fields that come again.
  xml("one field corrected", qa, `${whole}\nCorrection: <n>4</n>`),
  xml("one field corrected, before others", qa, "<answer>Rome</answer><n>3</n><answer>Paris</answer>"),
  xml("a field that says the same again", qa, `${whole}\nSo: <n>3</n>`, paris),
  xml("all fields corrected", qa, `${draft}\nCorrection:\n${whole}`, paris),
  xml("all fields corrected in another order", qa, `${draft}\nNo:\n<n>3</n><answer>Paris</answer>`, paris),
  xml("all fields corrected twice", qa, `${draft}\n${draft}\nNo:\n${whole}`, paris),
  xml("all fields corrected, then one", qa, `${draft}\nNo:\n${whole}\n<n>5</n>`),
  xml(
    "a field corrected before the reply goes on",
    qa,
    "<answer>Rome</answer>\n<answer>Paris</answer>\n<n>3</n>",
    paris
  ),
  xml(
    "all fields corrected, of which one is a list",
    tagged,
    "<tags>a</tags><answer>x</answer>\nNo:\n<tags>b</tags><answer>y</answer>",
    {
      answer: "y",
      tags: ["b"]
    }
  ),
  xml("more items", tagged, "<tags>a</tags><answer>x</answer><tags>b</tags>", { answer: "x", tags: ["a", "b"] }),
  xml("another list", tagged, `<tags>["a"]</tags><answer>x</answer><tags>["b"]</tags>`),

  // What is no part of the reply.
  ...["example", "thinking", "think", "reasoning", "draft", "scratchpad", "Example_Output"].flatMap((name) => [
    xml(`a draft in <${name}>`, qa, `<${name}>\n${draft}\n</${name}>\n${whole}`, paris),
    xml(`a draft in <${name}> behind the reply`, qa, `${whole}\n<${name}>\n${draft}\n</${name}>`, paris),
    xml(`a draft in <${name}> only`, qa, `<${name}>\n${draft}\n</${name}>`),
    xml(`half a draft in <${name}>`, qa, `<${name}>\n<answer>Rome</answer>\n</${name}>\n<n>3</n>`)
  ]),
  ...["output", "response", "answer_block", "final_draft"].map((name) =>
    xml(`the reply in <${name}>`, qa, `<${name}>\n${whole}\n</${name}>`, paris)
  ),
  xml("a draft that never ends", qa, `<draft>\nso\n${whole}`, paris),
  xml("an aside that is mentioned", qa, `I leave the <draft> out.\n${whole}`, paris),
  xml("an aside in a value", noted, "<answer>\n<draft>x</draft>\n</answer>", {
    answer: "<draft>x</draft>",
    note: null
  }),
  xml("half a draft before a thought's end", qa, "<answer>Rome</answer>\n</think>\n<n>3</n>"),
  xml("a reply in a thought only", qa, `${whole}\n</think>\n`),
  xml("comments", qa, `<!-- ${draft} -->\n${whole}\n<!-- ${draft} -->`, paris),
  xml("a comment that never ends", qa, `<!-- so\n${whole}`, paris),
  xml("JSON behind an aside", qa, `<thinking>{"answer": "Rome"}</thinking>\n{"answer": "Paris", "n": 3}`, paris),

  // Tags in other spellings.
  xml("white space in tags", pair, "< key_note >x</ key_note >\n< answer>a< / answer>", noon),
  xml("dashes and attributes", pair, `<Key-Note type="str">x</key-note><ANSWER n='1'>a</ANSWER>`, noon),
  xml("a name as Markdown escapes it", pair, "<key\\_note>x</key\\_note><answer>a</answer>", noon),
  xml("an escaped reply", pair, "&lt;key_note&gt;x &amp;lt; y&lt;/key_note&gt;\n&lt;answer&gt;a&lt;/answer&gt;", {
    key_note: "x < y",
    answer: "a"
  }),
  xml(
    "a prolog, a fence and an element around all",
    pair,
    "```xml\n<?xml version=\"1.0\"?>\n<out><key_note>x</key_note>\n<answer>a</answer></out>\n```",
    noon
  ),
  xml("another name", pair, "<key_note-1>x</key_note-1><answer>a</answer>"),
  xml("comparisons", pair, "<key_note>a < answer > b, < answer</key_note><answer>a</answer>", {
    key_note: "a < answer > b, < answer",
    answer: "a"
  }),

  // Lists.
  list("an element around the items", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>", ["a", "b"]),
  list("an element around one item", "<ul><li>a</li></ul>", ["a"]),
  list("another element around the items", "<my_tags><item>a</item><item>b</item></my_tags>", ["a", "b"]),
  list("an element around that may be an item", "<topics><topic>a</topic><topic>b</topic></topics>"),
  list("an item with markup", "<li><b>a</b> <i>b</i></li>", ["<b>a</b> <i>b</i>"]),
  list("commas between items", "<item>a</item>, <item>b</item>,", ["a", "b"]),
  list("brackets around items", "[<item>a</item>, <item>b</item>]", ["a", "b"]),
  list("bullets before items", "\n- <item>a</item>\n- <item>b</item>\n", ["a", "b"]),
  list("bullets before texts with markup", "\n- <b>a</b>\n- b\n", ["<b>a</b>", "b"]),
  list("words between items", "<item>a</item> or <item>b</item>"),
  list("an item in an item", "<item>a<item>\n</item>b</item>"),
  list("numbers in names", "<tag1>a</tag1><tag2>b</tag2>", ["a", "b"]),
  list("items in sections", "<item><![CDATA[<a> & b]]></item>", ["<a> & b"]),
  list("nothing", "", []),
  list("nothing but white space", "\n", []),
  list("an element around nothing", "<ul></ul>", []),
  list("nothing but a comment", "<!-- none -->", []),
  xml("an empty list in an empty element", tagged, "<tags/><answer>x</answer>", { answer: "x", tags: [] }),
  xml("nothing that may be null or a list", { v: Schema.NullOr(Schema.Array(str)) }, "<v></v>"),
  xml("nothing beside an item", tagged, "<answer>x</answer><tags>a</tags><tags></tags>"),
  xml("objects in an element around them", people, `<people><list><p>${adaTags}</p><p>${bobTags}</p></list></people>`, {
    people: [ada, bob]
  }),
  xml("an object", people, `<people><person>${adaTags}</person></people>`, { people: [ada] }),
  xml("properties of several objects", people, `<people>${adaTags}${bobTags}</people>`),

  // Objects.
  xml(
    "null in an object",
    { d: Detail },
    "<d><name>null</name><nick>null</nick><score>None</score><tags>a</tags></d>",
    {
      d: { name: "null", nick: null, score: null, tags: ["a"] }
    }
  ),
  xml("empty elements in an object", { d: Detail }, "<d><name/><nick>n</nick><score/><tags></tags></d>", {
    d: { name: "", nick: "n", score: null, tags: [] }
  }),
  xml(
    "lists in an object",
    { d: Detail },
    "<d><name>x</name><nick>n</nick><score>1.5</score><tags>\n- a\n- b\n</tags></d>",
    {
      d: { name: "x", nick: "n", score: 1.5, tags: ["a", "b"] }
    }
  ),
  xml("comments in an object", { p: Person }, `<p><!-- who -->${adaTags}<!-- <age>1</age> --></p>`, { p: ada }),
  xml("a property twice", { p: Person }, `<p>${adaTags}<age>7</age></p>`),
  // Thoughts, and what may be a field's element.
  ...["think", "thinking", "thought", "reasoning", "seed:think"].flatMap((tag) => [
    xml(
      `a <${tag}> that a text begins with`,
      qa,
      `<answer>\n<${tag}>Rome? </answer></${tag}>\nParis</answer>\n<n>3</n>`,
      paris
    ),
    xml(`a <${tag}> that a number begins with`, qa, `<answer>Paris</answer>\n<n><${tag}>4</${tag}> 3</n>`, paris),
    xml(`a <${tag}> that does not end`, qa, `<answer>Paris</answer>\n<n><${tag}>3</n>`)
  ]),
  xml(
    "elements that are named as thoughts are",
    { steps: Schema.Array(str) },
    "<steps><thought>a</thought><thought>b</thought></steps>",
    {
      steps: ["a", "b"]
    }
  ),
  xml("a number in an element", qa, "<answer>Paris</answer>\n<n><value>3</value></n>", paris),
  xml("one of a few values in an element", { mood, n: int }, "<mood><label>Positive</label></mood><n>3</n>", {
    mood: "positive",
    n: 3
  }),
  ...[
    "note: x",
    "**note**: x",
    "[note]x[/note]",
    "&lt;note&gt;x&lt;/note&gt;",
    "{note}x{/note}",
    "<notes>x</notes>",
    "<note x"
  ].map(
    (text) => xml(`${text} for an element`, noted, `<answer>Paris</answer>\n${text}`)
  ),
  xml("elements behind an object", qa, `{"answer": "Rome", "n": 9}\n${whole}`),

  xml("a comment before a number", { n: int, mood }, "<n><!-- so --> 3</n><mood>positive</mood>", {
    n: 3,
    mood: "positive"
  })
]

check(rows)
