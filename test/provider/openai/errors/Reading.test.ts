/** How the body of an error is read: what is looked at, how deep, and in what time. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as ProviderError from "../../../../src/provider/openai/errors/reason.ts"
import { asking } from "../../../support/requests.ts"
import * as WireServer from "../../../support/wireServer.ts"
import { error, fails } from "../../support/errors.ts"

describe("what an error means", () => {
  it.effect("headers go before what the body says of the time to wait", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(
        WireServer.json(429, error("Please try again in 20s."), { "retry-after": "7" })
      )
      const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, retry: false })
      const { retryAfter } = yield* Effect.flip(lm.generate(asking("q")))
      assert.strictEqual(Duration.toMillis(retryAfter!), 7000)
    }))

  it.effect("an empty account is not asked again", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.json(429, error("Insufficient balance, please recharge")))
      const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl })
      yield* Effect.flip(lm.generate(asking("q")))
      assert.lengthOf(server.requests, 1)
    }))

  it.effect("what the errors inside an error say is said, once", () =>
    Effect.gen(function*() {
      const inner = JSON.stringify(error("prompt is too long: 9 tokens > 8 maximum"))
      const { reason } = yield* fails([
        400,
        error("Provider returned error", { code: 400, metadata: { provider_name: "X", raw: inner } })
      ])
      assert.strictEqual(
        reason.description,
        "400 Provider returned error: prompt is too long: 9 tokens > 8 maximum. Shorten the messages, or use a model " +
          "with a larger context"
      )
    }))

  it.effect("what the user or the model wrote means nothing", () =>
    Effect.gen(function*() {
      const echoes = [
        [422, { detail: [{ loc: ["body", "n"], msg: "too many", input: { message: "insufficient balance" } }] }],
        [400, error("Invalid value", { param: "rate limit reached", metadata: { flagged_input: "context length" } })]
      ] as const
      for (const row of echoes) assert.strictEqual((yield* fails(row)).reason._tag, "InvalidRequest")
    }))

  it("a long message is looked through in no time", () => {
    const patterns = [
      " ",
      "fail",
      "-",
      "retry after: ",
      "wait for for ",
      "attempted to call tool ",
      "exceed",
      "1 ",
      "max_tokens   ",
      "model ",
      "model x is not ",
      "prompt tokens ",
      "fail grammar ",
      "json schema ",
      "messages[0].",
      "free tier ",
      "0"
    ]
    const started = process.cpuUsage()
    for (const pattern of patterns) {
      for (const [head, tail] of [["", ""], ["retry after:", "x"], ["try again in 5", "{\"message\":1}"]] as const) {
        ProviderError.fromPayload(error(`${head}${pattern.repeat(200_000 / pattern.length)}${tail}`))
      }
    }
    assert.isBelow(process.cpuUsage(started).user / 1000, 5000)
  })

  it.effect("errors inside errors without end are read to a depth", () =>
    Effect.gen(function*() {
      const deep = `${"{\"error\":".repeat(2000)}"x"${"}".repeat(2000)}`
      assert.strictEqual((yield* fails([400, deep])).reason._tag, "InvalidRequest")
    }))
})
