/**
 * The peers' benchmark with those who need nothing that is not installed: a limit, and the library. About a minute.
 */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { parts } from "./peers/parts.ts"

const run = (...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "peers/main.ts"), ...args], { encoding: "utf8" })

describe("bench:peers", () => {
  it("measures every part", () => {
    const { status, stderr, stdout } = run("--rounds", "1", "--peers", "node:http,effect-lm")
    assert.strictEqual(status, 0, stderr)
    for (const { title } of Object.values(parts)) assert.include(stdout, `### ${title}\n`)
    const rows = stdout.split("\n").filter((line) => /^\| (\*\*effect-lm|`node:http)/.test(line))
    assert.strictEqual(rows.length, 2 * Object.keys(parts).length)
    // Everything has a number, but for what it is compared with, which is not here.
    for (const row of rows) assert.match(row, /^\|[^–]*\| +– \|$/)
    const requests = rows.slice(-2).map((row) => row.split("|").at(-3)!.trim())
    assert.deepStrictEqual(requests, ["11", "11"])
  }, 240_000)

  it("says what its flags know", () => {
    const { status, stderr } = run("--peers", "nobody")
    assert.strictEqual(status, 2)
    assert.match(stderr, /^--peers knows node:http, .*, and not "nobody"\n$/)
  })
})
