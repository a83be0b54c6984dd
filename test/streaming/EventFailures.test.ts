/** The one form of errors outside of a process: law 13, for every error that a run may fail of. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Data, Duration, Schema } from "effect"
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
  SignatureError,
  StateError,
  ToolError,
  ToolReason
} from "effect-lm"
import { WorkerError } from "effect-lm/streaming/WorkerError"
import { data, isOfJson, options } from "./support/data.ts"
import { anything, type Codec, deepStrictEqual, sent, untyped } from "./support/wire.ts"

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
