/**
 * The rule of all readers: what can be read in one way only is read at once; what could be read in two is asked again; nothing
 * is read wrong. Each row is one of a kind that models do send.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import type { Adapter } from "effect-lm/adapter/Adapter"
import * as ChatAdapter from "effect-lm/adapter/ChatAdapter"
import * as JSONAdapter from "effect-lm/adapter/JSONAdapter"
import * as XMLAdapter from "effect-lm/adapter/XMLAdapter"
import * as Predict from "effect-lm/module/Predict"
import * as Signature from "effect-lm/signature/Signature"
import * as ScriptedLM from "effect-lm/testing/ScriptedLM"
import { adapters, decodeEverySplit, errorOf, valuesOf } from "./support.ts"

type Name = keyof typeof adapters

const layers = { Chat: ChatAdapter.layer, JSON: JSONAdapter.layer, XML: XMLAdapter.layer }

const str = Schema.String
const int = Schema.Int
const float = Schema.Finite
const bool = Schema.Boolean
const mood = Schema.Literals(["positive", "negative"])
const strings = Schema.Array(str)
const Person = Schema.Struct({ name: str, age: int })
const Item = Schema.Struct({ title: str, price: float, used: bool })

const outputs = (fields: Signature.Any["output"]["fields"]): Signature.Any =>
  Signature.fromSchemas({ inputs: { q: str }, outputs: fields })

interface Row {
  readonly kind: string
  readonly adapter: Name
  readonly outputs: Signature.Any["output"]["fields"]
  readonly reply: string
  /** The values; none where the reply has to be asked for again. */
  readonly value?: Readonly<Record<string, unknown>>
}

const json = (kind: string, fields: Row["outputs"], reply: string, value?: Row["value"]): Row => ({
  kind,
  adapter: "JSON",
  outputs: fields,
  reply,
  ...(value === undefined ? {} : { value })
})

/** One field in a section of its own. */
const chat = (kind: string, type: Row["outputs"][string], text: string, ...value: ReadonlyArray<unknown>): Row => ({
  kind,
  adapter: "Chat",
  outputs: { v: type },
  reply: `[[ ## v ## ]]\n${text}\n\n[[ ## completed ## ]]`,
  ...(value.length === 0 ? {} : { value: { v: value[0] } })
})

const qa = { answer: str, n: int }
const paris = { answer: "Paris", n: 3 }
const tagged = { answer: str, tags: strings }
const ab = { tags: ["a", "b"] }

