/** Leniency under Chat: sections, and words around a value. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { bool, chat, check, float, int, mood, outputs, Person, type Row, strings } from "./leniency.ts"
import { adapters, decodeEverySplit, errorOf, valuesOf } from "./support.ts"

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
  chat("a bracket that closes nothing", strings, `["a", "b"}, "x": ["c"]}`)
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
