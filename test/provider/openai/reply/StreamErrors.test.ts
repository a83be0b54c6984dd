/** An error inside of a stream comes after what was there. */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { decode, description, only } from "../../support/decoding.ts"

const { chunk, data, done, stop } = WireServer

describe("an error inside the stream", () => {
  const text = chunk({ content: "Par" })

  it("comes after what was there, in every form", () => {
    const forms: ReadonlyArray<readonly [body: string, tag: string]> = [
      [data({ error: { message: "boom", type: "server_error" } }), "Server"],
      [data({ error: { code: 429, message: "slow down" } }), "RateLimited"],
      [
        data({
          error: { code: "502", message: "upstream", metadata: {} },
          choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }]
        }),
        "Server"
      ],
      [
        data({
          error: {
            code: 400,
            message: "the request exceeds the available context size",
            type: "exceed_context_size_error"
          }
        }),
        "ContextWindowExceeded"
      ],
      [data({ error: "boom" }), "Server"],
      [data({ choices: [{ index: 0, delta: {}, error: { code: 503, message: "x" } }] }), "Server"],
      ["error: {\"code\":500,\"message\":\"boom\",\"type\":\"server_error\"}\n\n", "Server"],
      ["event: error\ndata: {\"message\":\"boom\"}\n\n", "Server"],
      [
        "event: error\ndata: {\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\"}}\n\n",
        "InvalidRequest"
      ],
      ["event: error\ndata: boom\n\n", "Server"],
      [chunk({}, { finish_reason: "error" }), "Server"]
    ]
    for (const [body, tag] of forms) {
      const result = decode(text + body + stop + done)
      assert.strictEqual(result.failure, tag, body)
      assert.strictEqual(result.completions[0]!.text, "Par")
      assert.isUndefined(result.completions[0]!.finish)
    }
  })

  it("says what the provider said", () => {
    assert.include(description(text + data({ error: { code: 503, message: "overloaded" } })), "503 overloaded")
    assert.include(description("event: error\ndata: boom\n\n"), "boom")
  })

  it("is none where `error` is null", () => {
    assert.strictEqual(
      only(data({ error: null, choices: [{ index: 0, delta: { content: "a" }, finish_reason: "stop" }] }) + done)
        .text,
      "a"
    )
  })

  it("is a failure of its own where the data is not JSON", () => {
    const result = decode(text + "data: {\"choices\":[{\"delta\"\n\n" + stop + done)
    assert.strictEqual(result.failure, "InvalidResponse")
    assert.strictEqual(result.completions[0]!.text, "Par")
  })
})
