/** The examples run, on what was recorded for them. */
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import type { LM } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { execFile, spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import * as Choice from "../examples/support/choice.ts"
import * as Replies from "../examples/support/replies.ts"
import * as WireServer from "./support/wireServer.ts"

const folder = join(import.meta.dirname, "../examples")

/** What each example prints of what a model said in it. */
const examples: Readonly<Record<string, { readonly prints: string }>> = {
  "the-basics": { prints: "Paris" },
  "concurrent-calls": { prints: "Q: Who wrote Hamlet?\nA: William Shakespeare, around the year 1600.\n" },
  "custom-modules": { prints: "Summary: Types make it a pleasure to program with language models." },
  "basic-streaming": { prints: "can only fall further in.\n\n--- Final answer ---\nA black hole is a place" },
  "multiple-fields": {
    prints:
      "[title] Why the Sea Rises and Falls\n[summary] The gravity of the Moon and the Sun pulls at the oceans, and the " +
      "sea level rises and falls with it.\n[keywords] tides, gravity, Moon, Sun, sea level\n"
  },
  "duplicate-field-names": { prints: "Sunlight holds all colours. " },
  "status-messages": {
    prints: "\n[STATUS] Starting ChainOfThought...\n\n[STATUS] Thinking...\nThe gravity of the Moon"
  },
  "async-tools": { prints: "Paris: 🌦 +14°C\n" },
  "sync-to-async-conversion": { prints: "15 * 23 + 42 is 387.\n" },
  "react-with-async": {
    prints: "I should look up how many people live in Tokyo. search_web -> Results for: population of Tokyo\n" +
      "The search has no number, but I know it. \nAbout 14 million people"
  },
  "streaming-in-react-loops": {
    prints: "of 60 seconds.\n[1] calculator({\"expression\":\"366 * 24 * 60 * 60\"})\n" +
      "[1] {\"_tag\":\"Success\",\"value\":31622400}\nThat is all I need.\nA leap year has 31,622,400 seconds.\n"
  },
  "putting-it-all-together": {
    prints: "\n[Starting ResearchPipeline...]\n\n[Starting ChainOfThought...]\n\n[Generating response...]\n\n" +
      "[Starting ChainOfThought...]\n\n[Generating response...]\nQuantum computers are held back by noise"
  },
  pictures: { prints: "Red.\n[image 1] Red, all over.\n" },
  conversation: {
    prints:
      "You keep bees.\n\nSaid so far: [{\"question\":\"I am Ada, and I keep bees. Which month is it best to begin in?\"," +
      "\"answer\":\"Good to meet you, Ada."
  }
}

/** For tests that start processes. */
const patient = { timeout: 60_000 }

describe("examples", () => {
  it("are all here", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "run.ts").map((file) =>
      file.slice(0, -3)
    )
    assert.deepStrictEqual(files.toSorted(), [...Object.keys(examples), "synchronous-streaming"].toSorted())
  })

  for (const [name, { prints }] of Object.entries(examples)) {
    it.live(name, () =>
      Effect.scoped(Effect.gen(function*() {
        const printed: Array<string> = []
        const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
          printed.push(String(text))
          return true
        })
        const log = vi.spyOn(console, "log").mockImplementation((...args) => void printed.push(`${args.join(" ")}\n`))
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            write.mockRestore()
            log.mockRestore()
            vi.unstubAllGlobals()
          })
        )
        vi.stubGlobal("fetch", Replies.fetchFor(name))
        const { main } = yield* Effect.promise(() =>
          import(join(folder, `${name}.ts`)) as Promise<{ main: Effect.Effect<void, unknown, LM> }>
        )
        const lm = yield* ScriptedLM.make(Replies.script(name, 0))
        yield* Effect.provide(main, lm.layer)
        yield* lm.assertComplete
        assert.include(printed.join(""), prints)
      })))
  }

  it.live(
    "synchronous-streaming, a script without async, in a process of its own",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const server = yield* WireServer.make(
          WireServer.answer("[[ ## reasoning ## ]]\nHm.\n\n[[ ## answer ## ]]\nThings fall.\n\n[[ ## completed ## ]]")
        )
        const { stderr, stdout } = yield* Effect.promise(() =>
          promisify(execFile)(
            process.execPath,
            ["--conditions=effect-lm-source", join(folder, "run.ts"), "synchronous-streaming"],
            { env: { ...process.env, OPENAI_API_KEY: "", OPENAI_BASE_URL: server.baseUrl, OPENAI_MODEL: "wire-1" } }
          )
        )
        assert.strictEqual(stdout, "Things fall.\n\nThings fall.\n")
        assert.include(stderr, "OPENAI_MODEL are set")
      })),
    patient
  )

  const runner = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, ["--conditions=effect-lm-source", "examples/run.ts", ...args], {
      cwd: join(folder, ".."),
      env: { PATH: process.env["PATH"], ...env },
      encoding: "utf8"
    })

  it(
    "--scripted needs no model, in a worker thread neither, and says so in its first line",
    patient,
    () => {
      const { status, stderr, stdout } = runner(["synchronous-streaming", "--scripted"])
      assert.strictEqual(status, 0, stderr)
      assert.match(stderr, /^\[Synchronous streaming: .* \(recorded replies, no model is asked\)\]\n$/)
      assert.match(
        stdout,
        /^Gravity is why things fall[^]*\n\nGravity is the pull of everything that has mass on everything else\.\n$/
      )
    }
  )

  it("--scripted needs no network either", patient, () => {
    const { status, stderr, stdout } = runner(["async-tools", "--scripted"])
    assert.deepStrictEqual([status, stdout.trim()], [0, "Paris: 🌦 +14°C"])
    assert.match(stderr, /\(a recorded answer of the web, no model is asked\)\]\n$/)
  })

  it("without a name: what each of them shows, which are agents, and --scripted", patient, () => {
    const { status, stderr, stdout } = runner([])
    assert.deepStrictEqual([status, stderr], [0, ""])
    assert.include(stdout, "npm run example -- NAME --scripted ")
    assert.match(stdout, /^the-basics +The basics: a signature, a call, a typed answer\.$/m)
    assert.match(stdout, /^react-with-async .*its model has to be good with tools/m)
    for (const name of Object.keys(examples)) assert.match(stdout, new RegExp(`^${name} +\\w`, "m"))
  })

  it("one that does not exist is bad usage", patient, () => {
    const { status, stderr, stdout } = runner(["nope"])
    assert.deepStrictEqual([status, stdout], [2, ""])
    assert.match(stderr, /^There is no example nope\.\n\n/)
    assert.match(stderr, /^the-basics /m)
  })

  it("what is wrong with the arguments is said", () => {
    const wrong = (...args: ReadonlyArray<string>) => {
      const choice = Choice.choose(args)
      return choice._tag === "Wrong" ? choice.message : assert.fail(choice._tag)
    }
    assert.strictEqual(wrong("the-basics", "--fast"), "There is no --fast.")
    assert.strictEqual(wrong("--scripted"), "Which example?")
    assert.strictEqual(wrong("the-basics", "conversation"), "One example at a time: the-basics, or conversation?")
  })

  it("one that fails says why, in a sentence", patient, () => {
    // Nobody listens at the discard port.
    const { status, stderr } = runner(["the-basics"], {
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
      OPENAI_MODEL: "m"
    })
    assert.strictEqual(status, 1)
    assert.match(stderr, /\(add --scripted to see it without a model\)/)
    assert.match(stderr, /\nthe-basics: .+\n$/)
    assert.notInclude(stderr, "    at ")
  })
})
