/** A conversation so far as an input on the command line. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Predict } from "effect-lm"
import { Runner } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"
import { run, type World } from "./harness.ts"

const qa = Predict.make("question, history: History -> answer")

const call = (args: ReadonlyArray<string>, world: World = {}) =>
  run(Runner.runWith(Runner.command("qa", qa), { version: "0" })(args), world)

const script = [ScriptedLM.chat({ answer: "Ada" })]

describe("--history", () => {
  it.effect("takes JSON, as it was saved", () =>
    Effect.gen(function*() {
      const history = JSON.stringify({ messages: [{ question: "I am Ada.", answer: "Hello." }] })
      const { code, requests, stderr } = yield* call(["--question", "Who am I?", "--history", history], { script })
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(
        requests[0]!.messages.map(({ role }) => role),
        ["system", "user", "assistant", "user"]
      )
      assert.include(textAt(requests[0], 1), "I am Ada.")
    }))

  it.effect("may be left out, and is not asked for on a terminal", () =>
    Effect.gen(function*() {
      const piped = yield* call(["--question", "?"], { script })
      assert.strictEqual(piped.code, 0, piped.stderr)
      assert.strictEqual(piped.requests[0]!.messages.length, 2)
      const typed = yield* call([], { script, keys: ["h", "i", "enter"] })
      assert.strictEqual(typed.code, 0, typed.stderr)
      assert.include(textAt(typed.requests[0], 1), "hi")
      assert.notInclude(typed.stderr, "history")
    }))

  it.effect("says what it takes", () =>
    Effect.gen(function*() {
      const bad = yield* call(["--question", "?", "--history", "Ada"])
      assert.strictEqual(bad.code, 2)
      assert.include(bad.stderr, "Expected { messages: Array<Record<string, any>> } as JSON")
      const help = yield* call(["--help"])
      assert.match(help.stdout, /--history .*the turns so far; may be left out/)
    }))
})
