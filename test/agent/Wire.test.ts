/** Agents against servers that are particular about tools. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { type LMRequest, OpenAI, ReAct, Streaming, Tool } from "effect-lm"
import * as WireServer from "../support/wireServer.ts"

const weather = Tool.make("weather", { parameters: { city: Schema.String } }, () => "sunny")
const agent = ReAct.make("question -> answer", { tools: [weather] })

const call = [{ id: "call_0", type: "function", function: { name: "weather", arguments: "{\"city\":\"Paris\"}" } }]
const outputs = "[[ ## reasoning ## ]]\nr\n\n[[ ## answer ## ]]\nsunny\n\n[[ ## completed ## ]]"

/** A message, streamed or not as the request asks. */
const message = (message: Readonly<Record<string, unknown>>, reason: string): WireServer.Handler => (exchange) =>
  exchange.request.json.stream === true
    ? WireServer.events(
      WireServer.chunk({ ...message, tool_calls: undefined }),
      ...(message["tool_calls"] === undefined
        ? []
        : [WireServer.chunk({ tool_calls: call.map((one, index) => ({ ...one, index })) })]),
      WireServer.chunk({}, { finish_reason: reason }),
      WireServer.done
    )(exchange)
    : WireServer.json(200, WireServer.completion(message, { finish_reason: reason }))(exchange)

const thinks = (thought: Readonly<Record<string, unknown>>) =>
  message({ role: "assistant", content: "", ...thought, tool_calls: call }, "tool_calls")

const says = (content: string) => message({ role: "assistant", content, reasoning_content: "so" }, "stop")

const run = (mode: "stream" | "generate", baseUrl: string) =>
  (mode === "stream"
    ? Effect.asVoid(Stream.runDrain(Streaming.streamify(agent)({ question: "?" })))
    : Effect.asVoid(agent({ question: "?" }))).pipe(
      Effect.provide(OpenAI.layer({ model: "m", baseUrl, retry: false }))
    )

const assistants = (request: WireServer.WireRequest) =>
  (request.json.messages as ReadonlyArray<{ readonly role: LMRequest.Message["role"] }>).filter(({ role }) =>
    role === "assistant"
  )

describe("reasoning that a provider wants back", () => {
  for (const mode of ["stream", "generate"] as const) {
    for (const field of ["reasoning_content", "reasoning"] as const) {
      it.effect(`${mode}: goes back as ${field}, to the end of the run, beside its tool calls`, () =>
        Effect.gen(function*() {
          const server = yield* WireServer.make([
            thinks({ [field]: "I need the weather." }),
            thinks({ [field]: "Once more." }),
            says("It is sunny."),
            says(outputs)
          ])
          yield* run(mode, server.baseUrl)
          const sent = server.requests.map(assistants)
          assert.deepStrictEqual(sent.map((messages) => messages.length), [0, 1, 2, 3])
          assert.propertyVal(sent[3]![0], field, "I need the weather.")
          assert.propertyVal(sent[3]![1], field, "Once more.")
          for (const one of sent[3]!.slice(0, 2)) {
            assert.notProperty(one, field === "reasoning" ? "reasoning_content" : "reasoning")
          }
          assert.hasAllKeys(sent[3]![2], ["role", "content"])
        }))
    }

    it.effect(`${mode}: goes back empty where it came empty, and not where it did not come`, () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make([
          thinks({ reasoning_content: "" }),
          thinks({ reasoning_content: null }),
          says("It is sunny."),
          says(outputs)
        ])
        yield* run(mode, server.baseUrl)
        const [first, second] = assistants(server.requests[3]!)
        assert.propertyVal(first, "reasoning_content", "")
        assert.hasAllKeys(second, ["role", "content", "tool_calls"])
      }))

    it.effect(`${mode}: what is between think tags does not`, () =>
      Effect.gen(function*() {
        const server = yield* WireServer.make([
          thinks({ content: "<think>I need the weather.</think>Let me look." }),
          says("It is sunny."),
          says(outputs)
        ])
        yield* run(mode, server.baseUrl)
        assert.hasAllKeys(assistants(server.requests[1]!)[0], ["role", "content", "tool_calls"])
      }))
  }
})

