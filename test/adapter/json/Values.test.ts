/** Leniency under JSON: values of another type than was asked for, and keys in other spellings. */
import { Schema } from "effect"
import {
  ab,
  bool,
  check,
  float,
  int,
  Item,
  json,
  mood,
  Person,
  type Row,
  str,
  strings,
  tagged
} from "../support/leniency.ts"

const rows: ReadonlyArray<Row> = [
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
  json(
    "words for nothing, in quotes",
    { a: Schema.NullOr(int), b: Schema.NullOr(float), c: Schema.NullOr(bool), d: Schema.NullOr(mood) },
    `{"a": "null", "b": "NaN", "c": "nil", "d": "Undefined"}`,
    { a: null, b: null, c: null, d: null }
  ),
  json("words in quotes where text may stand", { b: Schema.NullOr(str) }, `{"b": "undefined"}`, { b: "undefined" }),
  json("a word for nothing where there has to be text", { b: str }, `{"b": undefined}`),
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
  json("a date in a list of dates", { days: Schema.Array(Schema.DateFromString) }, `{"days": ["2026-01-02"]}`, {
    days: [new Date("2026-01-02")]
  }),
  json("a large number for one that may be", { n: Schema.BigInt }, `{"n": 12345678901234567890}`, {
    n: 12345678901234567890n
  }),
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
  json(
    "a key that is nearly a field's",
    { answer: str, note: Schema.NullOr(str) },
    `{"answer": "Paris", "notes": "x"}`
  )
]

check(rows)
