/**
 * The rule of all readers: what can be read in one way only is read at once; what could be read in two is asked again; nothing
 * is read wrong. Each row is one of a kind that models do send.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema, SchemaTransformation } from "effect"
import {
  ab,
  bool,
  check,
  float,
  int,
  Item,
  json,
  mood,
  outputs,
  paris,
  Person,
  qa,
  type Row,
  str,
  strings,
  tagged
} from "./leniency.ts"
import { adapters, decodeEverySplit, errorOf, valuesOf } from "./support/decode.ts"

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
  json(
    "LaTeX that could be words, where other LaTeX stands before it, or its signs behind it",
    { answer: str, more: str },
    String.raw`{"answer": "\alpha, \nu and \tan x\nso", "more": "\(\nu\) $\to$"}`,
    { answer: String.raw`\alpha, \nu and \tan x` + "\nso", more: String.raw`\(\nu\) $\to$` }
  ),
  json("lines and tabs before small letters", { answer: str }, String.raw`{"answer": "Q:\nwho\ne quem\n\tan\tto\rx"}`, {
    answer: "Q:\nwho\ne quem\n\tan\tto\rx"
  }),
  json(
    "paths whose backslashes JSON does not have",
    { a: str, b: str },
    String.raw`{"a": "in C:\Users\Bob and C:\users\x", "b": "C:\\new\\temp"}`,
    { a: String.raw`in C:\Users\Bob and C:\users\x`, b: String.raw`C:\new\temp` }
  ),
  ...[
    String.raw`C:\Users\new`,
    String.raw`C:\temp\new`,
    String.raw`one\new\Users`,
    String.raw`src\lib\new`,
    String.raw`\nu and \theta`,
    String.raw`\alpha \ne \beta`
  ].map((text) =>
    json(`${text}, of which the backslashes may be escapes or not`, { answer: str }, `{"answer": "${text}"}`)
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
  json("the only field's list itself", { tags: strings }, "```json\n[\"a\", \"b\"]\n```", ab),
  json(
    "the only field's list of objects itself",
    { people: Schema.Array(Person) },
    `[{"name": "A", "age": 1}, {"name": "B", "age": 2}]`,
    {
      people: [{ name: "A", age: 1 }, { name: "B", age: 2 }]
    }
  ),
  json("the only field's number itself", { n: int }, "42", { n: 42 }),
  json("the only field's string itself", { answer: str }, `"It's \\"Paris\\""`, { answer: `It's "Paris"` }),
  json("the only field's value among those it may have", { label: mood }, "**Positive**", { label: "positive" }),
  json("words where a string was asked for", { answer: str }, "I cannot say."),
  json("two strings where one was asked for", { answer: str }, `"Paris" or "Rome"`),
  json("words where a list was asked for", { tags: strings }, "Sorry"),
  json("words where anything may stand", { data: Schema.Json }, "Sorry"),
  json("a list where there are two fields", tagged, `["a", "b"]`),
  json(
    "words for nothing",
    { a: Schema.NullOr(int), b: Schema.NullOr(str), c: Schema.Array(Schema.NullOr(float)), d: Schema.NullOr(mood) },
    `{"a": undefined, "b": nil, "c": [NaN, "N/A", None, 1], "d": "none"}`,
    { a: null, b: null, c: [null, null, null, 1], d: null }
  ),
  json("words in quotes where text may stand", { b: Schema.NullOr(str) }, `{"b": "undefined"}`, { b: "undefined" }),
  json("a word for nothing where there has to be text", { b: str }, `{"b": undefined}`),
  json(
    "characters without a width",
    { answer: str, tags: strings },
    `\ufeff{\u200b"answer":\u200b"Paris",\u2060"tags"\u200d:["a",\u200b"b"\u200b]}`,
    {
      answer: "Paris",
      ...ab
    }
  ),
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
  ...["</thinking>", "</Reasoning>", "<|end_of_thought|>", "<channel|>", "<unused95>", "<|channel|>final<|message|>"]
    .map((tag) =>
      json(
        `a draft before ${tag}, cut`,
        { answer: str },
        `Maybe {"answer": "Lon... no.\n${tag}\n\n{"answer": "Paris"}`,
        {
          answer: "Paris"
        }
      )
    ),
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
  json(
    "a whole number whose digits a number does not keep, where it need not be whole",
    { x: float },
    `{"x": 12345678901234567890}`
  ),
  json(
    "numbers that are rounded, as numbers are",
    { x: float, y: float },
    `{"x": 602214076000000000000000, "y": "0.1234567890123456789"}`,
    {
      x: 602214076000000000000000,
      y: 0.12345678901234568
    }
  ),
  json("a number of something", { n: int }, `{"n": "5 apples"}`),
  json("a share", { x: float }, `{"x": "42%"}`),
  json("not one of a few values", { label: mood }, `{"label": "not positive"}`),
  json("two of a few values", { label: mood }, `{"label": "positive or negative"}`),
  json("not true", { ok: bool }, `{"ok": "not true"}`),
  json("several wrappings", qa, `{"a": {"answer": "Rome", "n": 2}, "b": {"answer": "Paris", "n": 3}}`),
  ...[":", ".", "-", "'", "/", "x", "1", "..."].flatMap((mark) => [
    json(`${mark} behind the quote of an item`, { tags: strings }, `{"tags": ["a"${mark}, "b, c", "d"]}`),
    json(`${mark} in a comma's place`, { tags: strings }, `{"tags": ["a"${mark}"b", "c"]}`)
  ]),
  json(
    "a key without its quotes behind a value without its last one",
    { r: Schema.Record(str, str) },
    `{"r": {"k": "v",l m:"x"}}`
  ),
  json("quotes behind marks", { answer: str }, `{"answer": "a ("b") and **"c"** and say:"d" - x="e" too"}`, {
    answer: `a ("b") and **"c"** and say:"d" - x="e" too`
  }),
  json(
    "a key that takes in what stands before another",
    { people: Schema.Array(Person) },
    `{"people": [{"name": "A", "age:1}, {name": "B", "age": 2}]}`
  ),
  json(
    "a bracket too many before the last key of a record",
    { n: int, r: Schema.Record(str, str) },
    `{"n": 3, "r": {"k": "v"}, "l": "w"}}`
  ),
  json("a bracket too many", { n: int, r: Schema.Record(str, str) }, `{"n": 3, "r": {"k": "v"}}}`, {
    n: 3,
    r: { k: "v" }
  }),
  json("a comment that begins inside a string", { tags: strings }, `{"tags": [\n#a b",\n"c"]}`),
  json("a word that is no item", { tags: strings }, `{"tags": [\nand\n"a", "b"]}`),
  json("a number at a string", { tags: strings }, `{"tags": ["a",1"b"]}`),
  json(
    "a string that holds the next field of a URL",
    { url: Schema.URL, x: Schema.NullOr(float) },
    String.raw`{"url": "http://x.y\,"x":1.5}`
  ),
  json("a number that may be cut", { s: Schema.NullOr(str), n: int }, `{"s": null, "n": 4`),
  json("a word that is cut", { n: int, s: Schema.NullOr(str) }, `{"n": 42, "s": nul`),
  json("a constant that is whole", { n: int, s: Schema.NullOr(str) }, `{"n": 42, "s": null`, { n: 42, s: null }),
  json("a record that is cut in a string", { r: Schema.Record(str, str) }, `{"r": {"a": "x", "b": "y`),
  json("a record that is cut in a key", { r: Schema.Record(str, str) }, `{"r": {"a": "x", "b`),
  json(
    "keys of a record that are spelled alike",
    { r: Schema.Record(str, str) },
    `{"r": {"isOk": "x", "is-ok": "y", "Is_Ok": "z"}}`,
    {
      r: { isOk: "x", "is-ok": "y", Is_Ok: "z" }
    }
  ),
  json("a key of a record that is there twice", { r: Schema.Record(str, str) }, `{"r": {"a": "x", "a": "y"}}`),
  json("a key that is there twice, anywhere", { data: Schema.Json }, `{"data": [{"a": {"b": 1, "b": 2}}]}`),
  json("a key in two spellings", { p: Schema.Struct({ is_ok: str }) }, `{"p": {"is_ok": "x", "isOk": "y"}}`),
  json(
    "a key in two spellings that says the same",
    { p: Schema.Struct({ is_ok: str }) },
    `{"p": {"is_ok": "x", "isOk": "x"}}`,
    {
      p: { is_ok: "x" }
    }
  ),
  json("a list of replies", qa, `[{"answer": "Paris", "n": 3}, {"answer": "Rome", "n": 2}]`),
  json("a list of one reply", qa, `[{"answer": "Paris", "n": 3}]`, paris),
  json("another reply behind a comma", { answer: str }, `{"answer": "Paris"}, {"answer": "Rome"}`),
  json("a choice of replies", { answer: str }, `{"answer": "Paris"}\nor\n{"answer": "Rome"}`),
  json("an example behind the reply", { answer: str }, `{"answer": "Paris"}\nFor example:\n{"answer": "Rome"}`),
  json("a schema behind the reply", { answer: str }, `{"answer": "Paris"}\n(The schema is {"answer": "string"})`),
  json("an example before the reply", { answer: str }, `{"answer": "..."} is the format.\n\n{"answer": "Paris"}`, {
    answer: "Paris"
  }),
  json("an object that is cut in a word", { o: Schema.Struct({ a: int }) }, `{"o": {"a": 1`),
  json("a quotation that ends with its string", qa, `{"answer": "he said "hi"", "n": 3}`, {
    answer: `he said "hi"`,
    n: 3
  }),
  json("a string that is a quotation", qa, `{"answer": ""hi"", "n": 3}`, { answer: `"hi"`, n: 3 }),
  json("an object in a string whose quotes are not escaped", qa, `{"answer": "{"a": 1, "n": 2}", "n": 3}`),
  json("a backslash that may be the string's last character", qa, String.raw`{"answer": "C:\dir\", "n": 3}`),
  json("an escaped quote in a string that is not closed", qa, String.raw`{"answer": "a \"b\", "n": 3}`),
  json("wrapped in a list of one", qa, `{"results": [{"answer": "Paris", "n": 3}]}`, paris),
  json(
    "wrapped as a list of tool calls",
    qa,
    `{"tool_calls": [{"name": "reply", "arguments": {"answer": "Paris", "n": 3}}]}`,
    paris
  ),
  json("wrapped in a list of several", qa, `{"results": [{"answer": "Paris", "n": 3}, {"answer": "Rome", "n": 9}]}`),
  json(
    "a key that is nearly a field's",
    { answer: str, note: Schema.NullOr(str) },
    `{"answer": "Paris", "notes": "x"}`
  ),
  json("sections behind the object", qa, `{"answer": "Rome", "n": 9}\n\n[[ ## answer ## ]]\nParis\n\n[[ ## n ## ]]\n3`),
  json("elements behind the object", qa, `{"answer": "Rome", "n": 9}\n<answer>Paris</answer>\n<n>3</n>`),
  json(
    "a marker that is mentioned behind the object",
    qa,
    `{"answer": "Paris", "n": 3}\n(No [[ ## answer ## ]] here.)`,
    paris
  )
]

/** The same in each form, with text between the two. */
const twice: ReadonlyArray<readonly [Row["adapter"], (first: string, second: string, between: string) => string]> = [
  ["JSON", (a, b, between) => `{"answer": "${a}", "n": 3}${between}{"answer": "${b}", "n": 3}`],
  [
    "Chat",
    (a, b, between) => {
      const all = (answer: string) => `[[ ## answer ## ]]\n${answer}\n\n[[ ## n ## ]]\n3\n\n[[ ## completed ## ]]`
      return `${all(a)}${between}${between.endsWith("\n") ? "" : "\n"}${all(b)}`
    }
  ],
  ["Chat", (a, b, between) => `{"answer": "${a}", "n": 3}${between}{"answer": "${b}", "n": 3}`],
  ["XML", (a, b, between) => `<answer>${a}</answer>\n<n>3</n>${between}<answer>${b}</answer>\n<n>3</n>`]
]