const rows: ReadonlyArray<Row> = [
  json("a tag of thoughts in a value", { answer: str }, JSON.stringify({ answer: "</think>{\"answer\": \"no\"}" }), {
    answer: "</think>{\"answer\": \"no\"}"
  }),
  json("keys without quotes", tagged, `{answer: "Paris", tags: ["a", "b"]}`, { answer: "Paris", ...ab }),
  json("comments", tagged, `{\n  "answer": "Paris", // the capital\n  /* two */ "tags": ["a", # one\n "b"]\n}`, {
    answer: "Paris",
    ...ab
  }),
  json("a comment that holds a field", qa, `{"answer": "Paris", /* "n": 4, */ "n": 3}`, paris),
  json("what looks like a comment in a string", qa, `{"answer": "see http://x.y // and # z", "n": 3}`, {
    answer: "see http://x.y // and # z",
    n: 3
  }),
  json("missing commas", tagged, `{"answer": "Paris" "tags": ["a" "b"]}`, { answer: "Paris", ...ab }),
  json("a missing comma behind a number", qa, `{"n": 3 "answer": "Paris"}`, paris),
  json("doubled commas, and commas at both ends", qa, `{, "answer": "Paris",, "n": 3,}`, paris),
  json("no brackets at the end", tagged, `{"answer": "Paris", "tags": ["a", "b"`, { answer: "Paris", ...ab }),
  json(
    "an object that is not closed in a list that is",
    { people: Schema.Array(Person), n: int },
    `{"people": [{"name": "A", "age": 1], "n": 3}`,
    {
      people: [{ name: "A", age: 1 }],
      n: 3
    }
  ),
  json("quotes and a comma in a string", qa, `{"answer": "words such as "offside", "goal" and more", "n": 3}`, {
    answer: `words such as "offside", "goal" and more`,
    n: 3
  }),
  json("quotes in an item", { tags: strings }, `{"tags": ["say "hi" then", "b"]}`, { tags: [`say "hi" then`, "b"] }),
  json("a string that is not closed before the next key", qa, `{"answer": "Paris, "n": 3}`, paris),
  json("a string that is not closed at the end of its line", qa, `{"answer": "Paris\n "n": 3}`, paris),
  json("backticks as quotes", qa, "{\"answer\": `one\ntwo`, \"n\": 3}", { answer: "one\ntwo", n: 3 }),
  json("three quotes, as in Python", qa, `{"answer": """one "two"\nthree""", "n": 3}`, {
    answer: `one "two"\nthree`,
    n: 3
  }),
  json("curly quotes", qa, `{\u201canswer\u201d: \u201cParis\u201d, \u201cn\u201d: 3}`, paris),
  json("non-breaking spaces", qa, `{"answer":\u00a0"Paris",\u00a0"n":\u00a03}`, paris),
  json("all quotes escaped", qa, String.raw`{\"answer\": \"Paris\", \"n\": 3}`, paris),
  json("the reply as a JSON string", qa, JSON.stringify(JSON.stringify(paris, undefined, 2)), paris),
  json("a missing first brace", qa, `"answer": "Paris", "n": 3}`, paris),
  json(
    "LaTeX that could be escapes",
    { answer: str },
    String.raw`{"answer": "\frac{a}{b} \beta \theta \nabla \rho \bword\b"}`,
    {
      answer: String.raw`\frac{a}{b} \beta \theta \nabla \rho ` + "\\bword\b"
    }
  ),
  json("escapes of Python", { answer: str }, String.raw`{"answer": "\x41\x62 \xyz"}`, { answer: "Ab \\xyz" }),
  json(
    "numbers in other spellings",
    { a: int, b: float, c: float, d: int, e: int },
    `{"a": +5, "b": .5, "c": 42., "d": 1_000, "e": "1,234"}`,
    {
      a: 5,
      b: 0.5,
      c: 42,
      d: 1000,
      e: 1234
    }
  ),
  json(
    "numbers and truth values as strings, inside",
    { xs: Schema.Array(int), item: Item },
    `{"xs": ["1", "2"], "item": {"title": "T", "price": "9.5", "used": "yes"}}`,
    {
      xs: [1, 2],
      item: { title: "T", price: 9.5, used: true }
    }
  ),
  json("a number for a string, inside", { person: Person }, `{"person": {"name": 7.50, "age": 36}}`, {
    person: { name: "7.50", age: 36 }
  }),
  json("one object for a list", { people: Schema.Array(Person) }, `{"people": {"name": "A", "age": 1}}`, {
    people: [{ name: "A", age: 1 }]
  }),
  json(
    "one value for a list",
    { xs: Schema.Array(int), moods: Schema.Array(mood), tags: strings },
    `{"xs": 5, "moods": "Positive", "tags": "one"}`,
    {
      xs: [5],
      moods: ["positive"],
      tags: ["one"]
    }
  ),
  json("a list of one for an object", { person: Person }, `{"person": [{"name": "A", "age": 1}]}`, {
    person: { name: "A", age: 1 }
  }),
  json("a tuple and a set", { a: strings, b: strings }, `{"a": ("x", "y"), "b": {"x", "y"}}`, {
    a: ["x", "y"],
    b: ["x", "y"]
  }),
  json("the only field's object itself", { person: Person }, `{"name": "Ada", "age": 36}`, {
    person: { name: "Ada", age: 36 }
  }),
  json("wrapped", qa, `{"output": {"answer": "Paris", "n": 3}}`, paris),
  json("wrapped as a tool call", qa, `{"name": "reply", "arguments": {"answer": "Paris", "n": 3}}`, paris),
  json("wrapped as its schema", qa, `{"type": "object", "properties": {"answer": "Paris", "n": 3}}`, paris),
  json("wrapped in a string", qa, `{"json": ${JSON.stringify(JSON.stringify(paris))}}`, paris),
  json("values that are wrapped", qa, `{"answer": {"value": "Paris"}, "n": {"type": "integer", "value": 3}}`, paris),
  json(
    "keys with spaces, dashes, in another case",
    { key_points: strings, is_ok: bool },
    `{"Key Points": ["a"], "is-ok": true}`,
    {
      key_points: ["a"],
      is_ok: true
    }
  ),
  json("keys in another case, inside", { p: Schema.Struct({ city_name: str }) }, `{"p": {"cityName": "Paris"}}`, {
    p: { city_name: "Paris" }
  }),
  json(
    "one of a few values, in another case and spelling",
    { a: Schema.Literals(["very_good", "bad"]), b: Schema.Array(mood) },
    `{"a": "Very good", "b": ["Positive", "NEGATIVE."]}`,
    {
      a: "very_good",
      b: ["positive", "negative"]
    }
  ),
  json("one of a few values with words around it", { label: mood }, `{"label": "positive (mostly)"}`, {
    label: "positive"
  }),
  json("a draft in a thought", { answer: str }, `Maybe {"answer": "London"}? No.\n</think>\n\n{"answer": "Paris"}`, {
    answer: "Paris"
  }),
  json("a draft in a thought, cut", { answer: str }, `Maybe {"answer": "Lon... no.\n</think>\n\n{"answer": "Paris"}`, {
    answer: "Paris"
  }),
  json(
    "an object and a corrected one",
    qa,
    `{"answer": "Rome", "n": 2}\nNo, wait:\n{"answer": "Paris", "n": 3}`,
    paris
  ),
  json("a date in a list of dates", { days: Schema.Array(Schema.DateFromString) }, `{"days": ["2026-01-02"]}`, {
    days: [new Date("2026-01-02")]
  }),
  json("a large number for one that may be", { n: Schema.BigInt }, `{"n": 12345678901234567890}`, {
    n: 12345678901234567890n
  }),

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

  json(
    "comments without a space before them",
    { a: str, n: Schema.NullOr(int) },
    `{"a": "x"// c\n, "n": null# n: 7, }\n}`,
    { a: "x", n: null }
  ),
  json("an apostrophe in single quotes", qa, `{'answer': 'It's Paris', 'n': 3}`, { answer: "It's Paris", n: 3 }),
  json(
    "spaces of other kinds, inside",
    { person: Person },
    `{"person": {"name": "A",\u00a0\n\u00a0"age": 1\n\u00a0}}`,
    {
      person: { name: "A", age: 1 }
    }
  ),
  json(
    "a key that is not closed, of a field that may be null",
    { answer: str, n: Schema.NullOr(int) },
    `{"answer": "Paris", "n: 3}`
  ),
  json("a field behind the object", { answer: str, n: Schema.NullOr(int) }, `{"answer": "Paris"}, "n": 3}`),
  json(
    "a field behind a doubled brace",
    { r: Schema.Record(str, str), n: Schema.NullOr(int) },
    `{"r": {"k": "v"}}, "n": 3}`
  ),
  json(
    "a missing brace that takes a field in",
    { r: Schema.Record(str, str), n: Schema.NullOr(int) },
    `{"r": {"k": "v", "n": 3}`
  ),
  json("another mark in a comma's place", { tags: strings }, `{"tags": ["a"; "b"]}`),
  json("strings that are put together", { answer: str }, `{"answer": "Par" + "is"}`),
  json("two strings for one", { answer: str }, `{"answer": "Par" "is"}`),
  json("words between strings", { tags: strings }, `{"tags": ["a" and "b"]}`),
  json("a mark in a colon's place", { answer: str, note: Schema.NullOr(str) }, `{"answer": "A", "note"; "x"}`),
  json("numbers without commas", { data: Schema.Json }, `{"data": [1 2 3]}`),
  json("a comment behind words without quotes", { answer: str }, `{"answer": one // two\n}`),
  {
    kind: "an element that is not closed, and has another field's in it",
    adapter: "XML",
    outputs: { answer: str, note: Schema.NullOr(str) },
    reply: "<answer>Paris\n<note>foo</note>"
  },
  json("an item that stands for others", { tags: strings }, `{"tags": ["a", ..., "z"]}`),
  json("a quote that may end a string or not", { tags: strings }, `{"tags": ["say "hi", then", "b"]}`),
  json("a key without its first quote", qa, `{"answer": "Paris, n": 3}`),
  json("a key inside a list", { tags: strings, n: int }, `{"tags": ["a, "n": 3}`),
  json("more behind a value", { answer: str }, `{"answer": "Paris" or not}`),
  json("a comma in a number", { n: int }, `{"n": 1,234}`),
  json("a comma that may be a point", { x: float }, `{"x": "1,234"}`),
  json("a whole number that no number can hold", { n: int }, `{"n": 12345678901234567890}`),
  json(
    "a whole number that no number can hold, anywhere",
    { data: Schema.Json },
    `{"data": {"a": [12345678901234567890]}}`
  ),
  json("a number of something", { n: int }, `{"n": "5 apples"}`),
  json("a share", { x: float }, `{"x": "42%"}`),
  json("not one of a few values", { label: mood }, `{"label": "not positive"}`),
  json("two of a few values", { label: mood }, `{"label": "positive or negative"}`),
  json("not true", { ok: bool }, `{"ok": "not true"}`),
  json("several wrappings", qa, `{"a": {"answer": "Rome", "n": 2}, "b": {"answer": "Paris", "n": 3}}`),
  json("an object that is cut in a word", { o: Schema.Struct({ a: int }) }, `{"o": {"a": 1`),
  chat("words that are a list or a sentence", strings, "a, b"),
  chat("a word for nothing, where a list was asked for", strings, "none"),
  chat("a word that is one of the values by accident", Schema.Literals(["a", "b"]), "a good one"),
  chat("about a number", int, "about 42"),
  chat("two numbers", int, "The answer is 42 or x = 43"),
  chat("a word that is no answer", bool, "No evidence was found"),
  chat("two objects", Person, `{"name": "A", "age": 1}\n\n{"name": "B", "age": 2}`),
  chat("a bracket that closes nothing", strings, `["a", "b"}, "x": ["c"]}`)
]

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
  [Schema.Array(int), "1,234"]
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

