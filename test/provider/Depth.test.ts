/**
 * What is nested without end is an error like any other, not the end of the program.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"

const request = asking("q")

const nested = (depth: number) => `${"{\"x\":".repeat(depth)}1${"}".repeat(depth)}`

const { chunk, done } = WireServer
const call = (args: string) =>
  `data: {"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":${args}}}]}}]}\n\n`

describe("JSON that is nested too deep", () => {
  const deep = nested(20_000)
  const bodies: Readonly<Record<string, WireServer.Handler>> = {
    "a chunk": WireServer.events(`data: ${deep}\n\n`, done),
    "a chunk in an answer": WireServer.events(chunk({ content: "a" }), `data: ${deep}\n\n`, done),
    "a body": WireServer.reply(200, { "content-type": "application/json" }, deep),
    "arguments": WireServer.events(call(deep), done)
  }

  for (const [name, handler] of Object.entries(bodies)) {
    it.effect(`${name}: InvalidResponse`, () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make(handler)
        const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl, retry: false })
        const { reason } = yield* Effect.flip(Stream.runDrain(lm.stream(request)))
        assert.strictEqual(reason._tag, "InvalidResponse")
        assert.include(reason.description, "nested too deep")
      }))
  }

  it.effect("the body of an error: InvalidRequest, once", () =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.reply(400, { "content-type": "application/json" }, deep))
      const lm = yield* OpenAI.make({ model: "m", baseUrl: server.baseUrl })
      const { reason } = yield* Effect.flip(lm.generate(request))
      assert.strictEqual(reason._tag, "InvalidRequest")
      assert.lengthOf(server.requests, 1)
    }))
})
