/** What a model in this process needs is installed when somebody says so; and what is said of such a model. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { LocalModel } from "effect-lm"
import { Main } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { join } from "node:path"
import { textAt } from "../support/said.ts"
import { run, type World } from "./harness.ts"

const missing: LocalModel.Installation = {
  message: "to be installed into /cache: a model (410 MB)",
  size: 410e6,
  directory: "/cache"
}

const ask = (world: World, ...args: ReadonlyArray<string>) =>
  run(Main.main(["run", "q -> a", "--q", "x", ...args], { version: "1.2.3" }), {
    script: [ScriptedLM.chat({ a: "b" })],
    missing,
    ...world
  })

describe("what is missing is installed", () => {
  it.effect("with --yes, unasked", () =>
    Effect.gen(function*() {
      const allowed = yield* ask({}, "--yes")
      assert.isTrue(allowed.mayInstall)
      assert.notInclude(allowed.stderr, "Install it?")
    }))

  it.effect("by npm start in this repository, typed at a terminal: it says what, and what there is instead", () =>
    Effect.gen(function*() {
      const start = { npm_lifecycle_event: "start", npm_package_name: "effect-lm" }
      const typed = yield* ask({ env: start, keys: [], terminal: true })
      assert.isTrue(typed.mayInstall)
      assert.include(typed.stderr, `[${missing.message}; Ctrl-C stops it; with OPENAI_API_KEY set, or a local server`)
      assert.notInclude(typed.stderr, "Install it?")
      const others: ReadonlyArray<World> = [
        // Input or output is no terminal.
        { env: start },
        { env: start, terminal: true },
        // A person can still be asked, and says no.
        { env: start, keys: ["enter"] },
        { env: { ...start, npm_package_name: "theirs" }, keys: ["enter"], terminal: true },
        { env: { ...start, npm_lifecycle_event: "test" }, keys: ["enter"], terminal: true }
      ]
      for (const world of others) {
        const { mayInstall, stderr } = yield* ask(world)
        assert.isFalse(mayInstall)
        assert.strictEqual(stderr.includes("Install it?"), world.keys !== undefined)
      }
    }))

  it.effect("on a terminal after a yes, which is not what is chosen first", () =>
    Effect.gen(function*() {
      const yes = yield* ask({ keys: ["y", "enter"], terminal: true })
      assert.isTrue(yes.mayInstall)
      assert.include(yes.stderr, `[${missing.message}]`)
      assert.include(yes.stderr, "Install it?")
      assert.isFalse((yield* ask({ keys: ["enter"], terminal: true })).mayInstall)
    }))

  it.effect("elsewhere not at all", () =>
    Effect.gen(function*() {
      const { mayInstall, stderr } = yield* ask({})
      assert.isFalse(mayInstall)
      assert.notInclude(stderr, "Install it?")
    }))

  it.effect("leaving the question ends the command", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(ask({ keys: ["ctrl-c"], terminal: true, script: [] }))
      assert.isTrue(Exit.hasInterrupts(exit))
    }))

  it.effect("an input called yes has the name: the flag is --run-yes", () =>
    Effect.gen(function*() {
      const { mayInstall, requests } = yield* run(
        Main.main(["run", "yes -> a", "--yes", "said", "--run-yes"], { version: "1.2.3" }),
        { script: [ScriptedLM.chat({ a: "b" })], missing }
      )
      assert.isTrue(mayInstall)
      assert.include(textAt(requests[0], -1), "said")
    }))
})

describe("an agent on the embedded model", () => {
  const agent = (world: World) =>
    run(
      Main.main([
        "run",
        "question -> answer: int",
        "--module",
        "react",
        "--tools",
        join(import.meta.dirname, "fixtures/tools.ts"),
        "--question",
        "?"
      ], { version: "1.2.3" }),
      { script: [ScriptedLM.text("I know."), ScriptedLM.chat({ reasoning: "so", answer: 3 })], ...world }
    )

  it.effect("is told once that the model is too small for tools, and which is not", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* agent({ model: LocalModel.embedded })
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr.split("too small for tools").length, 2)
      assert.match(stderr, /\[local\/tinyllama-1\.1b-chat is too small for tools: .*gpt-4o-mini.*Ollama\]/)
      assert.notInclude((yield* agent({})).stderr, "too small")
    }))

  it.effect("programs without tools are not warned", () =>
    Effect.gen(function*() {
      assert.notInclude((yield* ask({ model: LocalModel.embedded })).stderr, "too small")
    }))
})
