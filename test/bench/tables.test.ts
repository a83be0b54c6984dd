/** What a run of the peers' benchmark shows of what came of it: tables, notes, the chart. */
import { assert, describe, it } from "@effect/vitest"
import { chartOf } from "./peers/chart.ts"
import { contenders } from "./peers/contenders.ts"
import { parts } from "./peers/parts.ts"
import type { Outcome } from "./peers/peer.ts"
import type { Outcomes } from "./peers/rounds.ts"
import { behindOf, rowsOf, sectionOf } from "./peers/tables.ts"

const part = parts.calls!

/** Outcomes of the part's cases, the same for each. */
const outcomes = (of: Readonly<Record<string, Outcome>>): ReadonlyArray<Outcomes> =>
  part.cases.map(() => new Map(contenders.map(({ name }) => [name, of[name] ?? { missing: true }])))

/** What so many microseconds a call are, of each of the part's cases: its table counts by the call. */
const took = (micros: number): Outcome => ({ measured: { cpuMicros: micros * 640, wallMillis: 1 } })

const all = rowsOf(
  part,
  contenders,
  outcomes({
    "openai": took(800),
    "effect-lm": took(200),
    "ax": { failed: "Error: it | broke\nat `home`" },
    "node:http": took(100)
  })
)

const lines = sectionOf(part, all).split("\n")
const lineOf = (title: string) => lines.find((line) => line.startsWith(`| ${title}`))!

describe("the peers' benchmark", () => {
  it("orders rows by the headline, and leaves out who has nothing to say", () => {
    assert.deepStrictEqual(all.map(({ contender }) => contender.name), ["node:http", "effect-lm", "openai", "ax"])
  })

  it("compares with the openai SDK", () => {
    assert.match(lineOf("**effect-lm**"), /\b200 \|.* 0\.25x \|$/)
    assert.match(lineOf("openai SDK"), / 1\.00x \|$/)
  })

  it("shows what failed as a dash, and says why in one line", () => {
    assert.match(lineOf("ax"), /^\| ax [^|]*(\| +– )+\|$/)
    assert.include(lines, "- ax, 64: Error: it broke at home.")
  })

  it("says where another library is before effect-lm, which a limit is not", () => {
    assert.deepStrictEqual(behindOf(part, all), [])
    const slower = rowsOf(part, contenders, outcomes({ "openai": took(800), "effect-lm": took(900), "ai": took(850) }))
    assert.include(behindOf(part, slower), "- Calls, 64: openai SDK 800, effect-lm 900")
    assert.strictEqual(behindOf(part, slower).length, 4)
  })

  it("pads tables as the formatter does", () => {
    const widths = new Set(lines.filter((line) => line.startsWith("|")).map(({ length }) => length))
    assert.strictEqual(widths.size, 1)
  })

  it("draws a dot for each number, the smallest at the left", () => {
    const chart = chartOf([{ title: "Calls & more", headline: part.headline, rows: all }], "Today.")
    const dots = [...chart.matchAll(/cx="([\d.]+)"/g)].map(([, x]) => Number(x))
    assert.strictEqual(dots.length, 3)
    assert.deepStrictEqual(dots, dots.toSorted((a, b) => a - b))
    assert.include(chart, "Calls &amp; more")
  })
})
