/**
 * What processes load of the package as it is packed: few files, and one copy of the library and of Effect for the command and
 * the code that it runs. Half a minute, most of it packing.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile, spawn } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Packed from "../support/packed.ts"
import * as WireServer from "../support/wireServer.ts"

const temporary = Packed.folder()
const project = join(temporary.path, "project")
const modules = join(project, "node_modules")
const bin = Packed.manifest.bin["effect-lm"].replace("./", "")
const command = join(modules, "effect-lm", bin)

const sources = {
  "package.json": `{ "type": "module" }`,
  "input.json": `{ "question": "Capital?" }`,
  // Says whether what the command has set up is what this file sees.
  "qa.ts": `
    import { Effect, Layer } from "effect"
    import { CurrentAdapter, JSONAdapter, Module, Predict, Signature } from "effect-lm"
    import * as Deep from "effect-lm/module/Predict"
    import { ScriptedLM } from "effect-lm/testing"
    export const mine = { ...JSONAdapter.make() }
    export const program = Module.make("QA", { qa: Predict.make("question -> answer") }, ({ qa }) =>
      Effect.fnUntraced(function*(input: { readonly question: string }) {
        const { answer } = yield* qa(input)
        return { answer, is_mine: (yield* CurrentAdapter) === mine, is_one: Deep.make === Predict.make }
      })
    ).pipe(Module.withSignature(Signature.make("question -> answer, is_mine: bool, is_one: bool")))
    export const layer = ScriptedLM.layer((request) =>
      request.responseFormat._tag === "Text" ? ScriptedLM.chat({ answer: "Paris" }) : ScriptedLM.text('{"answer":"Paris"}')
    )`,
  "hanging.ts": `
    import { Predict } from "effect-lm"
    export const program = Predict.make("question -> answer")`,
  "tools.ts": `
    import { Schema } from "effect"
    import { Tool } from "effect-lm"
    export const add = Tool.make("add", { parameters: { a: Schema.Finite } }, ({ a }) => a + 1)`,
  "hooks.mjs": `
    import { writeFileSync } from "node:fs"
    import { registerHooks } from "node:module"
    const urls = []
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    process.on("exit", () => writeFileSync("loaded.json", JSON.stringify(urls)))`,
  "threads.mjs": `
    import { Effect } from "effect"
    import { Blocking, BlockingStream } from "effect-lm"
    const url = new URL("./work.mjs", import.meta.url)
    const added = await Effect.runPromise(Blocking.module(url)("add")(1, 2))
    console.log(JSON.stringify({ added, twice: BlockingStream.module(url)("program").call({ n: 3 }).twice }))
    process.exit()`,
  "work.mjs": `
    import { Effect } from "effect"
    import { Module } from "effect-lm"
    export const add = (a, b) => a + b
    export const program = Module.make("Twice", {}, () => ({ n }) => Effect.succeed({ twice: 2 * n }))`
}

beforeAll(async () => {
  const tarball = await Packed.pack(temporary.path)
  mkdirSync(join(modules, "@effect"), { recursive: true })
  await Packed.run("tar", ["-xzf", tarball, "-C", modules], temporary.path)
  renameSync(join(modules, "package"), join(modules, "effect-lm"))
  for (const name of ["effect", "@effect/platform-node-shared"]) {
    symlinkSync(join(import.meta.dirname, "../../node_modules", name), join(modules, name))
  }
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(project, name), text)
}, 120_000)

afterAll(() => temporary[Symbol.asyncDispose](), 120_000)

interface Ran {
  readonly code: number
  readonly said: string
  /** The files of this package that were loaded, by their paths in it; and how many of Effect's. */
  readonly own: ReadonlyArray<string>
  readonly effects: number
}

/** Runs a file with Node, and tells what that has loaded. */
const run = (...args: ReadonlyArray<string>): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["--import", "./hooks.mjs", ...args], { cwd: project }, (error, stdout, stderr) => {
      const urls: ReadonlyArray<string> = JSON.parse(readFileSync(join(project, "loaded.json"), "utf8"))
      const own = "/project/node_modules/effect-lm/"
      resolve({
        code: Number(error?.code ?? 0),
        said: `${stdout}${stderr}`,
        own: urls.filter((url) => url.includes(own)).map((url) => url.slice(url.indexOf(own) + own.length)),
        effects: urls.filter((url) => /\/node_modules\/effect\//.test(url)).length
      })
    })
  })

