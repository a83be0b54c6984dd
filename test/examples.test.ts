/** The examples run, on a scripted language model. */
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import type { LM } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { readdirSync } from "node:fs"
import { join } from "node:path"

const folder = join(import.meta.dirname, "../examples")

/** What the model says in each example, and what the example prints of it. */
const examples: Readonly<
  Record<string, { readonly replies: ReadonlyArray<Readonly<Record<string, unknown>>>; readonly prints: string }>
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
  "putting-it-all-together": {
    replies: [{ reasoning: "Hm.", key_points: ["noise"] }, { reasoning: "So.", answer: "Errors." }],
    prints: "\n[Starting ResearchPipeline...]\n\n[Starting ChainOfThought...]\n\n[Generating response...]\n\n" +
      "[Starting ChainOfThought...]\n\n[Generating response...]\nErrors.\n\nDone!"
  }
}

describe("examples", () => {
  it("are all here", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "run.ts").map((file) =>
      file.slice(0, -3)
    )
    assert.deepStrictEqual(files.toSorted(), Object.keys(examples).toSorted())
  })

  for (const [name, { prints, replies }] of Object.entries(examples)) {
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
          })
        )
        const { main } = yield* Effect.promise(() =>
          import(join(folder, `${name}.ts`)) as Promise<{ main: Effect.Effect<void, unknown, LM> }>
        )
        const lm = yield* ScriptedLM.make(replies.map((fields) => ScriptedLM.chat(fields, { tokens: false })))
        yield* Effect.provide(main, lm.layer)
        yield* lm.assertComplete
        assert.include(printed.join(""), prints)
      })))
  }
})
