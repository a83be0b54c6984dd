/** Leniency under JSON: what is written almost as JSON is, or as another language writes it. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { adapters } from "../support/decode.ts"
import {
  ab,
  check,
  float,
  int,
  json,
  outputs,
  paris,
  Person,
  qa,
  type Row,
  str,
  strings,
  tagged
} from "../support/leniency.ts"

const rows: ReadonlyArray<Row> = [
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
    "characters without a width",
    { answer: str, tags: strings },
    `\ufeff{\u200b"answer":\u200b"Paris",\u2060"tags"\u200d:["a",\u200b"b"\u200b]}`,
    {
      answer: "Paris",
      ...ab
    }
  ),
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
  json("an object that is cut in a word", { o: Schema.Struct({ a: int }) }, `{"o": {"a": 1`),
  json("a quotation that ends with its string", qa, `{"answer": "he said "hi"", "n": 3}`, {
    answer: `he said "hi"`,
    n: 3
  }),
  json("a string that is a quotation", qa, `{"answer": ""hi"", "n": 3}`, { answer: `"hi"`, n: 3 }),
  json("an object in a string whose quotes are not escaped", qa, `{"answer": "{"a": 1, "n": 2}", "n": 3}`),
  json("a backslash that may be the string's last character", qa, String.raw`{"answer": "C:\dir\", "n": 3}`),
  json("an escaped quote in a string that is not closed", qa, String.raw`{"answer": "a \"b\", "n": 3}`)
]

check(rows)

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