describe("the command", { timeout: 60_000 }, () => {
  /** What tells the command to ask a server. */
  const withServer = <A>(use: (model: ReadonlyArray<string>) => Promise<A>): Promise<A> =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(WireServer.answer("[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"))
      return yield* Effect.promise(() => use(["--model", "m", "--base-url", server.baseUrl]))
    }).pipe(Effect.scoped, Effect.runPromise)

  it("loads nothing beside its own few files where it runs no code of the user's", () =>
    withServer(async (model) => {
      for (
        const args of [
          ["--version"],
          ["--help"],
          ["run", "question -> answer", "--help"],
          ["run", "question -> answer", "--question", "Capital?", ...model],
          // Files that are no code.
          ["run", "question -> answer", "--input", "input.json", ...model],
          ["run", "./nowhere.ts"]
        ]
      ) {
        const { effects, own } = await run(command, ...args)
        assert.strictEqual(effects, 0, args.join(" "))
        const others = own.filter((path) => path !== bin && !path.endsWith("/rolldown-runtime.js"))
        assert.isAtMost(others.length, 5)
        assert.deepStrictEqual(others.filter((path) => !path.startsWith("dist/command/")), [], args.join(" "))
      }
    }))

  it("answers where nothing but itself is installed", () =>
    withServer(async (model) => {
      const alone = join(temporary.path, "alone")
      cpSync(join(modules, "effect-lm"), alone, { recursive: true })
      const args = ["run", "question -> answer", "--question", "Capital?", "--json", ...model]
      assert.deepStrictEqual(JSON.parse(await Packed.run(process.execPath, [join(alone, bin), ...args], alone)), {
        answer: "Paris"
      })
    }))

  it("ends in order, bundled or not", () =>
    Effect.gen(function*() {
      for (const target of ["question -> answer", "hanging.ts"]) {
        const server = yield* WireServer.make(WireServer.silence)
        const args = [command, "run", target, "--question", "?", "--model", "m", "--base-url", server.baseUrl]
        const child = spawn(process.execPath, args, { cwd: project, stdio: "ignore" })
        const code = new Promise((resolve) => child.once("close", resolve))
        yield* server.nextRequest
        child.kill("SIGINT")
        yield* server.nextAbandoned
        assert.strictEqual(yield* Effect.promise(() => code), 130)
      }
    }).pipe(Effect.scoped, Effect.runPromise))

  it("shares its library and its Effect with code of the user's, however that is named", () =>
    withServer(async (model) => {
      const question = ["--question", "Capital?", "--json"]
      const signature = ["run", "question -> answer", ...question, ...model]
      const url = pathToFileURL(join(project, "qa.ts")).href
      for (
        const [args, said] of [
          [["run", "qa.ts", ...question], /"is_mine":false,"is_one":true/],
          [["run", "./qa.ts#program", ...question, "--adapter", "./qa.ts#mine"], /"is_mine":true,"is_one":true/],
          [["run", url, ...question, "--adapter=qa.ts#mine"], /"is_mine":true,"is_one":true/],
          [["run", `${url}#program`, ...question], /"answer":"Paris"/],
          [[...signature, "--adapter=./qa.ts#nothing"], /it exports no adapter|'nothing'/],
          [[...signature, "--module", "react", "--tools", "tools.ts", "--max-iterations", "1"], /Paris/],
          [[...signature, "--module=react", "--tools=./tools.ts", "--max-iterations=1"], /Paris/]
        ] as const
      ) {
        const ran = await run(command, ...args)
        assert.match(ran.said, said, args.join(" "))
        assert.isAbove(ran.effects, 100)
        assert.deepStrictEqual(ran.own.filter((path) => !path.startsWith("dist/node/")), [], args.join(" "))
        // As the modules of one build: none is there twice.
        assert.strictEqual(new Set(ran.own).size, ran.own.length)
      }
    }))
})

describe("the library on Node", { timeout: 60_000 }, () => {
  it("is few files, whichever of its names is imported", async () => {
    for (const name of ["effect-lm", "effect-lm/module", "effect-lm/provider/OpenAI"]) {
      writeFileSync(join(project, "imports.mjs"), `import * as Library from "${name}"; console.log(typeof Library)`)
      const { own, said } = await run("imports.mjs")
      assert.strictEqual(said, "object\n")
      assert.isAtMost(own.length, 3)
      assert.deepStrictEqual(own.filter((path) => !path.startsWith("dist/node/")), [])
    }
  })

  it("finds the files of its worker threads", async () => {
    const { own, said } = await run("threads.mjs")
    assert.deepStrictEqual(JSON.parse(said), { added: 3, twice: 6 })
    assert.deepStrictEqual(own.filter((path) => !path.startsWith("dist/node/")), [])
  })
})
