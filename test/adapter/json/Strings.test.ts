/** Strings of which a schema makes something else, in the spellings that models have for them. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema, SchemaTransformation } from "effect"
import { adapters, decodeEverySplit, errorOf, valuesOf } from "../support/decode.ts"
import { int, outputs, type Row, str } from "../support/leniency.ts"

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