describe("a reply behind the reply", () => {
  const all = (between: string, value: string | undefined) => {
    for (const [adapter, replyOf] of twice) {
      const decoded = decodeEverySplit(adapters[adapter], outputs(qa), replyOf("first", "second", between))
      if (value === undefined) assert.isAbove(errorOf(decoded).issues.length, 0, `${adapter}: ${between}`)
      else assert.deepStrictEqual(valuesOf(decoded), { answer: value, n: 3 }, `${adapter}: ${between}`)
    }
  }
  for (
    const between of ["\nWait, that's wrong:\n", "\nCorrected version:\n", "\nOn second thought:\n", "\nOr rather:\n"]
  ) {
    it(`${JSON.stringify(between)} corrects it`, () => all(between, "second"))
  }
  for (
    const between of [
      "\nor\n",
      "\nAlternatively:\n",
      "\nFor example:\n",
      "\nOption 2:\n",
      "\nAnother possible answer:\n",
      "\nFor the second question:\n",
      "\nVersion 2:\n",
      "\nq: was that right? No, I correct it:\n"
    ]
  ) {
    it(`${JSON.stringify(between)} leaves two`, () => all(between, undefined))
  }
  for (
    const between of [
      "\nUser: more?\n",
      "\nHuman: more?\n\nAssistant:\n",
      "\n**Question:** more?\n",
      "\n---\n\nq: more?\n\n",
      "\nInput: y\nOutput: ",
      "\n### Instruction:\nmore?\n\n### Response:\n",
      "\n[INST] more? [/INST]\n",
      "<|im_end|>\n<|im_start|>user\nmore?<|im_end|>\n<|im_start|>assistant\n",
      "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nmore?<|eot_id|>\n",
      "<end_of_turn>\n<start_of_turn>user\nmore?<end_of_turn>\n<start_of_turn>model\n"
    ]
  ) {
    it(`${JSON.stringify(between)} begins the next turn`, () => all(between, "first"))
  }
})

