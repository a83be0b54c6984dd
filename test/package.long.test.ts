/**
 * The package as its users get it: packed, installed from the registry into a fresh project, read by their compilers, run by
 * their runtimes. About two minutes, most of it compilers. What cannot be had from the registry is skipped, with a note.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { publint } from "publint"
import * as Packed from "./support/packed.ts"

const temporary = Packed.folder()
const project = join(temporary.path, "project")
const installed = join(project, "node_modules/effect-lm")
let tarball: string
let offline: string | undefined

beforeAll(async () => {
  const reached = Packed.run("npm", ["view", "effect", "version"], temporary.path, 30)
  tarball = await Packed.pack(temporary.path)
  offline = await reached.then(() => undefined, (error: Error) => `npm does not reach its registry: ${error.message}`)
  if (offline === undefined) await install(project, [tarball])
}, 180_000)

afterAll(() => temporary[Symbol.asyncDispose](), 120_000)

/** Installs packages into a folder of their own. */
const install = (directory: string, packages: ReadonlyArray<string>): Promise<string> => {
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, "package.json"), JSON.stringify({ private: true, type: "module" }))
  return Packed.run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...packages], directory)
}

/** A test that needs the registry. */
const online = (name: string, test: (skip: (note: string) => void) => Promise<void> | void) =>
  it(name, (context) => {
    if (offline !== undefined) context.skip(offline)
    return test((note) => context.skip(note))
  }, 240_000)

/** The names that the package can be imported by. */
const entries = (): ReadonlyArray<string> => {
  const exports: Record<string, unknown> = Packed.manifest.exports
  const closed = Object.keys(exports).filter((key) => exports[key] === null)
  const isClosed = (path: string) =>
    closed.some((key) => key.endsWith("*") ? path.startsWith(key.slice(0, -1)) : path === key)
  const files = globSync("**/*.js", { cwd: join(installed, "dist") }).map((file) => `./${file.slice(0, -3)}`)
  return [...Object.keys(exports).filter((key) => !key.includes("*")), ...files]
    .filter((path) => path !== "./package.json" && !isClosed(path))
    .map((path) => `effect-lm${path.slice(1)}`)
    .toSorted()
}

const consumer = (names: ReadonlyArray<string>) => `
  ${names.map((name, index) => `import * as E${index} from "${name}"`).join("\n")}
  import { Effect } from "effect"
  import { OpenAI, Predict } from "effect-lm"
  const qa = Predict.make("question -> answer, confidence: float")
  export const program = qa({ question: document.title }).pipe(
    Effect.map(({ answer, confidence }): readonly [string, number] => [answer, confidence]),
    Effect.provide(OpenAI.layerConfig)
  )
  // @ts-expect-error -- a page has none
  export const buffer = Buffer
  export const all = [${names.map((_, index) => `E${index}`).join(", ")}]`

const program = (names: ReadonlyArray<string>) => `
  import { Effect, Stream } from "effect"
  import { Predict, Streaming } from "effect-lm"
  import { ScriptedLM } from "effect-lm/testing"
  for (const name of ${JSON.stringify(names)}) await import(name)
  const qa = Predict.make("question -> answer, confidence: float")
  const program = Effect.gen(function*() {
    const reply = () => ScriptedLM.chat({ answer: "It is Paris.", confidence: 0.5 }, { tokens: true })
    const lm = yield* ScriptedLM.make([reply(), reply()])
    const { answer, confidence } = yield* Effect.provide(qa({ question: "Capital?" }), lm.layer)
    const events = yield* Stream.runCollect(Streaming.streamify(qa)({ question: "Capital?" })).pipe(Effect.provide(lm.layer))
    const chunks = events.filter((event) => event._tag === "StreamResponse" && event.signatureFieldName === "answer")
    return { answer, confidence, streamed: chunks.map(({ chunk }) => chunk).join(""), pieces: chunks.length > 1 }
  })
  Effect.runPromise(program).then((result) => console.log(JSON.stringify(result)))`

const result = JSON.stringify({ answer: "It is Paris.", confidence: 0.5, streamed: "It is Paris.", pieces: true })