describe("what a provider has put beside a call", () => {
  for (const mode of ["stream", "generate"] as const) {
    it.effect(`${mode}: goes back beside it, as it came, and beside no other`, () =>
      Effect.gen(function*() {
        const extra_content = { google: { thought_signature: "c2lnbmF0dXJl" } }
        const other = { ...call[0]!, id: "call_1" }
        const signed = { role: "assistant", content: "", tool_calls: [{ ...call[0]!, extra_content }, other] }
        const server = yield* WireServer.make([
          (exchange) =>
            mode === "generate"
              ? WireServer.json(200, WireServer.completion(signed, { finish_reason: "tool_calls" }))(exchange)
              : WireServer.events(
                WireServer.chunk({ role: "assistant", tool_calls: [{ ...signed.tool_calls[0], index: 0 }] }),
                WireServer.chunk({ tool_calls: [{ ...other, index: 1 }] }),
                WireServer.chunk({}, { finish_reason: "tool_calls" }),
                WireServer.done
              )(exchange),
          says("It is sunny."),
          says(outputs)
        ])
        yield* run(mode, server.baseUrl)
        for (const request of server.requests.slice(1)) {
          const { tool_calls } = request.json.messages.find(({ role }: { role: string }) => role === "assistant")
          assert.deepStrictEqual(tool_calls[0].extra_content, extra_content)
          assert.notProperty(tool_calls[1], "extra_content")
        }
      }))
  }
})

describe("tools that a server cannot take", () => {
  it.effect("told as a failure of its own: they are told in text, and nothing is asked again", () =>
    Effect.gen(function*() {
      const refusal = { error: { code: 500, message: "tools param requires --jinja flag", type: "server_error" } }
      const fields = { next_thought: "t", next_tool_name: "finish", next_tool_args: "{}" }
      const finish = Object.entries(fields).map(([name, value]) => `[[ ## ${name} ## ]]\n${value}\n\n`).join("")
      const server = yield* WireServer.make([
        WireServer.json(500, refusal),
        WireServer.answer(`${finish}[[ ## completed ## ]]`),
        WireServer.answer(outputs)
      ])
      const { answer } = yield* agent({ question: "?" }).pipe(
        Effect.provide(OpenAI.layer({ model: "m", baseUrl: server.baseUrl }))
      )
      assert.strictEqual(answer, "sunny")
      assert.deepStrictEqual(server.requests.map(({ json }) => json.tools !== undefined), [true, false, false])
    }))

  it.effect("a call that the model wrote wrongly: what it wrote is told to it, and nothing is asked again", () =>
    Effect.gen(function*() {
      const refusal = {
        error: {
          message: "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
          type: "invalid_request_error",
          code: "tool_use_failed",
          failed_generation: "<function=weather>{\"city\": 1}</function>"
        }
      }
      const server = yield* WireServer.make([
        WireServer.json(400, refusal),
        WireServer.events(WireServer.data(refusal)),
        WireServer.json(200, WireServer.completion({ content: "" }, { finish_reason: "MALFORMED_FUNCTION_CALL" })),
        thinks({}),
        says("It is sunny."),
        says(outputs)
      ])
      const { trajectory } = yield* agent({ question: "?" }).pipe(
        Effect.provide(OpenAI.layer({ model: "m", baseUrl: server.baseUrl }))
      )
      assert.deepStrictEqual(trajectory.map(({ calls }) => calls.length), [0, 0, 0, 1, 0])
      assert.include(JSON.stringify(server.requests[1]!.json.messages.at(-1)), "<function=weather>")
      assert.lengthOf(server.requests, 6)
    }))

  const unreadable: ReadonlyArray<readonly [status: number, message: string]> = [
    [500, "Failed to parse input at pos 12: <tool_call>{"],
    [400, "unexpected tokens remaining in message header: Some(\"to=functions.add\")"],
    [500, "unexpected tokens remaining in message header: Some(\"to=functions.add\")"],
    [
      424,
      "Model produced invalid sequence as part of ToolUse. Please refer to the model tool use troubleshooting guide."
    ],
    [
      400,
      "The model produced invalid content. Consider modifying your prompt if you are seeing this error persistently."
    ],
    [500, "The model produced invalid content."],
    [400, "Could not parse the generated tool call"],
    [500, "Could not parse the generated tool call"],
    [400, "Model generated an invalid tool call"],
    [500, "Model generated an invalid tool call"]
  ]
  for (const [status, message] of unreadable) {
    it.effect(`a call that could not be read, as a ${status}: ${message}`, () =>
      Effect.gen(function*() {
        const refusal = { error: { message, type: status < 500 ? "invalid_request_error" : "server_error" } }
        const server = yield* WireServer.make([
          WireServer.json(status, refusal),
          WireServer.events(WireServer.data(refusal)),
          says("It is sunny."),
          says(outputs)
        ])
        const { trajectory } = yield* agent({ question: "?" }).pipe(
          Effect.provide(OpenAI.layer({ model: "m", baseUrl: server.baseUrl, retry: false }))
        )
        assert.lengthOf(trajectory, 3)
        assert.include(JSON.stringify(server.requests[1]!.json.messages.at(-1)), "could not be read")
      }))
  }
})
