/**
 * Only a reason that is known to be good makes a whole answer, in any spelling.
 */
import { assert, describe, it } from "@effect/vitest"
import * as WireServer from "../../../support/wireServer.ts"
import { atOnce, bytes, decode, description, read } from "../../support/decoding.ts"

const { chunk, done } = WireServer

const ended = (finish_reason: unknown) => chunk({ content: "The first ha" }) + chunk({}, { finish_reason }) + done

/** How an answer with this reason ends: its finish, or its failure. */
const ending = (reason: unknown): string | undefined => {
  const { events, failure } = read([bytes(ended(reason))])
  const finish = events.find((event) => event._tag === "Finish")
  assert.strictEqual(atOnce(ended(reason)).text, "The first ha")
  return failure === undefined ? finish?.reason : failure._tag
}

/** The spellings that one reason is found in. */
const spellings = (reason: string): ReadonlyArray<string> => {
  const camel = reason.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return [
    reason,
    reason.toUpperCase(),
    reason.replaceAll("_", "-"),
    reason.replaceAll("_", " "),
    camel,
    camel[0]!.toUpperCase() + camel.slice(1),
    `FINISH_REASON_${reason.toUpperCase()}`,
    `FinishReason.${reason.toUpperCase()}`,
    ` ${reason} `
  ]
}

describe("finish reasons", () => {
  const rows: ReadonlyArray<readonly [ending: string, reasons: ReadonlyArray<string>]> = [
    ["stop", ["stop", "end_turn", "eos", "eos_token", "stop_sequence", "complete", "completed", "done", "normal"]],
    ["stop", ["tool_calls", "tool_use", "function_call"]],
    ["length", ["length", "max_tokens", "model_length", "max_output_tokens", "token_limit", "max_new_tokens"]],
    ["content-filter", ["content_filter", "content_filtered", "safety", "sensitive", "prohibited_content", "spii"]],
    ["content-filter", [
      "blocklist",
      "recitation",
      "image_safety",
      "guardrail_intervened",
      "moderation",
      "error_toxic_harm"
    ]],
    ["refusal", ["refusal", "refused"]],
    ["ContextWindowExceeded", ["model_context_window_exceeded", "context_length_exceeded", "context_full"]],
    ["Server", ["error", "abort", "aborted", "network_error", "insufficient_system_resource"]],
    ["Server", ["cancelled", "timeout", "time_limit", "upstream_failed", "pause_turn"]],
    ["InvalidResponse", ["malformed_function_call", "unexpected_tool_call"]],
    ["InvalidResponse", ["language", "other", "incomplete", "something_new", "constructor", "__proto__"]]
  ]

  for (const [expected, reasons] of rows) {
    for (const reason of reasons) {
      it(`${reason}: ${expected}`, () => {
        for (const spelling of spellings(reason)) assert.strictEqual(ending(spelling), expected, spelling)
      })
    }
  }

  it("an unknown one is named", () => {
    assert.include(description(ended("something_new")), "something_new")
  })

  it("what says that the completion goes on is none", () => {
    for (const reason of ["", null, undefined, "null", "NULL", "none", "FINISH_REASON_UNSPECIFIED", "not_finished"]) {
      const body = chunk({ content: "a" }, { finish_reason: reason })
      assert.strictEqual(decode(body).failure, "Truncated")
      assert.strictEqual(decode(body + chunk({}, { finish_reason: "stop" })).failure, undefined)
    }
  })

  it("what LiteLLM makes of one that it does not know is not known", () => {
    assert.strictEqual(ending("finish_reason_unspecified"), "InvalidResponse")
    const body = chunk({ content: "a" }, { finish_reason: "finish_reason_unspecified" })
    assert.strictEqual(decode(body + chunk({}, { finish_reason: "stop" }) + done).failure, undefined)
  })

  it("one that more of its completion follows is none, whatever it says", () => {
    const more = [
      chunk({ content: "b" }),
      chunk({ reasoning_content: "b" }),
      chunk({ refusal: "b" }),
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "" } }] })
    ]
    for (const reason of ["stop", "length", "error", "whatever"]) {
      for (const next of more) {
        const body = chunk({ content: "a" }, { finish_reason: reason }) + next
        assert.strictEqual(decode(body).failure, "Truncated")
        const { completions, failure } = decode(body + chunk({}, { finish_reason: "stop" }) + done)
        assert.isUndefined(failure)
        assert.oneOf(completions[0]!.finish, ["stop", "tool-calls", "refusal"])
      }
    }
  })

  it("a good one after it takes back no bad one, but is the end where the first was not known", () => {
    const after = (first: string) => ended(first).replace(done, chunk({}, { finish_reason: "stop" }) + done)
    assert.strictEqual(decode(after("length")).completions[0]!.finish, "length")
    assert.strictEqual(decode(after("network_error")).failure, "Server")
    assert.strictEqual(decode(after("whatever")).completions[0]!.finish, "stop")
  })

  it("that comes with every chunk, and usage after each, ends nothing", () => {
    const usage = WireServer.data({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })
    const each = ["The ", "first ", "half"].map((content) => chunk({ content }, { finish_reason: "stop" }) + usage)
    for (const rest of [done, ""]) {
      assert.strictEqual(decode(each.join("") + rest).completions[0]!.text, "The first half")
    }
    const empty = chunk({ role: "assistant", content: "" }, { finish_reason: "stop" }) + usage
    assert.strictEqual(decode(empty + each.join("") + done).completions[0]!.text, "The first half")
  })

  it("apart from the text ends the answer with the usage after it", () => {
    const usage = WireServer.data({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })
    const { completions } = decode(
      chunk({ content: "a" }) + chunk({}, { finish_reason: "stop" }) + usage + chunk({ content: "b" })
    )
    assert.deepStrictEqual(completions.map(({ finish, text }) => [finish, text]), [["stop", "a"]])
  })

  it("is empty in a whole reply", () => {
    for (const finish_reason of ["", null]) {
      const body = JSON.stringify(WireServer.completion({ content: "4" }, { finish_reason }))
      assert.strictEqual(decode(body).completions[0]!.finish, "stop")
    }
    assert.strictEqual(
      decode(JSON.stringify(WireServer.completion({ content: "4" }, { finish_reason: "SAFETY" })))
        .completions[0]!.finish,
      "content-filter"
    )
  })
})