describe("in every split", () => {
  for (const { adapter, kind, outputs: fields, reply, value } of rows) {
    it(`${adapter}: ${kind} ${value === undefined ? "is asked again" : "is read"}`, () => {
      const decoded = decodeEverySplit(adapters[adapter], outputs(fields), reply)
      if (value === undefined) assert.isAbove(errorOf(decoded).issues.length, 0)
      else assert.deepStrictEqual(valuesOf(decoded), value)
    })
  }
})

describe("at once", () => {
  it.effect("a reply that can be read costs one request, and one that cannot a second", () =>
    Effect.gen(function*() {
      for (const { adapter, outputs: fields, reply, value } of rows) {
        let requests = 0
        const lm = ScriptedLM.layer(() => {
          requests++
          return reply
        })
        const predict = Predict.fromSignature(outputs(fields), { maxRepairs: 1 })
        const result = yield* predict({ q: "?" }).pipe(Effect.result, Effect.provide([lm, layers[adapter]]))
        assert.strictEqual(Result.isSuccess(result), value !== undefined, reply)
        if (value !== undefined) assert.strictEqual(requests, 1, reply)
        else assert.isAbove(requests, 1, reply)
      }
    }))
})

describe("nothing is read wrong", () => {
  const whole = {
    answer: `Paris, the "city" of light`,
    tags: ["a b", "c, d", "e"],
    people: [{ name: "Ada L", age: 36 }, { name: "Bob", age: 7 }],
    n: 42,
    more: { k: "v w", "l m": "x, y" }
  }
  const signature = outputs({
    answer: str,
    tags: strings,
    people: Schema.Array(Person),
    n: int,
    more: Schema.Record(str, str)
  })

  /** The reply is the value that was meant, or none. */
  const check = (reply: string) => {
    const decoder = adapters.JSON.decoder(signature)
    decoder.push(reply)
    const { result } = decoder.end()
    if (Result.isSuccess(result)) assert.deepStrictEqual<unknown>(result.success, whole, reply)
    return Result.isSuccess(result)
  }

  for (const indent of [0, 2]) {
    it(`with one character of JSON missing, doubled or another, or a comment behind it (indented by ${indent})`, () => {
      const text = JSON.stringify(whole, undefined, indent)
      let isString = false
      let read = 0
      for (let at = 0; at < text.length; at++) {
        const char = text[at]!
        if (char === "\\") at++
        if (char === "\"") isString = !isString
        if (char !== "\"" && (isString || !"{}[],:".includes(char))) continue
        const [before, behind] = [text.slice(0, at), text.slice(at + 1)]
        const changed = [before + behind, `${before}${char}${char}${behind}`]
        if (char === "}" || char === "]") changed.push(`${before}${char === "}" ? "]" : "}"}${behind}`)
        if (!isString) {
          for (const comment of [`/* "n": 7, } */`, `// "n": 7, }\n`, `# n: 7, }\n`]) {
            changed.push(`${before}${char} ${comment} ${behind}`)
          }
        }
        for (const reply of changed) read += check(reply) ? 1 : 0
      }
      // The rule costs little: most of these are read.
      assert.isAbove(read, 150)
    })
  }

  it("where it is cut", () => {
    const text = JSON.stringify(whole)
    // Behind a whole string nothing but brackets is known to be missing.
    const last = text.indexOf(`"k":"v w"`) + `"k":"v w"`.length
    for (let at = 0; at < text.length; at++) if (at !== last) check(text.slice(0, at))
  })
})

