/** Agents on the command line: their tools, what is seen of them, and who allows what. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Main } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { join } from "node:path"
import { run, type World } from "./harness.ts"

const file = (name: string) => join(import.meta.dirname, "fixtures", name)

const react = (args: ReadonlyArray<string>, world?: World) =>
  run(
    Main.main(
      ["run", "question -> answer: int", "--module", "react", "--tools", file("tools.ts"), "--question", "?", ...args],
      { version: "1.2.3" }
    ),
    world
  )

const calls = [
  { name: "add", arguments: { a: 1, b: 2 } },
  { name: "GetWeather", arguments: { city: "Rome" } },
  { name: "shout", arguments: { text: "hey" } },
  { name: "anything", arguments: { x: 1, y: 2 } },
  { name: "nothing", arguments: {} }
]
const script = (asked: ReadonlyArray<ScriptedLM.ScriptedToolCall> = calls) => [
  ScriptedLM.toolCalls(asked, { text: "Let me see.", tokens: true }),
  ScriptedLM.text("I know."),
  ScriptedLM.chat({ reasoning: "so", answer: 3 }, { tokens: true })
]

describe("--module react --tools FILE", () => {
  it.effect("shows thoughts, calls and results, and the answer; tools of every kind are called", () =>
    Effect.gen(function*() {
      const { code, requests, stderr, stdout } = yield* react([], { script: script() })
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(
        stdout,
        "react.next_thought: Let me see.\nreact.next_thought #2: I know.\nextract.reasoning: so\nextract.answer: 3\n"
      )
      for (
        const line of [
          "[add({\"a\":1,\"b\":2})]",
          "[add = 3]",
          "[GetWeather = sunny in Rome]",
          "[shout = HEY]",
          "[anything = 2]",
          "[nothing failed: there is no such tool; there are: GetWeather, add, anything, remove, shout]"
        ]
      ) assert.include(stderr, `${line}\n`)
      assert.notInclude(stderr, "Calling add")
      const described = requests[0]!.tools!.map(({ description, name }) => [name, description])
      assert.deepInclude(described, ["shout", "Says it loud"])
    }))

  it.effect("--json has the trajectory, --events every event", () =>
    Effect.gen(function*() {
      const { stdout } = yield* react(["--json"], { script: script() })
      const { answer, trajectory } = JSON.parse(stdout)
      assert.strictEqual(answer, 3)
      assert.deepStrictEqual(
        trajectory[0].calls.map((call: { tool: string }) => call.tool),
        calls.map(({ name }) => name)
      )
      const { stdout: lines } = yield* react(["--events"], { script: script() })
      const tags = new Set(lines.trim().split("\n").map((line) => JSON.parse(line)._tag))
      assert.deepStrictEqual([...tags].sort(), [
        "Prediction",
        "StatusMessage",
        "StreamResponse",
        "ToolCallDelta",
        "ToolEnd",
        "ToolStart"
      ])
    }))

  it.effect("--max-iterations ends the work", () =>
    Effect.gen(function*() {
      const [call, , answer] = script()
      const { code } = yield* react(["--max-iterations", "1"], { script: [call!, answer!] })
      assert.strictEqual(code, 0)
    }))

  it.effect("a call that needs approval is asked for on a terminal, allowed by --approve, and refused elsewhere", () =>
    Effect.gen(function*() {
      const remove = script([{ name: "remove", arguments: { name: "x" } }])
      const { stderr: refused } = yield* react([], { script: remove })
      assert.match(refused, /\[remove failed: .*--approve/)
      const { stderr: allowed } = yield* react(["--approve"], { script: remove })
      assert.include(allowed, "[remove = removed x]")
      const answering = (line: string) =>
        Effect.gen(function*() {
          const asked = yield* Effect.forkChild(react([], { script: remove, keys: [], terminal: true, lines: [line] }))
          // The command imports a file meanwhile, which takes real time.
          while (asked.pollUnsafe() === undefined) {
            yield* TestClock.adjust("100 millis")
            yield* TestClock.withLive(Effect.sleep("1 millis"))
          }
          return yield* Fiber.join(asked)
        })
      const { screen, stderr } = yield* answering("y")
      assert.include(stderr, "[remove = removed x]")
      assert.isBelow(screen.indexOf("Let me see."), screen.indexOf("Allow it?"))
      const { stderr: why } = yield* answering("not that one")
      assert.include(why, "not that one")
    }))

  it.effect("bad usage exits with 2 and says what is missing", () =>
    Effect.gen(function*() {
      const bad = (...args: ReadonlyArray<string>) =>
        run(Main.main(["run", "q -> a", "--q", "x", ...args], { version: "1" }))
      for (
        const [args, expected] of [
          [["--module", "react"], /--tools/],
          [["--tools", file("tools.ts")], /--module react/],
          [["--max-iterations", "3"], /--module react/],
          [["--module", "react", "--tools", file("none.ts")], /there is no file/],
          [["--module", "react", "--tools", file("programs.ts").replace("programs", "broken")], /cannot be loaded/],
          [["--module", "react", "--tools", file("tools.ts"), "--max-iterations", "0"], /max-iterations/]
        ] as const
      ) {
        const { code, stderr } = yield* bad(...args)
        assert.match(stderr, expected)
        assert.strictEqual(code, /cannot be loaded/.test(stderr) ? 1 : 2)
      }
      for (
        const [tools, expected] of [
          [
            "severalParameters.ts",
            /severalParameters\.ts: 'add': .* takes several parameters, .* write Tool\.fromFunction\(\(\{ a, b \}\) =>/
          ],
          ["toolkitAlone.ts", /toolkitAlone\.ts: the toolkit has no handlers of Now: provide the layer/]
        ] as const
      ) {
        const { code, stderr } = yield* bad("--module", "react", "--tools", file(tools))
        assert.match(stderr, expected)
        assert.strictEqual(code, 2)
      }
      const { code, stderr } = yield* bad("--module", "react", "--tools", file("sameTools.ts"))
      assert.notStrictEqual(code, 0)
      assert.match(stderr, /add/)
    }))
})