describe("what is packed", () => {
  it("has nothing that publint finds", async () => {
    const { buffer } = new Uint8Array(readFileSync(tarball))
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true })
    assert.deepStrictEqual(messages, [])
  })

  it("has README, changes and examples, no tests, and the sources that source maps name", async () => {
    const out = join(temporary.path, "unpacked")
    mkdirSync(out)
    await Packed.run("tar", ["-xzf", tarball, "-C", out], temporary.path)
    const root = join(out, "package")
    assert.deepStrictEqual(
      readdirSync(root).toSorted(),
      ["CHANGELOG.md", "LICENSE", "README.md", "dist", "docs", "examples", "package.json", "src"]
    )
    const maps = globSync("dist/**/*.map", { cwd: root })
    assert.isAbove(maps.length, 100)
    for (const map of maps) {
      const { sources } = JSON.parse(readFileSync(join(root, map), "utf8"))
      for (const source of sources) assert.isTrue(existsSync(join(root, dirname(map), source)), `${map}: ${source}`)
    }
  })

  it("says what a registry shows", () => {
    const { bugs, description, homepage, keywords, license, repository } = Packed.manifest
    for (const shown of [bugs, description, homepage, license, repository.url]) assert.isString(shown)
    assert.isAbove(keywords.length, 5)
  })

  it("takes patches of what it depends on, and runs no script where it is installed", () => {
    const { dependencies, peerDependencies, scripts } = Packed.manifest
    for (const range of Object.values({ ...dependencies, ...peerDependencies })) assert.match(String(range), /^[\^~]/)
    assert.deepStrictEqual(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name)), [])
  })
})

describe("what is installed", () => {
  online("is what is used", () => {
    const sizes = globSync(["node_modules/*", "node_modules/@*/*"], { cwd: project })
      .map((path) => path.replaceAll("\\", "/").replace("node_modules/", ""))
      .filter((name) => !/^\.|^@[^/]*$/.test(name))
      .toSorted()
      .map((name) => [name, sizeOf(join(project, "node_modules", name))] as const)
    report(sizes.map(([name, size]) => `${name} ${megabytes(size)}`).join(", "))
    assert.deepStrictEqual(sizes.map(([name]) => name), [
      "@effect/platform-node-shared",
      // Types of `ws`, which the platform depends on for its sockets.
      "@types/node",
      "@types/ws",
      "effect",
      "effect-lm",
      "undici-types",
      "ws"
    ])
  })

  online("has a command", async () => {
    const command = join(project, "node_modules/.bin/effect-lm")
    assert.include(await Packed.run(command, ["--version"], project), Packed.manifest.version)
    writeFileSync(
      join(project, "qa.ts"),
      `import { Predict } from "effect-lm"
       import { ScriptedLM } from "effect-lm/testing"
       export const program = Predict.make("question -> answer")
       export const layer = ScriptedLM.layer(() => ScriptedLM.chat({ answer: "Paris" }))`
    )
    const said = await Packed.run(command, ["run", "qa.ts", "--question", "Capital?", "--json"], project)
    assert.deepStrictEqual(JSON.parse(said), { answer: "Paris" })
  })
})

describe("types", () => {
  const settings = {
    nodenext: { module: "nodenext" },
    bundler: { module: "esnext", moduleResolution: "bundler" }
  }

  // Libraries are checked too: whoever skips that sees less.
  for (const version of ["5.9", "6", "7"]) {
    online(`of all modules compile with TypeScript ${version}, and bring no globals of Node`, async (skip) => {
      const place = join(temporary.path, `typescript-${version}`)
      const missing = await install(place, [`typescript@${version}`]).then(() => undefined, String)
      if (missing !== undefined) skip(missing)
      writeFileSync(join(project, "types.ts"), consumer(entries()))
      await Promise.all(
        Object.entries(settings).map(([name, options]) => {
          const config = join(project, `tsconfig.${name}.json`)
          const common = { target: "ES2022", lib: ["ES2022", "DOM"], strict: true, noEmit: true, types: [] }
          writeFileSync(
            config,
            JSON.stringify({ compilerOptions: { ...common, ...options, skipLibCheck: false }, files: ["types.ts"] })
          )
          return Packed.run(join(place, "node_modules/.bin/tsc"), ["-p", config], project)
        })
      )
    })
  }
})

describe("runs", () => {
  const { arch, platform } = process
  const bun = `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`
  const deno = `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`
  const node = `node-${platform}-${arch}`

  /** Runs the program; the command is in the packages that are installed for it, or a path. */
  const runs = (name: string, packages: ReadonlyArray<string>, command: string, args: ReadonlyArray<string> = []) =>
    online(`on ${name}`, async (skip) => {
      const place = join(temporary.path, name.replace(" ", "-"))
      const missing = await install(place, packages).then(() => undefined, String)
      if (missing !== undefined) skip(missing)
      const file = join(project, "program.mjs")
      writeFileSync(file, program(entries()))
      const found = resolve(place, "node_modules", command)
      const [version] = (await Packed.run(found, ["--version"], project)).split("\n")
      report(`${name}: ${version}`)
      assert.strictEqual(await Packed.run(found, [...args, file], project), result)
    })

  runs("Node 22.19", [`${node}@22.19.0`], join(node, "bin/node"))
  // The one that the tests run on.
  runs("Node 24", [], process.execPath)
  runs("Bun", [bun], join(bun, "bin/bun"))
  runs("Deno", [deno], join(deno, "deno"), ["run", "--allow-all"])
})

// Details

const report = (line: string) => process.stdout.write(`${basename(import.meta.filename)}: ${line}\n`)

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

const sizeOf = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0)
