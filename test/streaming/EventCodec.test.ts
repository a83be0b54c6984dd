/** The one form of events and errors outside of a process: law 13, for every event, signature, value and error. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Data, Duration, Effect, Result, Schema } from "effect"
import {
  AdapterParseError,
  BlockingError,
  BlockingReason,
  ContentError,
  DuplicateToolError,
  EventCodec,
  EventCodecError,
  InputError,
  LMError,
  LMReason,
  McpError,
  Module,
  Predict,
  Prediction,
  Signature,
  SignatureError,
  StateError,
  StreamEvent,
  ToolError,
  ToolReason
} from "effect-lm"
import { Completion } from "effect-lm/lm/LMResponse"
import { Usage } from "effect-lm/lm/Usage"
import { WorkerError } from "effect-lm/streaming/WorkerError"
import * as Assert from "node:assert"

// What goes over a wire

type Codec = EventCodec.EventCodec<any, any>

/** An event through the text of JSON, and back. */
const sent = (codec: Codec, event: unknown, reader = codec): any => {
  const text = JSON.stringify(codec.encode(event))
  assert.isTrue(text.startsWith("{\"_tag\":"), text)
  return Result.getOrThrow(reader.decode(JSON.parse(text)))
}

/** A program without a signature: its fields are of any type. */
const anything = Module.make("Anything", {}, () => (_input: object) => Effect.succeed({}))
const untyped = EventCodec.make(anything)

const progress = (value: unknown): StreamEvent.ToolProgress => ({
  _tag: "ToolProgress",
  toolName: "t",
  toolCallId: "c",
  path: "self",
  callId: "self>t",
  value
})

/** A value of no known type through the text of JSON, and back. */
const valueSent = (value: unknown): unknown => sent(untyped, progress(value)).value

/** The same to the last bit, except for records that have no prototype. */
const deepStrictEqual = (actual: unknown, expected: unknown): void =>
  Assert.deepStrictEqual(plain(actual), plain(expected))

const plain = (value: unknown): unknown => {
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [plain(key), plain(inner)]))
  if (value instanceof Set) return new Set([...value].map(plain))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  const proto = Object.getPrototypeOf(value)
  return proto === null || proto === Object.prototype
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
    : value
}

// What may be in it

/**
 * JSON has no minus zero. V8's `JSON.parse` reads a key that is one escaped character as a backslash, once it has seen that as a
 * key in the same place.
 */
const isOfJson = (value: unknown): boolean =>
  typeof value === "object" && value !== null
    ? Object.entries(value).every(([key, inner]) =>
      !(key.length === 1 && JSON.stringify(key).length > 3) && isOfJson(inner)
    )
    : !Object.is(value, -0)

const leaf = Schema.Union([
  Schema.String,
  Schema.Number,
  Schema.Boolean,
  Schema.Null,
  Schema.Undefined,
  Schema.BigInt,
  Schema.Date,
  Schema.Duration,
  Schema.Uint8Array
])
/** Keys that mean something in a form, or in JavaScript. */
const Key = Schema.Literals(["$", "$$", "$ref", "_tag", "__proto__", "constructor", "a", ""])
const around = (inner: Schema.Codec<any, any>) =>
  Schema.Union([
    inner,
    Schema.Array(inner),
    Schema.Array(Schema.Tuple([Key, inner])).pipe(Schema.check(Schema.isMaxLength(3))),
    Schema.ReadonlyMap(inner, inner),
    Schema.ReadonlySet(inner)
  ])

/** Any data: pairs of a key and a value become records. */
const data = Arbitrary.map(Arbitrary.schema(around(around(leaf))), (value) => recorded(value))

const recorded = (value: unknown): unknown => {
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [recorded(key), recorded(inner)]))
  if (value instanceof Set) return new Set([...value].map(recorded))
  if (!Array.isArray(value)) return value
  const isPairs = value.length > 0 && value.every((pair) => Array.isArray(pair) && typeof pair[0] === "string")
  return isPairs ? Object.fromEntries(value.map(([key, inner]) => [key, recorded(inner)])) : value.map(recorded)
}

