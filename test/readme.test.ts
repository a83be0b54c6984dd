/** The snippets of the README: they compile, and they run against a server that answers every signature. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as WireServer from "./support/wireServer.ts"

const root = join(import.meta.dirname, "..")
const folder = join(import.meta.dirname, ".readme")

const snippets = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  (match) => match[1]!
)
const isTest = (snippet: string) => snippet.includes("@effect/vitest")
/** A snippet that others import begins with its file's name. */
const names = snippets.map((snippet, index) =>
  /^\/\/ (\w+\.ts)\n/.exec(snippet)?.[1] ?? `snippet-${index + 1}${isTest(snippet) ? ".test" : ""}.ts`
)

/** Answers whatever sections a request asks for. */
const answers: WireServer.Handler = (exchange) => {
  const asked: string = exchange.request.json.messages.at(-1).content
  const fields = [...new Set([...asked.matchAll(/\[\[ ## (\w+) ## \]\]/g)].map((match) => match[1]!))]
  const values: Readonly<Record<string, string>> = { confidence: "0.9" }
  const text = fields.filter((name) => !asked.includes(`[[ ## ${name} ## ]]\n`) && name !== "completed")
    .map((name) => `[[ ## ${name} ## ]]\n${values[name] ?? `an ${name}`}`)
  return WireServer.answer([...text, "[[ ## completed ## ]]"].join("\n\n"))(exchange)
}

/** Runs Node, and dies of what it prints if it fails. */
const node = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Effect.Effect<void> =>
  Effect.callback((resume) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" },
      (error, stdout, stderr) =>
        resume(error === null ? Effect.void : Effect.die(new Error(`${args.at(-1)}\n${stdout}\n${stderr}`)))
    )
  })

const bin = (path: string) => join(root, "node_modules", path)

describe("README", () => {
  it.live("its snippets compile and run", () =>
    Effect.scoped(Effect.gen(function*() {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
      for (const [index, name] of names.entries()) {
        writeFileSync(join(folder, name), `${snippets[index]}\nexport {}\n`)
      }
      writeFileSync(
        join(folder, "tsconfig.json"),
        JSON.stringify({
          extends: "../../tsconfig.json",
          include: ["*.ts"],
          compilerOptions: { noUnusedLocals: false, noUnusedParameters: false }
        })
      )
      yield* node([bin("typescript/bin/tsc"), "-p", folder])
      const server = yield* WireServer.make(answers)
      const env = { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "", OPENAI_MODEL: "wire-1" }
      yield* Effect.forEach(
        names,
        (name, index) =>
          isTest(snippets[index]!)
            ? node([bin("vitest/vitest.mjs"), "run", join("test/.readme", name)])
            : node(["--conditions=effect-lm-source", join(folder, name)], env),
        { concurrency: 2 }
      )
      assert.isAbove(server.requests.length, 0)
    })), 120_000)
})
