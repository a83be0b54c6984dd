/**
 * A chunk that has choices may tell of an error as well: beside them, or in them.
 */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { bytes, decode, read } from "../../support/decoding.ts"

const { chunk, data, done } = WireServer

const tag = (body: string) => read([bytes(body)]).failure?._tag

const empty = { choices: [{ index: 0, delta: { content: "" } }] }
const whole = { choices: [{ index: 0, message: { content: "x" }, finish_reason: "stop" }] }

describe("errors beside choices", () => {
  const failures: ReadonlyArray<object> = [
    { error_code: 502, message: "up" },
    { base_resp: { status_code: 1027, status_msg: "no" } },
    { status: "incomplete" },
    { status: "failed" },
    { status: 500 },
    { success: false },
    { object: "error", message: "broke" },
    { err_msg: "broke" },
    { ErrorMsg: { Msg: "broke", Code: 4001 } },
    { internalServerException: { message: "broke" } },
    { x_groq: { id: "r", error: "over capacity" } }
  ]

  for (const failure of failures) {
    it(JSON.stringify(failure), () => {
      assert.isDefined(tag(chunk({ content: "a" }) + data({ ...empty, ...failure }) + done))
      assert.isDefined(tag(JSON.stringify({ ...whole, ...failure })))
    })
  }

  const inside: ReadonlyArray<unknown> = [
    { delta: { error: "x" } },
    { message: { error: "x" } },
    { error: "x" },
    "error"
  ]

  for (const choice of inside) {
    it(`in the choice: ${JSON.stringify(choice)}`, () => {
      assert.strictEqual(tag(chunk({ content: "a" }) + data({ choices: [choice] }) + done), "Server")
      assert.strictEqual(tag(JSON.stringify({ choices: [choice] })), "Server")
    })
  }

  it("in the choice, as a code", () => {
    assert.strictEqual(tag(data({ choices: [{ delta: { content: "a" }, error_code: 5 }] }) + done), "Server")
    assert.isUndefined(tag(data({ choices: [{ delta: { content: "a" }, error: null, error_code: 0 }] }) + done))
  })

  const harmless: ReadonlyArray<object> = [
    { message: "ok", code: 0 },
    { message: "the request was served", code: 20000 },
    { status: "completed" },
    { status: "in_progress" },
    { status: 200 },
    { success: true },
    { base_resp: { status_code: 0, status_msg: "" } },
    { error: null, error_code: 0, errors: [] },
    { detail: "cached" },
    { type: "chat.completion.chunk" }
  ]

  for (const members of harmless) {
    it(`${JSON.stringify(members)} is none`, () => {
      const body = data({ choices: [{ index: 0, delta: { content: "a" } }], ...members }) +
        data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], ...members }) + done
      const { completions, failure } = decode(body)
      assert.isUndefined(failure)
      assert.strictEqual(completions[0]!.text, "a")
      assert.isUndefined(tag(JSON.stringify({ ...whole, ...members })))
    })
  }

  it("what is incomplete for a reason that is told ended for that reason", () => {
    const choices = [{ index: 0, message: { content: "x" }, finish_reason: "length" }]
    assert.isUndefined(tag(JSON.stringify({ status: "incomplete", choices })))
  })
})