/** What outputs may be, beyond JSON. */
const types = {
  text: Schema.String,
  number: Schema.Number,
  finite: Schema.Finite,
  big: Schema.BigInt,
  flag: Schema.Boolean,
  date: Schema.Date,
  duration: Schema.Duration,
  bytes: Schema.Uint8Array,
  map: Schema.ReadonlyMap(Schema.String, Schema.BigInt),
  set: Schema.ReadonlySet(Schema.Number),
  list: Schema.Array(Schema.Date),
  choice: Schema.Literals(["a", "b"]),
  nullable: Schema.NullOr(Schema.BigInt),
  optional: Schema.optionalKey(Schema.Date),
  record: Schema.Record(Schema.Literals(["$", "$$", "a"]), Schema.Literals(["Date", "Any", "b"])),
  option: Schema.Option(Schema.Number),
  nested: Schema.Struct({ at: Schema.Date, deep: Schema.Array(Schema.NullOr(Schema.BigInt)) })
}
type Kind = keyof typeof types

/** A signature of some of them, and a prediction of it with one completion or more. */
const predictions = Arbitrary.flatMap(
  Arbitrary.schema(Schema.Array(Schema.Literals(Object.keys(types) as [Kind, ...Array<Kind>]))),
  (kinds) => {
    const outputs = Object.fromEntries(
      ["text" as const, ...kinds].map((kind, place) => [`${kind}_${place}`, types[kind]])
    )
    const signature = Signature.fromSchemas({ inputs: { question: Schema.String }, outputs })
    const Fields = Schema.Struct(outputs)
    const Known = Schema.Struct({
      fields: Fields,
      others: Schema.Array(Schema.NullOr(Fields)),
      completion: Completion,
      usage: Usage,
      model: Schema.UndefinedOr(Schema.String),
      attempts: Schema.Int,
      reply: Schema.String,
      reasoning: Schema.String,
      requestId: Schema.UndefinedOr(Schema.String),
      headers: Schema.Record(Schema.String, Schema.String),
      givenAgain: Schema.Boolean,
      endReason: Schema.UndefinedOr(Schema.Literals(["answered", "finished", "stopped", "maxIterations"]))
    })
    return Arbitrary.map(
      Arbitrary.filter(Arbitrary.schema(Known), isOfJson),
      ({ completion: { content, logprobs }, fields, others, ...details }) => ({
        program: Predict.make(signature),
        prediction: Prediction.make(fields as object, {
          ...details,
          completions: [fields, ...others.map((each) => each ?? undefined)],
          content,
          toolCalls: content.flatMap((part) => part._tag === "ToolCall" ? [part] : []),
          logprobs: logprobs ?? []
        })
      })
    )
  }
)

const options = { arbitrary: { runs: 150, size: 6, seed: 1 }, timeout: 30_000 } as const

