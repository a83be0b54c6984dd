/** Law 10: stack traces are for who wrote a program. Those that a server writes to its standard error are not told. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Mcp, type McpError } from "effect-lm"
import { traces } from "../tool/support/stackTraces.ts"
import { call, toolbox } from "./support/client.ts"
import { text, tool } from "./support/messages.ts"
import { programs, serving } from "./support/programs.ts"

describe("what a program's standard error says of its failure", () => {
  for (const [language, written, left] of traces) {
    it.live(`has no stack trace: ${language}`, () =>
      Effect.gen(function*() {
        const { layer } = programs(() => {}, ({ complain, exit }) => {
          complain(written)
          exit(1)
        })
        const error = yield* Effect.flip(Effect.provide(toolbox(Mcp.stdio({ command: "odd" })), layer))
        assert.strictEqual((error as McpError).stderr, left.join("\n").trim())
      }))
  }

  it.live("has none in the middle of a call, either; of a line that is long, the beginning", () =>
    Effect.gen(function*() {
      const { layer } = programs(serving([tool("a"), tool("b")], (message, program) => {
        if (message.params.name === "b") return program.answer(message, text("ok"))
        program.complain(`/srv/bundle.js:1\n${"x".repeat(15_000)}\n^\n\nError: no database\n`)
        program.complain("    at f (/srv/bundle.js:1:2)\n".repeat(10))
        program.exit(1)
      }))
      const box = yield* Effect.provide(toolbox(Mcp.stdio({ command: "odd" })), layer)
      assert.match(
        (yield* call(box, "a")).text,
        /\nx{500}\n.*characters were left out\]\nError: no database$/
      )
    }))
})
