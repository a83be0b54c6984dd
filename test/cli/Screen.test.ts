/** What a command writes, and who looks at it: a terminal, a file, or nobody any more. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { History, Keep, Module, Predict, ReAct, Session, Signature, Tool } from "effect-lm"
import { Runner } from "effect-lm/cli"
import * as LMError from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { run } from "./harness.ts"
import { answer, call, cot } from "./question.ts"

describe("a reader that goes away", () => {
  it.effect("ends the run quietly while the model still writes, and closes the request", () =>
    Effect.gen(function*() {
      for (const args of [[], ["--events"]]) {
        const fiber = yield* Effect.forkChild(call(cot, args, {
          script: [
            ScriptedLM.hang(ScriptedLM.tokens("[[ ## reasoning ## ]]\nMany words to come."), { delay: "1 millis" })
          ],
          closesAfter: 2
        }))
        yield* TestClock.adjust("1 minute")
        const { code, interrupted, stderr } = yield* Fiber.join(fiber)
        assert.strictEqual(code, 0)
        assert.strictEqual(interrupted, 1)
        assert.notInclude(stderr, "error")
      }
    }))

  it.effect("does not matter at the very end", () =>
    Effect.gen(function*() {
      const { code } = yield* call(cot, ["--json"], { script: [ScriptedLM.chat(answer)], closesAfter: 0 })
      assert.strictEqual(code, 0)
    }))
})

describe("colour", () => {
  const script = () => [ScriptedLM.chat({ answer: "a\u001b[2Jb\rc" })]
  const qa = Predict.make("question -> answer")

  it.effect("is for terminals", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(qa, [], { script: script(), terminal: true })
      assert.strictEqual(stdout, "\u001b[1manswer:\u001b[0m a[2Jbc\n")
      assert.include(stderr, "\u001b[2m[Running Predict]\u001b[0m\n")
    }))

  it.effect("NO_COLOR and TERM=dumb turn it off", () =>
    Effect.gen(function*() {
      for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
        const { stderr, stdout } = yield* call(qa, [], { script: script(), terminal: true, env })
        assert.notInclude(stdout + stderr, "\u001b")
      }
    }))

  it.effect("FORCE_COLOR turns it on elsewhere, unless NO_COLOR is set", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* call(qa, [], { script: script(), env: { FORCE_COLOR: "1" } })
      assert.strictEqual(stdout, "\u001b[1manswer:\u001b[0m a[2Jbc\n")
      assert.include(stderr, "\u001b[2m[Running Predict]\u001b[0m\n")
      const off = yield* call(qa, [], { script: script(), env: { FORCE_COLOR: "1", NO_COLOR: "1" } })
      assert.notInclude(off.stdout + off.stderr, "\u001b")
    }))
})

describe("what acts on a terminal", () => {
  const evil = "\u001b[2J\u001b]0;title\u0007\u009b1m\u0008\r\u202e\u2066\u200f"
  const shown = `[2J]0;title1m`
  const acting = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u

  it.effect("is not written, wherever it comes from and wherever it goes; ends of lines and tabs are", () =>
    Effect.gen(function*() {
      const program = Predict.make("question -> thought, n: int")
      const script = () => [
        ScriptedLM.chat({ thought: `a\n\t${evil}b`, n: evil }, { tokens: true }),
        ScriptedLM.chat({ thought: `c${evil}`, n: 3 })
      ]
      for (const args of [[], ["--no-stream"]]) {
        const { stderr, stdout } = yield* call(program, args, { script: script() })
        assert.notMatch(stdout + stderr, acting)
        assert.include(stdout, args.length > 0 ? `thought: c${shown}\n` : `thought: a\n\t${shown}b\n`)
      }
      const failing = LMError.LMError.make({
        model: `m${evil}`,
        reason: new LMError.Refused({ description: `no${evil}` })
      })
      const none = yield* call(program, [], { noModel: failing })
      assert.strictEqual(none.code, 1)
      assert.notMatch(none.stderr, acting)
      assert.include(none.stderr, `no${shown}`)
    }))

  it.effect("is escaped in JSON, which stays the same value", () =>
    Effect.gen(function*() {
      const script = () => [ScriptedLM.chat({ reasoning: "r", answer: evil })]
      const { stdout } = yield* call(cot, ["--json"], { script: script() })
      assert.notMatch(stdout, acting)
      assert.strictEqual(JSON.parse(stdout).answer, evil)
      const { stdout: lines } = yield* call(cot, ["--events"], { script: script() })
      assert.notMatch(lines, acting)
      assert.strictEqual(JSON.parse(lines.trim().split("\n").at(-1)!).fields.answer, evil)
    }))

  it.effect("is not logged either", () =>
    Effect.gen(function*() {
      const program = Module.make("Logs", {}, () => ({ question }: { readonly question: string }) =>
        Effect.as(Effect.logWarning(`odd tool ${evil}`), { answer: question }))
        .pipe(Module.withSignature(Signature.make("question -> answer")))
      const { stderr } = yield* call(program, [])
      assert.include(stderr, `odd tool ${shown}`)
      assert.notMatch(stderr, acting)
    }))
})

describe("status messages", () => {
  it.effect("are the command's own if it has a provider", () =>
    Effect.gen(function*() {
      const command = Runner.command("qa", cot, { statusMessageProvider: { lmStart: () => "Thinking" } })
      const { stderr } = yield* run(Runner.runWith(command, { version: "0" })(["--question", "q"]), {
        script: [ScriptedLM.chat(answer)]
      })
      assert.strictEqual(stderr, "[Thinking]\n")
    }))
})

it.effect("what a model does not see any more is said", () =>
  Effect.gen(function*() {
    const now = Tool.make("now", {}, () => "12:00")
    const agent = ReAct.make("question, history: History -> answer", { tools: [now], keep: Keep.last(1) })
    const history = History.make(["a", "b", "c"].map((question) => ({ question, answer: "!" })))
    const chat = yield* Session.make(agent, { history, keep: Keep.last(1) })
    const calling = ScriptedLM.toolCalls([{ name: "now", arguments: {} }])
    const done = ScriptedLM.chat({ reasoning: "r", answer: "noon" })
    const { stderr } = yield* call(chat, [], { script: [calling, calling, done] })
    assert.include(stderr, "[The model does not see turns 1, 2 of the conversation any more]")
    assert.include(stderr, "[The model does not see iteration 1 of the work any more]")
  }))