describe("law 13: what is decoded is what was encoded", () => {
  for (
    const [name, schema] of Object.entries({
      StreamResponse: StreamEvent.StreamResponse,
      Retracted: StreamEvent.Retracted,
      ToolCallDelta: StreamEvent.ToolCallDelta,
      StatusMessage: StreamEvent.StatusMessage,
      StepsDropped: StreamEvent.StepsDropped
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

describe("law 4: what a run fails of", () => {
  class NotFound extends Schema.TaggedError<NotFound>("test/codec/NotFound")("NotFound", {
    id: Schema.BigInt,
    since: Schema.Date,
    wait: Schema.Duration,
    name: Schema.String,
    $: Schema.optionalKey(Schema.String),
    context: Schema.Unknown,
    within: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
  }) {
    override get message(): string {
      return `there is no ${this.id}`
    }
  }
  const codec = EventCodec.make(anything, { errors: [NotFound] })
  const failureSent = (error: unknown, reader: Codec = codec): any =>
    sent(codec, { _tag: "Failure", error }, reader).error

  const same = (error: any) => {
    const again = failureSent(error)
    assert.strictEqual(again.constructor, error.constructor)
    assert.strictEqual(again.message, error.message)
    const { reason: reasonAgain, ...othersAgain } = again
    const { reason, ...others } = error
    deepStrictEqual(othersAgain, others)
    if (typeof reason === "object") {
      assert.strictEqual(reasonAgain.constructor, reason.constructor)
      deepStrictEqual({ ...reasonAgain }, { ...reason })
    } else assert.strictEqual(reasonAgain, reason)
  }

  for (
    const [name, Class] of Object.entries({
      LMError,
      AdapterParseError,
      InputError,
      SignatureError,
      ContentError,
      StateError,
      McpError,
      DuplicateToolError,
      EventCodecError
    })
  ) {
    it.prop(
      name,
      { error: Arbitrary.filter(Arbitrary.schema(Class as unknown as Schema.Codec<object>), isOfJson) },
      ({ error }) => {
        same(error)
      },
      options
    )
  }

  it.prop(
    "an error of the program's own",
    {
      error: Arbitrary.map(
        Arbitrary.all({ error: Arbitrary.schema(NotFound), context: data }),
        ({ context, error }) => new NotFound({ ...error, context })
      )
    },
    ({ error }) => same(error),
    options
  )

  it("ToolError, BlockingError and WorkerError, with their causes, which are errors again", () => {
    const deepest = new RangeError("too far")
    const cause = new LMError({
      model: "m",
      reason: new LMReason.RateLimited({ description: "slow", retryAfter: Duration.seconds(3) }),
      trajectory: [{ at: new Date(0) }]
    })
    for (
      const error of [
        new ToolError({ tool: "t", reason: new ToolReason.Failed({ description: "d", cause }) }),
        new BlockingError({ function: "f", reason: new BlockingReason.Failed({ description: "d", cause }) })
      ]
    ) {
      const again = failureSent(error)
      assert.strictEqual(again.constructor, error.constructor)
      assert.strictEqual(again.reason.constructor, error.reason.constructor)
      assert.instanceOf(again.reason.cause, LMError)
      assert.deepStrictEqual(again.reason.cause.retryAfter, Duration.seconds(3))
      assert.deepStrictEqual(again.reason.cause.trajectory, [{ at: new Date(0) }])
    }
    const timedOut = new ToolError({ tool: "t", reason: new ToolReason.TimedOut({ limit: Duration.minutes(2) }) })
    assert.deepStrictEqual(failureSent(timedOut).reason.limit, Duration.minutes(2))
    const died = new WorkerError({
      file: "f",
      description: "died",
      exitCode: 3,
      cause: new Error("c", { cause: deepest })
    })
    const again = failureSent(died)
    assert.isTrue(again instanceof WorkerError)
    assert.strictEqual(again.exitCode, 3)
    assert.strictEqual(again.cause.message, "c")
    assert.instanceOf(again.cause.cause, RangeError)
  })

  it("of a class that the reader does not know is an Error with its name, message and properties", () => {
    const error = new NotFound({
      id: 7n,
      since: new Date(0),
      wait: Duration.zero,
      name: "n",
      context: new Map([["a", 1n]])
    })
    const again = failureSent(error, untyped)
    assert.isTrue(again instanceof Error)
    assert.isFalse(again instanceof NotFound)
    assert.include(again, { _tag: "NotFound", message: "there is no 7", name: "test/codec/NotFound" })
    assert.deepStrictEqual(again.context, new Map([["a", 1n]]))
  })

  it("is an error or a defect of the program by name, message, properties and cause, and any other value as it is", () => {
    class Plain extends Data.TaggedError("Plain")<{ readonly code: bigint }> {}
    assert.include(failureSent(new Plain({ code: 7n })), { _tag: "Plain", name: "Plain", code: 7n })
    const error = Object.assign(new TypeError("a bug", { cause: "why" }), { code: "EBUG" })
    const again = failureSent(error)
    assert.isTrue(again instanceof TypeError)
    assert.include(again, { message: "a bug", cause: "why", code: "EBUG" })
    assert.isUndefined(again._tag)
    assert.strictEqual(String(failureSent(Object.assign(new Error("m"), { name: "Custom" }))), "Custom: m")
    for (const value of ["text", { _tag: "Odd", message: "m" }, undefined, 7n]) {
      deepStrictEqual(failureSent(value), value)
    }
    const circle = new Error("round")
    circle.cause = circle
    assert.deepStrictEqual(failureSent(circle).cause, { _tag: "Lost", what: "a value that holds itself" })
  })

  it("has its tag first, its message, and never a stack", () => {
    const error = new ToolError({
      tool: "t",
      reason: new ToolReason.Failed({ description: "d", cause: new Error("inner") })
    })
    const form: any = codec.encode({ _tag: "Failure", error })
    assert.strictEqual(Object.keys(form.error)[0], "_tag")
    assert.include(form.error, { _tag: "ToolError", message: "t: d" })
    assert.strictEqual(Object.keys(form.error.reason)[0], "_tag")
    assert.strictEqual(form.error.reason._tag, "Failed")
    assert.notInclude(JSON.stringify(form), "stack")
    assert.notInclude(JSON.stringify(form), import.meta.filename)
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
