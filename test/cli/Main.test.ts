/** The effect-lm command: what it runs, and how it is called. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Adapter, Adapters, Signature } from "effect-lm"
import { Main } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { join } from "node:path"
import { textAt } from "../support/said.ts"
import { run, type World } from "./harness.ts"

const main = (args: ReadonlyArray<string>, world?: World) => run(Main.main(args, { version: "1.2.3" }), world)

const file = (name: string) => join(import.meta.dirname, "fixtures", name)

describe("effect-lm run SIGNATURE", () => {
  it.effect("runs a predictor", () =>
    Effect.gen(function*() {
      const { code, requests, stdout } = yield* main(["run", "question -> answer", "--question", "why?"], {
        script: [ScriptedLM.chat({ answer: "because" })]
      })
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "answer: because\n")
      assert.include(textAt(requests[0], -1), "why?")
    }))

  it.effect("--module chain-of-thought reasons first", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* main(
        ["run", "question -> answer", "--module", "chain-of-thought", "--question", "why?"],
        { script: [ScriptedLM.chat({ reasoning: "hm", answer: "because" })] }
      )
      assert.strictEqual(stdout, "reasoning: hm\nanswer: because\n")
      assert.include(stderr, "[Running ChainOfThought]")
      const { code, stderr: twice } = yield* main(
        ["run", "q -> reasoning, answer", "--module", "chain-of-thought", "--q", "x"]
      )
      assert.strictEqual(code, 2)
      assert.include(twice, "reasoning")
    }))

  it.effect("--instructions reach the model", () =>
    Effect.gen(function*() {
      const { requests } = yield* main(["run", "q -> a", "--instructions", "- Be brief.", "--q", "x"], {
        script: [ScriptedLM.chat({ a: "b" })]
      })
      assert.include(textAt(requests[0], 0), "- Be brief.")
    }))

  it.effect("--adapter: every adapter that there is, by its name", () =>
    Effect.gen(function*() {
      for (const [name, adapter] of Object.entries<Adapter.Adapter>(Adapters.builtIn)) {
        const { stdout } = yield* main(["run", "q -> a", "--q", "x", "--adapter", name, "--json"], {
          script: [ScriptedLM.written(adapter, Signature.make("-> a"), { a: "b" }, { tokens: true })]
        })
        assert.strictEqual(stdout, "{\"a\":\"b\"}\n", name)
      }
    }))

  it.effect("--adapter: one that a file exports, as default, as adapter, or by name", () =>
    Effect.gen(function*() {
      const adapters = file("adapters.ts")
      for (
        const [word, name] of [[adapters, "Lines"], [`${adapters}#adapter`, "Lines"], [
          `${adapters}#other`,
          "Other"
        ]] as const
      ) {
        const { requests, stdout } = yield* main(["run", "q -> a, n: int", "--q", "x", "--adapter", word], {
          script: [ScriptedLM.text("a=b\nn=3", { tokens: true })]
        })
        assert.strictEqual(stdout, "a: b\nn: 3\n", name)
        assert.include(textAt(requests[0], -1), "q=x\n\n")
      }
      for (
        const [word, said] of [
          [
            "yaml",
            "--adapter yaml: there is chat, json, xml, plain, compact, or an adapter in a file: ./adapter.ts#name"
          ],
          [
            `${adapters}#none`,
            "'none' is no adapter: export one made with Adapter.fromForm or Adapter.make; there is "
          ],
          [`${adapters}#nothing`, `it exports no 'nothing'; there is ${adapters}#adapter, ${adapters}#other`],
          [file("echo.ts"), "it exports no adapter, neither as default nor as 'adapter'"],
          ["./nowhere.ts", "--adapter ./nowhere.ts: there is no file"]
        ] as const
      ) {
        const { code, stderr, stdout } = yield* main(["run", "q -> a", "--q", "x", "--adapter", word])
        assert.deepStrictEqual([code, stdout], [2, ""], word)
        assert.include(stderr, said)
      }
    }))

  it.effect("--model and --base-url choose the model", () =>
    Effect.gen(function*() {
      const { choice } = yield* main(
        ["run", "q -> a", "--q", "x", "--model", "ollama/m", "--base-url", "http://127.0.0.1:1/v1"],
        { script: [ScriptedLM.chat({ a: "b" })] }
      )
      assert.deepStrictEqual(choice, { model: "ollama/m", baseUrl: "http://127.0.0.1:1/v1" })
    }))

  it.effect("the signature may come after flags, and begin with its arrow", () =>
    Effect.gen(function*() {
      const orders = [
        ["run", "--json", "--temperature", "0.5", "--q", "x", "q -> a"],
        ["run", "--q=x", "--no-stream", "q -> a", "--json"],
        ["run", "--q", "x", "--json", "--", "q -> a"],
        ["--log-level", "error", "run", "q -> a", "--q", "x", "--json"]
      ]
      for (const args of orders) {
        const { code, stdout } = yield* main(args, { script: [ScriptedLM.chat({ a: "b" })] })
        assert.strictEqual(code, 0, args.join(" "))
        assert.strictEqual(stdout, "{\"a\":\"b\"}\n")
      }
      const { stdout } = yield* main(["run", "-> joke", "--json"], { script: [ScriptedLM.chat({ joke: "ha" })] })
      assert.strictEqual(stdout, "{\"joke\":\"ha\"}\n")
    }))

  it.effect("--no-NAME turns a boolean off, and takes no value with it", () =>
    Effect.gen(function*() {
      const signature = "sure: bool, q -> a"
      for (const args of [["--no-sure", signature, "--q", "x"], [signature, "--no-sure", "--q", "x"]]) {
        const { code, requests, stderr } = yield* main(["run", ...args], { script: [ScriptedLM.chat({ a: "b" })] })
        assert.strictEqual(code, 0, stderr)
        assert.match(String(textAt(requests[0], -1)), /sure ## \]\]\s+false/)
      }
    }))

  it.effect("an input owns its plain name; the flag that it shadows is --run-NAME", () =>
    Effect.gen(function*() {
      const { code, requests, stderr, stdout } = yield* main(
        ["run", "json, tools -> a", "--json", "of the input", "--tools", "- mine", "--run-json"],
        { script: [ScriptedLM.chat({ a: "b" })] }
      )
      assert.strictEqual(code, 0, stderr)
      assert.strictEqual(stdout, "{\"a\":\"b\"}\n")
      assert.include(textAt(requests[0], -1), "of the input")
      assert.include(textAt(requests[0], -1), "- mine")
      const unknown = yield* main(["run", "help -> a", "--hlp", "x"])
      assert.include(unknown.stderr, "For help: effect-lm run \"help -> a\" --run-help")
      const wrong = yield* main(["run", "tools -> a", "--tools", "x", "--run-tools", "y"])
      assert.include(wrong.stderr, "--run-tools is for agents: add --module react")
    }))

  it.effect("a value that a boolean does not take is said with its flag", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* main(["run", "ok: bool -> a", "--ok", "maybe"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "flag --ok: \"maybe\"")
    }))

  it.effect("a value may begin with a dash", () =>
    Effect.gen(function*() {
      for (const value of ["- one\n- two", "-5°C", "--- front matter", "-> x", "- "]) {
        const { requests } = yield* main(["run", "text -> a", "--text", value, "--json"], {
          script: [ScriptedLM.chat({ a: "b" })]
        })
        assert.include(textAt(requests[0], -1), value.trim())
      }
      const { code, stderr } = yield* main(["run", "text -> a", "--text", "--json"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "Missing value for flag --text")
      assert.include(stderr, "A value that begins with dashes is written --text=--json")
    }))
})

describe("bad usage exits with 2", () => {
  it.effect("a bad signature: the line and a caret at the column", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* main(["run", "question -> answer: strng", "--question", "x"])
      assert.strictEqual(code, 2)
      assert.strictEqual(stdout, "")
      const lines = stderr.split("\n")
      const at = lines.findIndex((line) => line.endsWith("question -> answer: strng"))
      assert.strictEqual(lines[at + 1]!.indexOf("^"), lines[at]!.indexOf("strng"))
      assert.include(stderr, "column 21")
    }))

  it.effect("nothing to run, an unknown command", () =>
    Effect.gen(function*() {
      const nothing = yield* main(["run", "--json"])
      assert.strictEqual(nothing.code, 2)
      assert.include(nothing.stderr, "what to run is missing")
      const unknown = yield* main(["rnu"])
      assert.strictEqual(unknown.code, 2)
      assert.include(unknown.stderr, "Unknown subcommand \"rnu\"")
      assert.include(unknown.stderr, "run")
      for (const target of ["question -> answer", "./program.ts"]) {
        const bare = yield* main([target, "--question", "x"])
        assert.strictEqual(bare.code, 2)
        assert.match(
          bare.stderr,
          /^error: what to do is missing: effect-lm run (?:"question -> answer"|\.\/program\.ts)\n$/
        )
      }
    }))

  it.effect("an unknown flag: what to type for help is the command itself", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* main(["run", "question -> answer", "--qestion", "x"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "--question")
      assert.include(stderr, "For help: effect-lm run \"question -> answer\" --help")
    }))
})

describe("effect-lm run FILE", () => {
  it.effect("runs the export named program, with flags from its signature", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* main(
        ["run", file("programs.ts"), "--question", "why?", "--tags", "a", "--tags", "b", "--json"],
        { script: [ScriptedLM.chat({ reasoning: "hm", answer: "because" })] }
      )
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "{\"reasoning\":\"hm\",\"answer\":\"because\"}\n")
    }))

  it.effect("runs the default export, with the layer that the file exports", () =>
    Effect.gen(function*() {
      const asked = yield* main(["run", file("layer.ts"), "--question", "why?", "--json"], { script: [] })
      assert.strictEqual(asked.code, 0, asked.stderr)
      assert.strictEqual(asked.stdout, "{\"answer\":\"own, says Ann\"}\n")
      // A model that is named wins over the file's.
      const named = yield* main(["run", file("layer.ts"), "--question", "why?", "--json", "--model", "openai/x"], {
        script: [ScriptedLM.chat({ answer: "named" })]
      })
      assert.strictEqual(named.stdout, "{\"answer\":\"named, says Ann\"}\n")
      const other = yield* main(["run", `${file("layer.ts")}#other`, "--question", "why?", "--json"], { script: [] })
      assert.strictEqual(other.stdout, "{\"answer\":\"own\"}\n")
    }))

  it.effect("a layer that cannot be built is said, before anything is asked", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* main(["run", file("brokenLayer.ts"), "--question", "x"])
      assert.strictEqual(code, 1)
      assert.include(stderr, "brokenLayer.ts#layer cannot be loaded: no database\n  in ")
    }))

  it.effect("a fault of the file's own code says where it is, and with --log-level debug how it came there", () =>
    Effect.gen(function*() {
      const faults = [
        ["faults.ts", "error: bad x", "faults.ts:6:9"],
        ["faults.ts#thrown", "error: bad x", "faults.ts:6:9"],
        ["faults.ts#promised", "error: bad x", "faults.ts:6:9"],
        ["broken.ts", "cannot be loaded: this file is broken", "broken.ts:1:7"]
      ] as const
      for (const [target, message, place] of faults) {
        const { code, stderr } = yield* main(["run", file(target), "--question", "x"])
        assert.strictEqual(code, 1)
        assert.include(stderr, `${message}\n  in ${file(place)}\n`)
        assert.notMatch(stderr, /^ +at /m)
        const { stderr: whole } = yield* main(["run", file(target), "--question", "x", "--log-level", "debug"])
        assert.match(whole, /^ +at .*fixtures/m)
      }
      const { stderr } = yield* main(["run", `${file("faults.ts")}#expected`, "--question", "x"])
      assert.match(stderr, /error: no x today\n$/)
    }))

  it.effect("a fault without a place says which program had it, in which file, and what it was", () =>
    Effect.gen(function*() {
      const faults = [
        ["object", "Failing failed of {\"my\":\"object\"}", "faults.ts#object (Failing)"],
        ["text", "Failing failed of \"a text\"", "faults.ts#text (Failing)"],
        ["nothing", "Dying failed of undefined", "faults.ts#nothing (Dying)"],
        ["silent", "Error", "faults.ts:32:58"],
        ["needy", "Service not found: app/Db", "faults.ts#needy (Needy)"],
        ["traced", "Service not found: app/Db", "faults.ts:38:47"]
      ] as const
      for (const [name, message, place] of faults) {
        for (const form of [[], ["--json"], ["--events"], ["--no-stream"]]) {
          const { code, stderr } = yield* main(["run", `${file("faults.ts")}#${name}`, "--question", "x", ...form])
          assert.strictEqual(code, 1)
          assert.include(stderr, `error: ${message}\n  in ${file(place)}\n`)
        }
      }
      const needy = yield* main(["run", file("needyLayer.ts"), "--question", "x"])
      assert.include(needy.stderr, "needyLayer.ts#layer cannot be loaded: Service not found: app/Db")
    }))

  it.effect("an answer that is not what the signature says fails, and is not written", () =>
    Effect.gen(function*() {
      const answers = [
        ["lacking", "answer: is missing"],
        ["mistyped", "score: expected number"]
      ] as const
      for (const [name, wrong] of answers) {
        const target = `${file("faults.ts")}#${name}`
        const message =
          `error: Careless answered what its signature (question -> answer, score) does not say: ${wrong}\n`
        for (const form of [[], ["--json"], ["--no-stream"]]) {
          const outcome = yield* main(["run", target, "--question", "x", ...form])
          assert.strictEqual(outcome.code, 1)
          assert.strictEqual(outcome.stdout, "")
          assert.include(outcome.stderr, `${message}  in ${target} (Careless)\n`)
        }
        for (const form of [["--events"], ["--events", "--no-stream"]]) {
          const { code, stderr, stdout } = yield* main(["run", target, "--question", "x", ...form])
          assert.strictEqual(code, 1)
          assert.include(stderr, message)
          assert.notInclude(stdout, "\"Prediction\"")
          assert.match(stdout, /does not say.*\n$/)
        }
      }
      const more = yield* main(["run", `${file("faults.ts")}#more`, "--question", "x", "--json"])
      assert.deepStrictEqual([more.code, more.stdout], [0, "{\"answer\":\"yes\",\"more\":true}\n"])
    }))

  it.effect("runs a composed program by its name", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* main(["run", `${file("programs.ts")}#research`, "--question", "why?"], {
        script: [ScriptedLM.chat({ points: ["a", "b"] }), ScriptedLM.chat({ answer: "because" })]
      })
      assert.strictEqual(code, 0)
      assert.strictEqual(stdout, "analyze.points: [\"a\",\"b\"]\nwrite.answer: because\n")
    }))

  it.effect("has its flags in its help", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* main(["run", `${file("programs.ts")}#research`, "--help"])
      assert.strictEqual(code, 0)
      assert.match(stdout, /--question string +what to find out/)
      assert.notInclude(stdout, "--module")
    }))

  const bad: ReadonlyArray<readonly [target: string, code: number, message: string]> = [
    ["no-such-file.ts", 2, "there is no file"],
    [
      "layerFunction.ts",
      2,
      "layerFunction.ts: 'layer' is a function: it is a layer, as OpenAI.layerConfig is one; call"
    ],
    ["tools.ts", 2, "it exports no program, neither as default nor as 'program'"],
    ["programs.ts#nothing", 2, "it exports no 'nothing'; there is"],
    ["programs.ts#notAModule", 2, "'notAModule' is no module"],
    [
      "called.ts",
      2,
      "'default' is no module: it is an Effect; export the program itself, and not a call of it; there is"
    ],
    ["programs.ts#unsigned", 2, "'unsigned' has no signature to make flags of: give it one with Module.withSignature"],
    ["programs.ts#toString", 2, "it exports no 'toString'"],
    ["broken.ts", 1, "cannot be loaded: this file is broken"]
  ]
  it.effect.each(bad)("%s: %i, %s", ([target, code, message]) =>
    Effect.gen(function*() {
      const outcome = yield* main(["run", file(target), "--question", "x"])
      assert.strictEqual(outcome.code, code)
      assert.include(outcome.stderr, message)
      assert.strictEqual(outcome.stdout, "")
    }))

  it.effect("a program that needs services of its own says which", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* main(["run", `${file("programs.ts")}#needy`, "--question", "x"])
      assert.strictEqual(code, 1)
      assert.include(stderr, "app/Clients")
      assert.notMatch(stderr, /^ +at /m)
    }))

  it.effect("does not take --module or --instructions", () =>
    Effect.gen(function*() {
      for (const args of [["--module", "predict"], ["--instructions", "x"]]) {
        const { code, stderr } = yield* main(["run", `${file("programs.ts")}#research`, "--question", "x", ...args])
        assert.strictEqual(code, 2)
        assert.include(stderr, `${args[0]} is for signatures`)
      }
    }))
})

describe("effect-lm", () => {
  it.effect("alone asks a first question, and shows how", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* main([], {
        script: [ScriptedLM.chat({ reasoning: "hm", answer: "because" })]
      })
      assert.strictEqual(code, 0)
      assert.include(stderr, "$ effect-lm run \"question -> answer\" --module chain-of-thought --question ")
      assert.include(stderr, "[Running ChainOfThought]")
      assert.strictEqual(stdout, "reasoning: hm\nanswer: because\n")
      const { stderr: npm } = yield* main([], {
        script: () => ScriptedLM.chat({ reasoning: "hm", answer: "because" }),
        env: { npm_lifecycle_event: "start" }
      })
      assert.include(npm, "$ npm start -- run \"question -> answer\"")
    }))

  it.effect("--yes alone goes with the first question", () =>
    Effect.gen(function*() {
      const { code, mayInstall, stderr } = yield* main(["--yes"], {
        script: [ScriptedLM.chat({ reasoning: "hm", answer: "because" })],
        missing: { message: "a model", size: 1, directory: "/cache" }
      })
      assert.strictEqual(code, 0)
      assert.isTrue(mayInstall)
      assert.include(stderr, "\"Why is the sky blue?\" --yes\n")
    }))

  it.effect("--help, --version", () =>
    Effect.gen(function*() {
      const help = yield* main(["--help"])
      assert.strictEqual(help.code, 0)
      assert.match(help.stdout, /run +Run a signature/)
      const run = yield* main(["run", "--help"])
      assert.strictEqual(run.code, 0)
      assert.include(run.stdout, "effect-lm run [flags] <signature|file>")
      const version = yield* main(["--version"])
      assert.include(version.stdout, "1.2.3")
    }))
})
