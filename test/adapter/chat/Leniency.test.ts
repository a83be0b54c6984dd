/** Leniency under Chat: sections, and words around a value. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { adapters, decodeEverySplit, errorOf, valuesOf } from "../support/decode.ts"
import {
  bool,
  chat,
  check,
  float,
  int,
  mood,
  outputs,
  paris,
  Person,
  qa,
  type Row,
  sections,
  str,
  strings
} from "../support/leniency.ts"

const rows: ReadonlyArray<Row> = [
  chat("a number in bold", int, "**42**", 42),
  chat("a number with a full stop", int, "42.", 42),
  chat("a number behind words", int, "The answer is 42.", 42),
  chat("a number above its reason", int, "42\n\nBecause it is.", 42),
  chat("nothing, where there may be", Schema.NullOr(int), "", null),
  chat("yes", bool, "Yes", true),
  chat("no, and why", bool, "No - there is nothing.", false),
  chat("true with a full stop", bool, "True.", true),
  chat("true above its reason", bool, "true\n\nBecause it says so.", true),
  chat("a value in bold", mood, "**positive**", "positive"),
  chat("a value and why", mood, "positive - the tone is warm, not cold", "positive"),
  chat("a value in a sentence", mood, "The sentiment is positive", "positive"),
  chat("a value in brackets", mood, "[positive]", "positive"),
  chat("a value in an object", mood, `{"label": "positive"}`, "positive"),
  chat("a short value with a mark", Schema.Literals(["A", "B"]), "B. Because", "B"),
  chat("a tuple", strings, `("a", "b")`, ["a", "b"]),
  chat("items in quotes", strings, `"a", "b"`, ["a", "b"]),
  chat("items that are numbers", Schema.Array(int), "1, 2, 3", [1, 2, 3]),
  chat("a Markdown list", strings, "Here they are:\n\n- a\n- b [with] brackets", ["a", "b [with] brackets"]),
  chat("a numbered list", strings, "1. a\n2. b", ["a", "b"]),
  chat("a list in an object", strings, `{"items": ["a", "b"]}`, ["a", "b"]),
  chat("a list of one for an object", Person, `[{"name": "Ada", "age": 36}]`, { name: "Ada", age: 36 }),
  chat("an object behind braces of prose", Person, `Here is {the} person: {"name": "Ada", "age": 36}`, {
    name: "Ada",
    age: 36
  }),
  chat("words that are a list or a sentence", strings, "a, b"),
  chat("a word for nothing, where a list was asked for", strings, "none"),
  chat("a word that is one of the values by accident", Schema.Literals(["a", "b"]), "a good one"),
  chat("about a number", int, "about 42"),
  chat("two numbers", int, "The answer is 42 or x = 43"),
  chat("a word that is no answer", bool, "No evidence was found"),
  chat("two objects", Person, `{"name": "A", "age": 1}\n\n{"name": "B", "age": 2}`),
  chat("a bracket that closes nothing", strings, `["a", "b"}, "x": ["c"]}`),
  chat("a value behind its field's name", int, "**v:** 42", 42),
  chat("a value that equals its field's name", int, "v = 42", 42),
  chat("a truth value behind its field's name", bool, "`v`: true", true),
  chat("a value behind another name", int, "w = 42"),
  chat("words behind the field's name", int, "v: about 42"),
  chat("a value in an element", int, "<value>42</value>", 42),
  chat("a value in an element that denies it", int, "<not>42</not>"),
  ...[["", ""], ["- ", "- "], ["1. ", "2. "], ["", ","]].map(([one, two]) =>
    chat(
      `objects one behind the other, with ${JSON.stringify(one)} and ${JSON.stringify(two)} before them`,
      Schema.Array(Person),
      two === ","
        ? `{"name": "A", "age": 1},\n{"name": "B", "age": 2}`
        : `${one}{"name": "A", "age": 1}\n${two}{"name": "B", "age": "2"}`,
      [{ name: "A", age: 1 }, { name: "B", age: 2 }]
    )
  ),
  chat("objects of which one is no item", Schema.Array(Person), `{"name": "A", "age": 1}\n{"name": "B", "age": "x"}`),
  chat("objects behind words", Schema.Array(Person), `So:\n{"name": "A", "age": 1}\nand\n{"name": "B", "age": 2}`),
  chat("two objects where anything may stand", Schema.Json, `{"a": 1}\n{"b": 2}`),
  chat("a list in a list", strings, "- a\n  - b\n- c"),
  chat("a list with a margin", strings, "  - a\n  - b\n  - c", ["a", "b", "c"]),

  // What stands right before a marker.
  ...["42", "1", "1.5", "7.", "12)", "`x`", "**b**", "~~c~~", "10%", "- a"].flatMap((text) => [
    sections(
      `${text} right before a marker`,
      qa,
      `[[ ## answer ## ]]\n${text}[[ ## n ## ]]\n3\n[[ ## completed ## ]]`,
      {
        answer: text,
        n: 3
      }
    ),
    sections(
      `${text} right before the last marker`,
      qa,
      `[[ ## n ## ]]\n3\n[[ ## answer ## ]]\n${text}[[ ## completed ## ]]`,
      { answer: text, n: 3 }
    )
  ]),
  sections("a number right before a marker", { n: int, answer: str }, "[[ ## n ## ]]\n42[[ ## answer ## ]]\nx", {
    n: 42,
    answer: "x"
  }),
  ...["-", "*", "**", "#", ">", "1.", "\u2022", "_", "~"].flatMap((sign) => [
    sections(
      `${sign} alone before a marker`,
      qa,
      `[[ ## answer ## ]]\n${sign} [[ ## n ## ]]\n3\n[[ ## completed ## ]]`
    ),
    sections(`${sign} before all markers`, qa, `${sign} [[ ## n ## ]]\n3\n${sign} [[ ## answer ## ]]\nParis`, paris)
  ]),
  sections("no text in a decorated section", qa, "- [[ ## answer ## ]]\n- [[ ## n ## ]]\n3", { answer: "", n: 3 }),
  sections(
    "characters without a width before markers",
    qa,
    "\u200b[[ ## answer ## ]]\nParis\n\n\u200b[[ ## n ## ]]\n3",
    paris
  ),
  sections(
    "signs before a marker",
    qa,
    "[[ ## answer ## ]]\nParis\n\n\u{1f4cc} [[ ## n ## ]]\n3\n\n[[ ## completed ## ]]"
  ),
  sections("a sign at the end of a text", qa, "[[ ## answer ## ]]\nParis \u{1f389}\n[[ ## n ## ]]\n3", {
    answer: "Paris \u{1f389}",
    n: 3
  }),
  sections("a text before its marker", qa, "Paris\n[[ ## answer ## ]]\n\n[[ ## n ## ]]\n3\n\n[[ ## completed ## ]]"),
  sections("words before the markers", qa, "Sure:\n[[ ## answer ## ]]\nParis\n\n[[ ## n ## ]]\n3", paris),

  // Thoughts of models whose tags are none of XML.
  ...[["<|begin_of_thought|>", "<|end_of_thought|>"], ["<|channel>thought", "<channel|>"]].flatMap(([begin, end]) => [
    sections(
      `a thought in ${begin}`,
      qa,
      `${begin}\n[[ ## answer ## ]]\nRome\n${end}\n[[ ## answer ## ]]\nParis\n\n[[ ## n ## ]]\n3`,
      paris
    ),
    sections(
      `a thought before ${end}`,
      qa,
      `[[ ## answer ## ]]\nRome\n${end}\n[[ ## answer ## ]]\nParis\n\n[[ ## n ## ]]\n3`,
      paris
    ),
    sections(
      `a thought in ${begin} in a section`,
      qa,
      `[[ ## answer ## ]]\n${begin}Rome?${end}Paris\n\n[[ ## n ## ]]\n3`,
      paris
    )
  ]),

  // The last marker in other words.
  ...["**completed**", "completed:", "<completed>", "--- Completed ---"].map((last) =>
    sections(`${last} for the last marker`, qa, `[[ ## n ## ]]\n3\n\n[[ ## answer ## ]]\nParis\n\n${last}`)
  ),
  sections("a status", { status: str }, "[[ ## status ## ]]\ncompleted", { status: "completed" }),

  // A field that may be null, under something else than its marker.
  ...["**note:** x", "note: x", "Note: x", "<note>x</note>", "[note]: x", "\u00abnote\u00bb\nx"].map((text) =>
    sections(
      `${JSON.stringify(text)} for a section`,
      { answer: str, note: Schema.NullOr(str) },
      `[[ ## answer ## ]]\nParis\n\n${text}\n\n[[ ## completed ## ]]`
    )
  ),
  sections(
    "a word that is a field's name",
    { answer: str, note: Schema.NullOr(str) },
    "[[ ## answer ## ]]\nNote that it rains.\nTake note: bring a coat.\n\n[[ ## completed ## ]]",
    { answer: "Note that it rains.\nTake note: bring a coat.", note: null }
  ),
  sections(
    "sections behind an object",
    qa,
    `{"answer": "Rome", "n": 9}\n\n[[ ## answer ## ]]\nParis\n\n[[ ## n ## ]]\n3\n\n[[ ## completed ## ]]`
  )
]

check(rows)

/** Texts in a section, by what they say: a value, or nothing that can be relied on. */
const said: ReadonlyArray<readonly [Row["outputs"][string], string, ...ReadonlyArray<unknown>]> = [
  ...[
    "positive",
    "Positive.",
    "`positive`",
    "Sentiment: positive",
    "The overall sentiment of this review is positive.",
    "positive\n\nBecause it is not cold"
  ]
    .map((text) => [mood, text, "positive"] as const),
  ...[
    "not\npositive",
    "It is not. positive",
    "Wrong: positive",
    "positive is not correct",
    "positive isn't right",
    "positive: false",
    "positive, but no",
    "positive?",
    "un-positive",
    "~~positive~~",
    "!positive",
    "opposite of positive",
    "false positive",
    "mixed: positive",
    "positive or neutral",
    `{"positive": false}`,
    `{"not": "positive"}`
  ].map((text) => [mood, text] as const),
  [Schema.Literals(["happy", "unhappy"]), "un-happy"],
  [Schema.Literals(["male", "female"]), "fe-male"],
  [Schema.Literals(["approve", "reject"]), "unable to approve"],
  [Schema.Literals(["sugar", "salt"]), "sugar-free"],
  [Schema.Literals(["A", "B"]), "A-"],
  [Schema.Literals(["5", "10"]), "-5"],
  [Schema.Literals(["5", "10"]), "5.5"],
  [Schema.Literals(["1", "2"]), "1", "1"],
  ...["n != 5", "n <= 5", "at least: 5", "minus: 5", "Wrong answer: 5", "5\nmillion"].map((text) =>
    [float, text] as const
  ),
  ...["Nothing is true", "The opposite is true", "yes - well, it isn't really so", "no, that is correct"]
    .map((text) => [bool, text] as const),
  [Schema.Array(int), "1,234"],
  [Schema.Json, "[1, 12345678901234567890]"],
  [Schema.Json, "12345678901234567890"],
  [Schema.Json, `{"a": [1, 2`],
  [Schema.Json, "5 apples", "5 apples"],
  [Schema.Json, `{"a": 1, "a": 2}`],
  [Schema.Union([Person, strings]), `{"name": "Ada", "age": 36, "age": 37}`],
  [float, "12345678901234567890"],
  [float, "100000000000000000000", 1e20],
  [Schema.DateFromString, "**2026-01-02**", new Date("2026-01-02")],
  [Schema.DateFromString, "Item 5"]
]

describe("words around a value", () => {
  for (const [type, text, ...value] of said) {
    it(`${JSON.stringify(text)} is ${value.length === 0 ? "asked again" : JSON.stringify(value[0])}`, () => {
      const decoded = decodeEverySplit(
        adapters.Chat,
        outputs({ v: type }),
        `[[ ## v ## ]]\n${text}\n\n[[ ## completed ## ]]`
      )
      if (value.length === 0) assert.isAbove(errorOf(decoded).issues.length, 0)
      else assert.deepStrictEqual(valuesOf(decoded), { v: value[0] })
    })
  }
})
