/** Dates and times: `format` reaches the model in the JSON Schema and in the prompt, wherever they stand. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Result, Schema } from "effect"
import * as Adapters from "effect-lm/adapter/Adapters"
import { CalendarDate, type Field, Signature } from "effect-lm/signature"

const schemaOf = (schema: Field.FieldSchema): unknown =>
  Signature.fromSchemas({ inputs: {}, outputs: { x: schema } }).outputFields[0]!.jsonSchema

const dateTime = { type: "string", format: "date-time" }

describe("format: date-time", () => {
  it("is in the JSON Schema of what is made of a text", () => {
    for (const schema of [Schema.Date, Schema.DateFromString, Schema.DateTimeUtc, Schema.DateTimeUtcFromString]) {
      assert.deepStrictEqual(schemaOf(schema), dateTime)
      assert.deepStrictEqual(schemaOf(Schema.optionalKey(schema)), dateTime)
      assert.deepStrictEqual(schemaOf(Schema.NullOr(schema)), { anyOf: [dateTime, { type: "null" }] })
      assert.deepStrictEqual(schemaOf(Schema.Array(schema)), { type: "array", items: dateTime })
      assert.deepStrictEqual(schemaOf(Schema.ReadonlySet(schema)), { type: "array", items: dateTime })
      assert.deepStrictEqual(schemaOf(Schema.Record(Schema.String, schema)), {
        type: "object",
        additionalProperties: dateTime
      })
      assert.deepStrictEqual(schemaOf(Schema.Tuple([Schema.String, schema])), {
        type: "array",
        prefixItems: [{ type: "string" }, dateTime],
        minItems: 2,
        maxItems: 2
      })
      assert.deepStrictEqual(schemaOf(Schema.Union([Schema.Struct({ at: schema }), Schema.Int])), {
        anyOf: [
          { type: "object", properties: { at: dateTime }, required: ["at"], additionalProperties: false },
          { type: "integer" }
        ]
      })
    }
  })

  it("is in definitions, also of a type that has itself inside", () => {
    interface Node {
      readonly at: Date
      readonly next: Node | null
    }
    const Node: Schema.Codec<Node, unknown> = Schema.Struct({
      at: Schema.Date,
      next: Schema.NullOr(Schema.suspend((): Schema.Codec<Node, unknown> => Node))
    }).annotate({ identifier: "Node" })
    const text = JSON.stringify(schemaOf(Schema.Array(Node)))
    assert.strictEqual(text.split("\"format\":\"date-time\"").length - 1, 1, text)
  })

  it("is not said of what is any text, nor over a format that a schema has", () => {
    assert.deepStrictEqual(schemaOf(Schema.String), { type: "string" })
    assert.deepStrictEqual(schemaOf(Schema.Union([Schema.Literals(["now"]), Schema.Date])), {
      anyOf: [{ type: "string", enum: ["now"] }, dateTime]
    })
    assert.deepStrictEqual(schemaOf(CalendarDate), { type: "string", format: "date" })
    assert.deepStrictEqual(schemaOf(Schema.String.annotate({ format: "email" })), { type: "string", format: "email" })
  })

  it("is in the prompt: in words for a field, in the JSON Schema for what is inside of one", () => {
    const signature = Signature.make(
      "-> at: datetime, on: date, days: date[], log: { at: datetime }[], k: int = 3, note?: str, mail: str"
    ).pipe(Signature.withField("mail", Schema.String.annotate({ format: "email" })))
    for (const adapter of Object.values(Adapters.builtIn).slice(0, 3)) {
      const { messages } = adapter.format({ signature, inputs: {}, demos: [], config: {} })
      const [part] = messages[0]!.content
      const prompt = part?._tag === "Text" ? part.text : ""
      for (
        const said of [
          "- at (string)\n  It has to be: a date and time in ISO 8601.",
          "- on (string)\n  It has to be: a date as YYYY-MM-DD.",
          "- days (Array<string>)\n  It has to be: each item a date as YYYY-MM-DD.",
          "\"properties\":{\"at\":{\"type\":\"string\",\"format\":\"date-time\"}}",
          "- k (integer, 3 if left out)",
          "- note (string, may be left out)",
          "- mail (string)\n  It has to be: in the format email."
        ]
      ) assert.include(prompt, said)
    }
  })
})

describe("dates in a set", () => {
  it("are read in the spellings that are read of any other", () => {
    const signature = Signature.make("-> days: set[date], log: set[{ at: datetime }]")
    const decoded = (reply: object) => {
      const decoder = Adapters.builtIn.json.decoder(signature)
      decoder.push(JSON.stringify(reply))
      return decoder.end().result
    }
    assert.deepStrictEqual(
      decoded({ days: ["Jan 2, 2026", "2026-01-02"], log: [{ at: "2026-01-02" }] }),
      Result.succeed({
        days: new Set([DateTime.makeUnsafe("2026-01-02")]),
        log: new Set([{ at: DateTime.makeUnsafe("2026-01-02") }])
      })
    )
    const error = Result.getOrThrow(Result.flip(decoded({ days: ["soon"], log: [{}] })))
    assert.deepStrictEqual(error.issues.map(({ message, path }) => `${path.join(".")} ${message}`), [
      "days.0 expected a date as YYYY-MM-DD",
      "log.0.at is missing"
    ])
  })
})

describe("CalendarDate", () => {
  it("is a day to the model, and its midnight in UTC to the program", () => {
    const decode = Schema.decodeUnknownResult(CalendarDate)
    assert.deepStrictEqual(decode("2024-02-29"), Result.succeed(DateTime.makeUnsafe("2024-02-29T00:00:00Z")))
    for (const text of ["2023-02-29", "2024-2-9", "2024-02-29T00:00:00Z", "", "today"]) {
      assert.isTrue(Result.isFailure(decode(text)), text)
    }
    assert.strictEqual(Schema.encodeSync(CalendarDate)(DateTime.makeUnsafe("0099-12-31")), "0099-12-31")
  })

  it("a time of day is no day: the caller is told so", () => {
    const signature = Signature.make("on: date -> x")
    const noon = DateTime.makeUnsafe("2026-01-02T12:00:00Z")
    assert.deepStrictEqual(
      Signature.decodeInputs(signature, { on: noon }),
      Result.fail([
        { path: ["on"], message: "expected midnight in UTC, which stands for the day" }
      ])
    )
  })
})
