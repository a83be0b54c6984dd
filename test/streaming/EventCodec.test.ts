/** The one form of events outside of a process: law 13, for every event, signature and value. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import { EventCodec, EventCodecError, Predict, Prediction, Signature, StreamEvent } from "effect-lm"
import { data, isOfJson, options, predictions } from "./support/data.ts"
import { anything, deepStrictEqual, progress, sent, untyped, valueSent } from "./support/wire.ts"

describe("law 13: what is decoded is what was encoded", () => {
  for (
    const [name, schema] of Object.entries({
      StreamResponse: StreamEvent.StreamResponse,
      Retracted: StreamEvent.Retracted,
      ToolCallDelta: StreamEvent.ToolCallDelta,
      StatusMessage: StreamEvent.StatusMessage,
      StepsDropped: StreamEvent.StepsDropped,
      TurnsDropped: StreamEvent.TurnsDropped
    })
  ) {
    it.prop(
      name,
      { event: Arbitrary.filter(Arbitrary.schema(schema as Schema.Codec<object>), isOfJson) },
      ({ event }) => {
        deepStrictEqual(sent(untyped, event), event)
      },
      options
    )
  }

  it.prop("a partial value, also where there is none yet", {
    event: Arbitrary.filter(
      Arbitrary.schema(StreamEvent.PartialResponse.pipe((schema) =>
        Schema.Struct({
          ...(schema as unknown as { readonly fields: Schema.Struct.Fields }).fields,
          value: Schema.Union([Schema.Undefined, Schema.Json])
        })
      )),
      isOfJson
    )
  }, ({ event }) => {
    deepStrictEqual(sent(untyped, event), event)
  }, options)

  it.prop(
    "what happens to tools, whatever data they take and give",
    { value: data, inputs: data },
    ({ inputs, value }) => {
      const { value: _, ...source } = progress(undefined)
      const given = { inputs, $: inputs, __proto__: undefined }
      for (
        const event of [
          progress(value),
          { ...source, _tag: "ToolStart", inputs: given },
          { ...source, _tag: "ToolEnd", outcome: { _tag: "Success", value }, durationMillis: 1.5 },
          { ...source, _tag: "ToolEnd", outcome: { _tag: "Interrupted" }, durationMillis: 0 },
          { ...source, _tag: "ApprovalRequested", approvalId: "a", inputs: given },
          { ...source, _tag: "ClientRequested", requestId: "r", inputs: given },
          { ...source, _tag: "ApprovalAnswered", approvalId: "a", approved: true, reason: "r", inputs: given }
        ]
      ) deepStrictEqual(sent(untyped, event), event)
    },
    options
  )

  it.prop(
    "a prediction of every signature, in its fields and details",
    { all: predictions },
    ({ all: { prediction, program } }) => {
      const again = sent(EventCodec.make(program), prediction)
      assert.isTrue(Prediction.isPrediction(again))
      deepStrictEqual(Prediction.fields(again), Prediction.fields(prediction))
      deepStrictEqual(Prediction.details(again), Prediction.details(prediction))
    },
    options
  )

  it.prop("a prediction without a signature", { value: data, other: data }, ({ other, value }) => {
    const fields = { value, $: other }
    const again = sent(untyped, Prediction.make(fields, { completions: [fields, undefined, { value: other }] }))
    deepStrictEqual(Prediction.fields(again), fields)
    deepStrictEqual(Prediction.completions(again), [fields, undefined, { value: other }])
  }, options)

  it("a field that is not what its schema says", () => {
    const codec = EventCodec.make(Predict.make(Signature.make("question -> n: int")))
    for (const n of [new Date(0), "x", undefined, [1n]]) {
      deepStrictEqual(Prediction.fields(sent(codec, Prediction.make({ n } as never))), { n })
    }
  })
})

describe("values whose type nobody knows", () => {
  it("are JSON as it is", () => {
    const json = { a: [1, "b", null, { c: true }], $ref: "#/x", _tag: "T" }
    assert.deepStrictEqual(untyped.encode(progress(json))["value"], json)
  })

  it("of every type of bytes, and predictions inside of others", () => {
    for (
      const value of [
        new Float32Array([1.5, -0]),
        new BigInt64Array([5n]),
        new DataView(new ArrayBuffer(3)),
        new ArrayBuffer(2)
      ]
    ) {
      deepStrictEqual(valueSent({ value }), { value })
    }
    deepStrictEqual(valueSent(new Date(NaN)), new Date(NaN))
    const inner = valueSent([Prediction.make({ at: new Date(0) }, { model: "m" })]) as ReadonlyArray<
      Prediction.Prediction<object>
    >
    assert.strictEqual(Prediction.details(inner[0]!).model, "m")
    assert.deepStrictEqual(Prediction.fields(inner[0]!), { at: new Date(0) })
  })

  it("of classes are what they say of themselves", () => {
    class Point {
      readonly x = 1
      readonly at = new Date(0)
    }
    assert.deepStrictEqual(valueSent(new Point()), { x: 1, at: new Date(0) })
    assert.strictEqual(String(valueSent(new URL("http://a/b"))), "http://a/b")
    assert.instanceOf(valueSent(new URL("http://a/b")), URL)
    assert.deepStrictEqual(valueSent(/a\/b/giu), /a\/b/giu)
    // What keeps all that it holds elsewhere than in its properties.
    class Secret {
      #it = 3
      get it() {
        return this.#it
      }
    }
    for (const lost of [new WeakMap(), new Secret()]) {
      assert.deepStrictEqual(valueSent(lost), { _tag: "Lost", what: `a ${lost.constructor.name}` })
    }
  })

  it("that have no form are said to be lost, and nothing beside them is", () => {
    const circle: Record<string, unknown> = { n: 1 }
    circle["self"] = circle
    let deep: unknown = 1
    for (let level = 0; level < 2000; level++) deep = [deep]
    const hostile = Object.defineProperty({}, "x", {
      enumerable: true,
      get: () => {
        throw new Error("no")
      }
    })
    const again = valueSent([() => 1, Symbol("s"), Promise.resolve(1), circle, hostile, "kept"]) as ReadonlyArray<any>
    assert.deepStrictEqual(again, [
      { _tag: "Lost", what: "a function" },
      { _tag: "Lost", what: "a symbol" },
      { _tag: "Lost", what: "a promise" },
      { n: 1, self: { _tag: "Lost", what: "a value that holds itself" } },
      { _tag: "Lost", what: "a value that cannot be read (Error: no)" },
      "kept"
    ])
    assert.include(JSON.stringify(valueSent(deep)), "nested more than 500 levels deep")
    const shared = { a: 1 }
    assert.deepStrictEqual(valueSent([shared, shared]), [shared, shared])
  })

  it("law 10: names are never a prototype", () => {
    const form = JSON.parse(`{"_tag":"ToolProgress","toolName":"t","toolCallId":"c","path":"p","callId":"c",
      "value":{"__proto__":{"bad":true},"constructor":{"prototype":{"bad":true}}}}`)
    const { value }: any = Result.getOrThrow(untyped.decode(form))
    assert.isUndefined(value.bad)
    assert.isTrue(Object.hasOwn(value, "__proto__"))
    assert.isUndefined(({} as any).bad)
  })
})

describe("what is no event", () => {
  const refused = (json: unknown): string => {
    const decoded = untyped.decode(json)
    assert.isTrue(Result.isFailure(decoded), "it was read")
    const error = Result.getOrThrow(Result.flip(decoded))
    assert.instanceOf(error, EventCodecError)
    return error.message
  }

  it("is an error that says what is wrong", () => {
    const event = { ...progress(1) }
    assert.match(refused(1), /no event of Anything: it has no `_tag`/)
    assert.match(refused({ _tag: "Foo" }), /there is no event "Foo"/)
    assert.match(refused({ _tag: "constructor" }), /there is no event/)
    assert.match(refused({ ...event, callId: 7 }), /Expected string/)
    assert.match(refused({ ...event, value: { $: "Foo" } }), /unknown kind "Foo"/)
    assert.match(refused({ ...event, value: { $: "Map", value: 1 } }), /no list/)
    assert.match(refused({ ...event, value: { $: "BigInt", value: "x" } }), /BigInt/)
    assert.match(refused({ ...event, value: { $: "Bytes", value: "*" } }), /no event/)
    assert.match(refused({ _tag: "Prediction" }), /no event/)
    assert.match(refused({ _tag: "Prediction", fields: {}, details: { usage: 1 } }), /details/)
    const typed = EventCodec.make(Predict.make("question -> n: int"))
    const usage = { ...Prediction.usage(Prediction.make({})) }
    const odd = typed.decode({ _tag: "Prediction", fields: { n: "x" }, details: { usage, attempts: 1 } })
    assert.match(String(Result.getOrThrow(Result.flip(odd))), /n: expected/)
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    assert.match(refused({ ...event, value: deep }), /nested more than/)
  })

  it("says where it is called wrong", () => {
    assert.throws(() => EventCodec.make({} as never), /`program` is an object: it is a program/)
    assert.throws(() => EventCodec.make(anything, { error: [] } as never), /did you mean 'errors'/)
    assert.throws(() => EventCodec.make(anything, { errors: [Error] } as never), /a class made with Schema.TaggedError/)
    assert.throws(() => EventCodec.make(anything, { channels: ["found"] } as never), /a channel/)
  })
})
