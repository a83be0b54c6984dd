/** What is shown while a model is installed and loaded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { LMError, type LocalModel } from "effect-lm"
import { Main } from "effect-lm/cli"
import { UnsupportedModel } from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { stripVTControlCharacters } from "node:util"
import { run, type World } from "./harness.ts"

const ask = (world: World) => run(Main.main(["run", "q -> a", "--q", "x"], { version: "1.2.3" }), world)

const download = (...fractions: ReadonlyArray<number>): ReadonlyArray<LocalModel.Progress> =>
  fractions.map((fraction) => ({ step: "model", message: "Downloading", fraction }))

const load: LocalModel.Progress = { step: "load", message: "Loading" }

/** What a terminal shows in the end: lines are drawn again from their beginning. */
const shown = (screen: string): string =>
  screen.split("\n").map((line) =>
    line.split("\r").reduce((before, after) => after + before.slice(after.length)).trimEnd()
  ).join("\n")

describe("progress", () => {
  it.effect("elsewhere than on a terminal: a line for each step, and for each tenth of it", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* ask({
        script: [ScriptedLM.chat({ a: "b" })],
        progress: [...download(0, 0.01, 0.1, 0.11, 0.199, 0.35, 0.36, 0.9, 1), load]
      })
      assert.strictEqual(stdout, "a: b\n")
      assert.strictEqual(
        stderr.split("[Running")[0],
        ["Downloading", "10%", "30%", "90%", "100%", "Loading"].map((line) => `[${line}]\n`).join("")
      )
    }))

  it.effect("on a terminal: one line, drawn again, and gone when there is a model", () =>
    Effect.gen(function*() {
      const { screen } = yield* ask({
        script: [ScriptedLM.chat({ a: "b" })],
        progress: [...download(0, 0.015, 0.999, 1), load],
        terminal: true
      })
      const plain = stripVTControlCharacters(screen)
      assert.deepStrictEqual(plain.split("\r").slice(1, 6).map((line) => line.trimEnd()), [
        "  0% Downloading",
        "  1% Downloading",
        " 99% Downloading",
        "100% Downloading",
        "Loading"
      ])
      assert.match(shown(plain), /^\[Running Predict\]\n/)
      assert.notInclude(shown(plain), "Loading")
    }))

  it.effect("a line that would wrap is cut", () =>
    Effect.gen(function*() {
      const { screen } = yield* ask({
        script: [ScriptedLM.chat({ a: "b" })],
        progress: [{ step: "model", message: "m".repeat(200), fraction: 0.5 }],
        terminal: true
      })
      const [line] = stripVTControlCharacters(screen).split("\r").slice(1)
      assert.strictEqual(line, ` 50% ${"m".repeat(71)}...`)
      assert.isBelow(line!.length, 80)
    }))

  it.effect("wide characters are measured, and none is cut in two", () =>
    Effect.gen(function*() {
      for (const [wide, cut] of [["語", "語".repeat(35)], ["👩‍👩‍👧", "👩‍👩‍👧".repeat(35)]] as const) {
        const { screen } = yield* ask({
          script: [ScriptedLM.chat({ a: "b" })],
          progress: [{ step: "model", message: wide.repeat(60), fraction: 0.5 }, load],
          terminal: true
        })
        const [line, next] = stripVTControlCharacters(screen).split("\r").slice(1)
        assert.strictEqual(line, ` 50% ${cut}...`)
        // What is drawn over it is as wide.
        assert.strictEqual(next, `Loading${" ".repeat(78 - 7)}`)
      }
    }))

  it.effect("where there is no model after all, the line is gone before the error", () =>
    Effect.gen(function*() {
      const { code, screen, stderr } = yield* ask({
        progress: download(0.5),
        terminal: true,
        noModel: new LMError({ model: "local/m", reason: new UnsupportedModel({ description: "no runtime" }) })
      })
      assert.strictEqual(code, 1)
      assert.strictEqual(shown(stripVTControlCharacters(screen)), "")
      assert.include(stderr, "no runtime")
    }))
})