check(rows)

/** A schema that makes something else of a string, with texts: the value that each says, as JSON; those that say none, or two. */
const codecs: ReadonlyArray<
  readonly [string, Row["outputs"][string], Readonly<Record<string, string>>, ReadonlyArray<string>]
> = [
  [
    "a date",
    Schema.DateFromString,
    {
      "2026-01-02": "2026-01-02T00:00:00.000Z",
      " 2026-01-02 ": "2026-01-02T00:00:00.000Z",
      "2026-01-02T10:00:00+02:00": "2026-01-02T08:00:00.000Z",
      "Fri, 02 Jan 2026 10:00:00 GMT": "2026-01-02T10:00:00.000Z",
      "2026/1/2": "2026-01-02T00:00:00.000Z",
      "January 2nd, 2026": "2026-01-02T00:00:00.000Z",
      "2 Jan. 2026": "2026-01-02T00:00:00.000Z",
      "The date is 2026-01-02.": "2026-01-02T00:00:00.000Z"
    },
    [
      "Item 5",
      "1",
      "",
      "May",
      "2026",
      "2026-01",
      "2026-02-30",
      "2025-02-29",
      "February 30, 2026",
      "01/02/2026",
      "May 5",
      "not 2026-01-02",
      "2026-01-02 or 2026-01-03"
    ]
  ],
  ["a date that JSON writes as a string", Schema.Date, { "2026-01-02": "2026-01-02T00:00:00.000Z" }, ["Item 5", "1"]],
  ["a date and time", Schema.DateTimeUtc, { "2026-01-02": "2026-01-02T00:00:00.000Z" }, ["Item 5", "2026-02-30"]],
  [
    "a date and time with a zone",
    Schema.DateTimeZonedFromString,
    {},
    ["2026-02-30T10:00:00.000+01:00[Europe/Paris]", "Item 5"]
  ],
  [
    "a number",
    Schema.NumberFromString,
    {
      "1": "1",
      "+5": "5",
      ".5": "0.5",
      "1,234,567": "1234567",
      "1_000": "1000",
      "-0": "0",
      "The answer is 42.": "42",
      "NaN": "NaN"
    },
    ["", " ", "five", "0x10", "0b1", "5 apples", "1e400", "1,234", "12345678901234567890"]
  ],
  ["a finite number", Schema.FiniteFromString, { "1e3": "1000" }, ["", "five", "0x10", "NaN"]],
  ["a large number", Schema.BigInt, { "1,234": "1234", " 5 ": "5", "12345678901234567890": "12345678901234567890" }, [
    "",
    "five",
    "1e5"
  ]],
  [
    "a decimal number",
    Schema.BigDecimal,
    {},
    ["", "five", "0x10"]
  ],
  [
    "a URL",
    Schema.URL,
    {
      "http://x.y": "http://x.y/",
      "mailto:a@b.c": "mailto:a@b.c",
      "Answer: http://x.y": "http://x.y/",
      "See http://x.y/a?b=c.": "http://x.y/a?b=c",
      "[Paris](https://x.y/a_(b))": "https://x.y/a_(b)",
      "<http://x.y>": "http://x.y/"
    },
    ["", "Paris: the city", "Answer:none", "x.y", "not http://x.y", "http://x.y or http://x.z"]
  ],
  ["a date or a number", Schema.Union([Schema.DateFromString, int]), { "2026-01-02": "2026-01-02T00:00:00.000Z" }, [
    "Item 5"
  ]],
  ["a date or nothing", Schema.NullOr(Schema.DateFromString), { "2026-01-02": "2026-01-02T00:00:00.000Z" }, ["Item 5"]]
]

