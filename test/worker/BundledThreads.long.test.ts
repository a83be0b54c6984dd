/** Worker threads of code that was built: with the package beside it they run, bundled with it they say what to do. Ten seconds. */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"

const sources = {
  "work.ts": "export const add = (a: number, b: number) => a + b",
  "programs.ts": `
    import { Module } from "effect-lm"
    import { Effect } from "effect"
    export const program = Module.make("Twice", {}, () => ({ n }: { readonly n: number }) => Effect.succeed({ twice: 2 * n }))`,
  "main.ts": `
    import { Blocking, BlockingStream } from "effect-lm"
    import { Effect } from "effect"
    const work = Blocking.module<typeof import("./work.ts")>(new URL("./work.ts", import.meta.url))
    const programs = BlockingStream.module<typeof import("./programs.ts")>(new URL("./programs.ts", import.meta.url))
    const called = await Effect.runPromise(Effect.result(work("add")(1, 2)))
    console.log(called._tag === "Success" ? called.success : called.failure._tag + " " + called.failure.message)
    try {
      console.log(programs().call({ n: 3 }).twice)
    } catch (error: any) {
      console.log(error._tag + " " + error.message)
    }
    process.exit()`
}

/** The lines that the program prints once it is built. */
const run = async (external: RegExp | undefined): Promise<ReadonlyArray<string>> => {
  // Inside of the package, where its name means itself.
  const folder = mkdtempSync(join(import.meta.dirname, ".bundled-"))
  try {
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text)
    const bundle = await rolldown({
      input: Object.keys(sources).map((name) => join(folder, name)),
      platform: "node",
      resolve: { conditionNames: ["effect-lm-source", "import", "node"] },
      ...(external === undefined ? {} : { external })
    })
    await bundle.write({ dir: join(folder, "dist"), entryFileNames: "[name].js" })
    const main = join(folder, "dist/main.js")
    return execFileSync(process.execPath, ["--conditions=effect-lm-source", main], { encoding: "utf8" }).trim()
      .split("\n")
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("worker threads", { timeout: 60_000 }, () => {
  it("of built code find the package, and the files that the compiler made of the user's", async () => {
    assert.deepStrictEqual(await run(/^effect/), ["3", "6"])
  })

  it("of a bundle that swallowed the package say that it must be left outside", async () => {
    const [called, streamed] = await run(undefined)
    assert.match(called!, /^BlockingError add: .*functionWorker\.js is not there.* leave the package out of the bundle/)
    assert.match(streamed!, /^WorkerError .*programWatcher\.js is not there.* leave the package out of the bundle/)
  })
})