describe("reasons in other places", () => {
  const choice = (members: object, body: object = {}) => {
    const first = WireServer.data({ choices: [{ index: 0, delta: { content: "The first ha" } }] })
    const streamed = read([bytes(first + WireServer.data({ choices: [{ index: 0, delta: body, ...members }] }) + done)])
    const message = { content: "The first ha", ...body }
    const whole = read([bytes(JSON.stringify({ choices: [{ index: 0, message, ...members }] }))])
    const endings = [streamed, whole].map(({ events, failure }) =>
      failure?._tag ?? events.find((event) => event._tag === "Finish")?.reason
    )
    assert.strictEqual(endings[0], endings[1])
    return endings[0]
  }

  it("count where there is no finish_reason", () => {
    for (const name of ["finishReason", "stop_reason", "done_reason", "finish_reason"]) {
      assert.strictEqual(choice({ [name]: "max_tokens" }), "length")
      assert.strictEqual(choice({ [name]: { reason: "length" } }), "length")
      assert.strictEqual(choice({ finish_reason: null, [name]: { type: "content_filter" } }), "content-filter")
    }
    assert.strictEqual(choice({ finish_details: { type: "max_tokens" } }), "length")
    assert.strictEqual(choice({}, { finish_reason: "length" }), "length")
  })

  it("count beside the only choice", () => {
    const choices = [{ index: 0, delta: { content: "a" } }]
    const last = WireServer.data({ choices, finish_reason: "length" })
    const { events } = read([bytes(WireServer.data({ choices }) + last + done)])
    assert.strictEqual(events.find((event) => event._tag === "Finish")?.reason, "length")
  })

  it("do not count beside a finish_reason, where they hold a stop sequence", () => {
    assert.strictEqual(choice({ finish_reason: "stop", stop_reason: "error" }), "stop")
    assert.strictEqual(choice({ finish_reason: "stop", stop_reason: 128009 }), "stop")
  })

  it("of the service behind a gateway count where they are worse", () => {
    const native = (native_finish_reason: unknown) => choice({ finish_reason: "stop", native_finish_reason })
    assert.strictEqual(native("SAFETY"), "content-filter")
    assert.strictEqual(native("MAX_TOKENS"), "length")
    assert.strictEqual(native("MALFORMED_FUNCTION_CALL"), "InvalidResponse")
    for (const fine of ["STOP", "completed", "end_turn", "something_new", null]) {
      assert.strictEqual(native(fine), "stop")
    }
    assert.strictEqual(choice({ finish_reason: "length", native_finish_reason: "STOP" }), "length")
  })

  it("are marks of the end, as models write them", () => {
    for (const mark of ["</s>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "endoftext", "im_end", "stop_eos"]) {
      assert.strictEqual(ending(mark), "stop")
    }
  })

  it("are learned by no template of chunks with text", () => {
    const each = (members: object) =>
      WireServer.data({ choices: [{ index: 0, delta: { content: "a" }, finishReason: null, ...members }] })
    const { events } = read([bytes(each({}) + each({}) + each({ finishReason: "length" }) + done)])
    assert.strictEqual(events.find((event) => event._tag === "Finish")?.reason, "length")
  })

  it("tool calls that were announced and did not come are no answer, unless there is a text", () => {
    const said = (content: string) =>
      read([bytes(chunk({ content }) + chunk({}, { finish_reason: "tool_calls" }) + done)])
    assert.strictEqual(said("").failure?._tag, "InvalidResponse")
    assert.isUndefined(said("text").failure)
  })
})