describe("strings of which a schema makes something else", () => {
  for (const [kind, type, said, unclear] of codecs) {
    it(kind, () => {
      // Alone, in a list, and in an object where it may be left out.
      const fields = { v: type, list: Schema.Array(type), more: Schema.Struct({ w: Schema.optionalKey(type) }) }
      const replyOf = (text: string) => JSON.stringify({ v: text, list: [text], more: { w: text } })
      const [first] = outputs(fields).outputFields
      for (const [text, json] of Object.entries(said)) {
        const { texts } = decodeEverySplit(adapters.JSON, outputs(fields), replyOf(text))
        const v = first!.kind === "text" ? json : JSON.stringify(json)
        assert.deepStrictEqual(texts, { v, list: JSON.stringify([json]), more: JSON.stringify({ w: json }) }, text)
      }
      for (const text of unclear) {
        const { issues } = errorOf(decodeEverySplit(adapters.JSON, outputs(fields), replyOf(text)))
        assert.deepStrictEqual(issues.map(({ path }) => path.join(".")), ["v", "list.0", "more.w"], text)
      }
    })
  }

  // Values that remember what was asked of them are not compared.
  it("all digits of a decimal number, and the zone of a date", () => {
    const zoned = "2026-01-02T10:00:00.000+01:00[Europe/Paris]"
    const said = [
      [Schema.BigDecimal, "+.5", "0.5"],
      [Schema.BigDecimal, "12345678901234567890.123456789", "12345678901234567890.123456789"],
      [Schema.DateTimeZonedFromString, zoned, zoned]
    ] as const
    for (const [type, text, shown] of said) {
      const decoder = adapters.JSON.decoder(outputs({ v: type }))
      const parts = decoder.push(JSON.stringify({ v: text }))
      assert.deepStrictEqual(parts, [{ field: "v", text: shown, isLast: true }])
      assert.isTrue(Result.isSuccess(decoder.end().result))
    }
  })

  it("a codec of a program's own is not touched", () => {
    const stars = str.pipe(Schema.decodeTo(
      Schema.Number,
      SchemaTransformation.transform({ decode: (text) => text.length, encode: (count) => "*".repeat(count) })
    ))
    const decoded = decodeEverySplit(
      adapters.JSON,
      outputs({ v: stars, list: Schema.Array(stars) }),
      `{"v": "***", "list": ["*"]}`
    )
    assert.deepStrictEqual(valuesOf(decoded), { v: 3, list: [1] })
  })
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