/** What is hard, over and over, in the places where it may stand. */
describe("law 9: in no text does a character cost more than in another", () => {
  const types: Row["outputs"] = { a: strings, b: Schema.Record(str, str), c: mood, d: int, e: Schema.Json, f: str }
  const units = [
    "\"",
    "\" ",
    "\", \"a",
    "\" // ",
    "\" /* ",
    "\"\n\"",
    ", \"",
    "\\b",
    "{",
    "{\"",
    "{\"a\": ",
    "[",
    "(",
    "'",
    "/*",
    "# ",
    "1,",
    "yes ",
    "- a\n",
    "* [x]\n",
    "\"a\", ",
    "</think>\n",
    "\"\"\"",
    "is ",
    "{\\\""
  ]
  const begin: ReadonlyArray<readonly [Adapter, (name: string) => string]> = [
    [adapters.JSON, (name) => `{"${name}": `],
    [adapters.JSON, (name) => `{"${name}": "`],
    [adapters.JSON, () => ""],
    [adapters.Chat, (name) => `[[ ## ${name} ## ]]\n`],
    [adapters.Chat, (name) => `[[ ## ${name} ## ]]\n{"k": "`],
    [adapters.XML, (name) => `<${name}>["`]
  ]
  for (const unit of units) {
    it(JSON.stringify(unit), () => {
      const text = unit.repeat(30_000 / unit.length)
      for (const [name, type] of Object.entries(types)) {
        const signature = outputs({ [name]: type })
        for (const [adapter, start] of begin) {
          const whole = adapter.decoder(signature)
          whole.push(start(name) + text)
          const single = adapter.decoder(signature)
          for (const char of start(name) + text.slice(0, 5_000)) single.push(char)
          whole.end()
          single.end()
        }
      }
    })
  }
})
