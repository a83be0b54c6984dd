/** effect-lm chat on a terminal, a pseudo terminal of Python's (`python3` must be there). Half a minute. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import * as WireServer from "../support/wireServer.ts"
import { startOnTerminal } from "./terminals.ts"

const answer = (text: string) => WireServer.answer(`[[ ## answer ## ]]\n${text}\n\n[[ ## completed ## ]]`)

/** Sends the beginning of an answer, and then nothing more until the client has gone. */
const unfinished = (text: string): WireServer.Handler => (exchange) =>
  Effect.gen(function*() {
    yield* exchange.head(200, WireServer.eventStream)
    yield* exchange.write(WireServer.chunk({ content: `[[ ## answer ## ]]\n${text} ` }))
    yield* exchange.closed
  })

const chat = Effect.fnUntraced(function*(
  handlers: ReadonlyArray<WireServer.Handler>,
  args: ReadonlyArray<string> = ["question -> answer"]
) {
  const server = yield* WireServer.make(handlers)
  const terminal = yield* startOnTerminal(["chat", ...args], { OPENAI_BASE_URL: server.baseUrl, NO_COLOR: "1" })
  yield* terminal.shows("/exit leaves")
  return { server, ...terminal }
})

describe("effect-lm chat on a terminal", { timeout: 60_000 }, () => {
  it.live("Ctrl-C stops an answer and no more: its request is closed, and it was never said", () =>
    Effect.gen(function*() {
      const { code, server, shown, shows, type } = yield* chat([unfinished("It begins"), answer("It is blue.")])
      yield* shows("question")
      yield* type("Why?\r")
      yield* shows("answer: It begins")
      yield* type("\u0003")
      yield* server.nextAbandoned
      yield* shows("[Stopped]")
      yield* shows("› ", 3)
      yield* type("And now?\r")
      yield* shows("answer: It is blue.")
      assert.strictEqual(server.requests[1]!.json.messages.length, 2)
      yield* type("/exit\r")
      assert.strictEqual(yield* code, 0)
      assert.include(shown(), "answer: It begins\r\n[Stopped]")
    }))

  it.live("at the question Ctrl-C and Ctrl-D leave", () =>
    Effect.gen(function*() {
      for (const key of ["\u0003", "\u0004"]) {
        const { code, shows, type } = yield* chat([answer("x")])
        yield* shows("question")
        yield* type(key)
        assert.strictEqual(yield* code, 0)
      }
    }))

  it.live("a turn that fails is no end; other inputs are asked for at each", () =>
    Effect.gen(function*() {
      const { code, server, shows, type } = yield* chat(
        [WireServer.json(400, { error: { message: "not that" } }), answer("fine")],
        ["n: int, question -> answer"]
      )
      for (const [question, number, said] of [["a", "1", "error: Predict"], ["b", "2", "answer: fine"]] as const) {
        yield* shows("question ›", question === "a" ? 1 : 3)
        yield* type(`${question}\r`)
        yield* shows("n: integer ›", question === "a" ? 1 : 3)
        yield* type(`${number}\r`)
        yield* shows(said)
      }
      assert.strictEqual(server.requests[1]!.json.messages.length, 2)
      assert.include(server.requests[1]!.json.messages[1].content, "[[ ## n ## ]]\n2")
      yield* type("\u0004")
      assert.strictEqual(yield* code, 0)
    }))

  it.live("a tool that needs approval is asked about, and the conversation goes on", () =>
    Effect.gen(function*() {
      const call = {
        index: 0,
        id: "call_0",
        type: "function",
        function: { name: "remove", arguments: "{\"name\":\"a\"}" }
      }
      const answered = WireServer.answer(
        "[[ ## reasoning ## ]]\nso\n\n[[ ## answer ## ]]\ndone\n\n[[ ## completed ## ]]"
      )
      const { code, server, shows, type } = yield* chat(
        [
          WireServer.events(
            WireServer.chunk({ tool_calls: [call] }),
            WireServer.chunk({}, { finish_reason: "tool_calls" }),
            WireServer.done
          ),
          WireServer.answer("I know."),
          answered,
          unfinished("no")
        ],
        [
          "question -> answer",
          "--module",
          "react",
          "--tools",
          join(import.meta.dirname, "fixtures/terminalTools.ts")
        ]
      )
      yield* shows("question ›")
      yield* type("Remove a\r")
      yield* shows("Allow it?")
      yield* type("y\r")
      yield* shows("[remove = removed a]")
      yield* shows("answer: done")
      yield* shows("question ›", 3)
      // The keyboard is read for Ctrl-C again.
      yield* type("And b\r")
      for (let i = 0; i < 4; i++) yield* server.nextRequest
      yield* type("\u0003")
      yield* server.nextAbandoned
      yield* shows("[Stopped]")
      yield* shows("question ›", 5)
      yield* type("\u0004")
      assert.strictEqual(yield* code, 0)
    }))
})
