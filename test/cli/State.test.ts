/** --load: a program with the state of a file. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Module, Predict } from "effect-lm"
import { Main, Runner } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { join } from "node:path"
import { textAt } from "../support/said.ts"
import { run, type World } from "./harness.ts"

const qa = Predict.make("question -> answer", {
  instructions: "Answer in one word.",
  demos: [{ question: "2 + 2?", answer: "Four" }],
  temperature: 0.5,
  maxTokens: 50
})

/** What a command with these arguments comes to; `FILE` is the path of a file with this text. */
const loading = (text: string, args: ReadonlyArray<string>, world?: World) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const file = join(yield* fs.makeTempDirectoryScoped(), "state.json")
    yield* fs.writeFileString(file, text)
    const outcome = yield* run(
      Main.main(args.map((arg) => arg === "FILE" ? file : arg), { version: "1.2.3" }),
      world
    )
    return { ...outcome, stderr: outcome.stderr.replaceAll(file, "FILE") }
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const state = Effect.map(Module.save(qa), (state) => JSON.stringify(state, null, 2))
const asked = ["run", "question -> answer", "--question", "3 + 3?", "--load", "FILE"]
const answered: World = { script: [ScriptedLM.chat({ answer: "Six" })] }

describe("--load", () => {
  it.effect("gives a signature the instructions, demos and settings of a state; flags win over them", () =>
    Effect.gen(function*() {
      const { code, requests: [request], stdout } = yield* loading(
        yield* state,
        [...asked, "--temperature", "0"],
        answered
      )
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "answer: Six\n")
      assert.deepStrictEqual(request!.config, { temperature: 0, maxTokens: 50 })
      assert.include(textAt(request, 0), "Answer in one word.")
      assert.include(textAt(request, 1), "2 + 2?")
      assert.include(textAt(request, 2), "Four")
    }))

  it.effect("and a program of a file, and what DSPy has saved", () =>
    Effect.gen(function*() {
      const predict = {
        demos: [],
        signature: {
          instructions: "Be brief.",
          fields: [
            { prefix: "Question:", description: "${question}" },
            { prefix: "Reasoning:", description: "${reasoning}" },
            { prefix: "Answer:", description: "${answer}" }
          ]
        },
        lm: null
      }
      const { code, requests } = yield* loading(
        JSON.stringify({ predict, metadata: { dependency_versions: {} } }),
        [...asked, "--module", "chain-of-thought"],
        { script: [ScriptedLM.chat({ reasoning: "add", answer: "Six" })] }
      )
      assert.strictEqual(code, 0)
      assert.include(textAt(requests[0], 0), "Be brief.")
    }))

  const rows: ReadonlyArray<readonly [what: string, text: string, said: string]> = [
    ["no JSON", "{", "--load FILE: the state of Predict: it is not JSON"],
    ["a newer version", "{\"version\": 9}", "it is of version 9, and this library reads version 1: update effect-lm"],
    ["__proto__", "{\"version\": 1, \"predictors\": {\"__proto__\": {}}}", "__proto__"],
    ["an unknown path", "{\"version\": 1, \"predictors\": {}}", "it has nothing of the predictor \"self\""],
    ["10 MB", " ".repeat(10_000_001), "--load FILE: it has 10000001 bytes, and a state may have 10000000"],
    ["1,000 levels", `${"[".repeat(1000)}${"]".repeat(1000)}`, "500 levels"]
  ]
  for (const [what, text, said] of rows) {
    it.effect(`${what} is bad usage, before anything is asked`, () =>
      Effect.gen(function*() {
        const { code, requests, stderr, stdout } = yield* loading(text, asked)
        assert.strictEqual(code, 2)
        assert.include(stderr, said)
        assert.strictEqual(stdout, "")
        assert.lengthOf(requests, 0)
      }))
  }

  it.effect("a person is asked for no input where the state does not load", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* loading("[]", ["run", "question -> answer", "--load", "FILE"], { keys: [] })
      assert.strictEqual(code, 2)
      assert.include(stderr, "it is a list")
    }))

  it.effect("no file, a folder, and --instructions beside it", () =>
    Effect.gen(function*() {
      for (
        const [file, said] of [
          ["./none.json", "--load ./none.json: there is no such file"],
          [import.meta.dirname, `--load ${import.meta.dirname}: it is no file`]
        ] as const
      ) {
        const { code, stderr } = yield* loading("", [...asked.slice(0, -1), file])
        assert.strictEqual(code, 2)
        assert.include(stderr, said)
      }
      const both = yield* loading(yield* state, [...asked, "--instructions", "Be brief."])
      assert.strictEqual(both.code, 2)
      assert.include(both.stderr, "--instructions and --load exclude each other")
    }))

  it.effect("an input of its name owns it", () =>
    Effect.gen(function*() {
      const program = Predict.make("load -> answer")
      const saved = JSON.stringify(yield* Module.save(Predict.withInstructions(program, "Carry it.")))
      const { code, requests } = yield* loading(
        saved,
        ["run", "load -> answer", "--load", "bricks", "--run-load", "FILE"],
        answered
      )
      assert.strictEqual(code, 0)
      assert.include(textAt(requests[0], 0), "Carry it.")
      assert.include(textAt(requests[0], -1), "bricks")
    }))

  it.effect("commands of one's own have it too", () =>
    Effect.gen(function*() {
      const ask = Runner.runWith(Runner.command("ask", Predict.make("question -> answer")), { version: "1.2.3" })
      const { code, stderr } = yield* run(ask(["--question", "?", "--load", "./none.json"]))
      assert.strictEqual(code, 2)
      assert.include(stderr, "--load ./none.json: there is no such file")
    }))
})
