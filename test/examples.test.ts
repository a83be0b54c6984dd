/** The examples run, on a scripted language model. */
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import type { LM } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { execFile, spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import * as WireServer from "./support/wireServer.ts"

const folder = join(import.meta.dirname, "../examples")

/** What the model says in each example, and what the example prints of it. */
const examples: Readonly<
  Record<string, {
    readonly replies: ReadonlyArray<Readonly<Record<string, unknown>> | ScriptedLM.Reply>
    readonly prints: string
    /** What the web answers. */
    readonly web?: string
  }>
> = {
  "the-basics": { replies: [{ answer: "Paris" }], prints: "Paris" },
  "concurrent-calls": {
    replies: [{ answer: "c" }, { answer: "Shakespeare" }, { answer: "The Pacific" }],
    prints: "Q: Who wrote Hamlet?\nA: Shakespeare\n"
  },
  "custom-modules": {
    replies: [{ sentiment: "glad", topics: "types" }, { summary: "All is well." }],
    prints: "Summary: All is well."
  },
  "basic-streaming": {
    replies: [{ reasoning: "Hm.", answer: "Dense." }],
    prints: "Dense.\n\n--- Final answer ---\nDense."
  },
  "multiple-fields": {
    replies: [{ title: "Tides", summary: "Up and down.", keywords: "sea" }],
    prints: "[title] Tides\n[summary] Up and down.\n[keywords] sea\n"
  },
  "duplicate-field-names": { replies: [{ answer: "a draft" }, { answer: "the answer" }], prints: "the answer\n" },
  "status-messages": {
    replies: [{ reasoning: "Hm.", answer: "The Moon." }],
    prints: "\n[STATUS] Starting ChainOfThought...\n\n[STATUS] Thinking...\nThe Moon.\n[STATUS] Got response\n\n" +
      "[STATUS] Finished ChainOfThought\n\n\nFinal: The Moon."
  },
  "async-tools": { replies: [], web: "Paris: 21 C", prints: "Paris: 21 C\n" },
  "sync-to-async-conversion": {
    replies: [
      ScriptedLM.toolCalls([{ name: "calculator", arguments: { expression: "15 * 23 + 42" } }]),
      ScriptedLM.text("I know."),
      { reasoning: "The calculator says so.", answer: "387" }
    ],
    prints: "387\n"
  },
  "react-with-async": {
    replies: [
      ScriptedLM.toolCalls([{ name: "search_web", arguments: { query: "Tokyo" } }], { text: "Search." }),
      ScriptedLM.text("I know."),
      { reasoning: "So.", answer: "14 million" }
    ],
    prints: "Search. search_web -> Results for: Tokyo\nI know. \n14 million\n"
  },
  "streaming-in-react-loops": {
    replies: [
      ScriptedLM.toolCalls([{ name: "calculator", arguments: { expression: "366 * 24 * 60 * 60" } }], {
        text: "Compute."
      }),
      ScriptedLM.text("I know."),
      { reasoning: "So.", answer: "31622400" }
    ],
    prints: "Compute.\n[1] calculator({\"expression\":\"366 * 24 * 60 * 60\"})\n" +
      "[1] {\"_tag\":\"Success\",\"value\":31622400}\nI know.\n31622400\n"
  },
  "putting-it-all-together": {
    replies: [{ reasoning: "Hm.", key_points: ["noise"] }, { reasoning: "So.", answer: "Errors." }],
    prints: "\n[Starting ResearchPipeline...]\n\n[Starting ChainOfThought...]\n\n[Generating response...]\n\n" +
      "[Starting ChainOfThought...]\n\n[Generating response...]\nErrors.\n\nDone!"
  },
  conversation: {
    replies: [{ answer: "In May." }, { answer: "Bees." }, { answer: "Ada." }],
    prints: "Bees.\n\nSaid so far: [{\"question\":\"I am Ada, and I keep bees. Which month is it best to begin in?\"," +
      "\"answer\":\"In May.\"},{\"question\":\"What do I keep?\",\"answer\":\"Bees.\"}]\nAda.\n"
  }
}

const isReply = (reply: object): reply is ScriptedLM.Reply => "reads" in reply

describe("examples", () => {
  it("are all here", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "run.ts").map((file) =>
      file.slice(0, -3)
    )
    assert.deepStrictEqual(files.toSorted(), [...Object.keys(examples), "synchronous-streaming"].toSorted())
  })

  for (const [name, { prints, replies, web }] of Object.entries(examples)) {
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
        if (web !== undefined) vi.stubGlobal("fetch", () => Promise.resolve(new Response(web)))
        const { main } = yield* Effect.promise(() =>
          import(join(folder, `${name}.ts`)) as Promise<{ main: Effect.Effect<void, unknown, LM> }>
        )
        const lm = yield* ScriptedLM.make(replies.map((reply) => isReply(reply) ? reply : ScriptedLM.chat(reply)))
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
    20_000
  )

  const runner = (name: string, env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, ["--conditions=effect-lm-source", "examples/run.ts", name], {
      cwd: join(folder, ".."),
      env: { PATH: process.env["PATH"], ...env },
      encoding: "utf8"
    })

  it("one that does not exist is bad usage", () => {
    const { status, stderr } = runner("nope")
    assert.strictEqual(status, 2)
    assert.match(stderr, /^Which example\? .*the-basics.*\n$/)
  })

  it("one that fails says why, in a sentence", () => {
    // Nobody listens at the discard port.
    const { status, stderr } = runner("the-basics", { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_MODEL: "m" })
    assert.strictEqual(status, 1)
    assert.match(stderr, /\nthe-basics: .+\n$/)
    assert.notInclude(stderr, "    at ")
  })
})
