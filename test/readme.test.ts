/**
 * The snippets and commands of the README: the snippets compile, and all of them run as they are pasted, against a server that
 * answers every signature.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import * as WireServer from "./support/wireServer.ts"

const root = join(import.meta.dirname, "..")
const folder = join(import.meta.dirname, ".readme")
const readme = readFileSync(join(root, "README.md"), "utf8")

const blocksOf = (language: string): ReadonlyArray<string> =>
  [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, text]) => name === language ? [text!] : [])

interface Snippet {
  readonly name: string
  readonly text: string
  readonly isTest: boolean
  /** It calls something, and says what came of it. */
  readonly speaks: boolean
}

const snippets = blocksOf("ts").map((text, index): Snippet => {
  const isTest = text.includes("@effect/vitest")
  return {
    // A snippet that others import begins with its file's name.
    name: /^\/\/ (\w+\.ts)\n/.exec(text)?.[1] ?? `snippet-${index + 1}${isTest ? ".test" : ""}.ts`,
    text,
    isTest,
    speaks: !isTest && /runPromise|await |for \(/.test(text.replaceAll(/\/\/.*/g, ""))
  }
})

/** Commands but for those that install something, or need a model file. */
const commands = blocksOf("sh").flatMap((block) => block.split("\n"))
  .filter((line) => /\b(npm start --|effect-lm) /.test(line) && !line.includes(".gguf"))
  .map((line) => line.replace("npm start --", "effect-lm"))

/** Something of the type that a prompt names. */
const valueOf = (name: string, type: string): unknown => {
  if (type === "integer") return 42
  if (type === "number") return 0.9
  if (type.startsWith("Array<")) return ["tides", "the moon"]
  return /^"([^"]*)"/.exec(type)?.[1] ?? `an ${name}`
}

/** Answers with the sections that a request asks for; an agent's with a call of its first tool, then with a thought. */
const answers: WireServer.Handler = (exchange) => {
  const { messages, stream, tool_choice, tools } = exchange.request.json
  const asked: string = messages.at(-1).content
  const fields = [...(/Reply with .*$/.exec(asked)?.[0] ?? "").matchAll(/\[\[ ## (\w+) ## \]\]/g)]
    .map((match) => match[1]!).filter((name) => name !== "completed")
  if (tools !== undefined && tool_choice !== "none" && messages.at(-1).role !== "tool") {
    const [{ function: { name } }] = tools
    const args = JSON.stringify(name === "add" ? { a: 15, b: 23 } : { expression: "15 * 23 + 42" })
    const call = { index: 0, id: "call_1", type: "function", function: { name, arguments: args } }
    return stream === true
      ? WireServer.events(
        WireServer.chunk({ tool_calls: [call] }),
        WireServer.chunk({}, { finish_reason: "tool_calls" }),
        WireServer.done
      )(exchange)
      : WireServer.json(
        200,
        WireServer.completion({ content: null, tool_calls: [call] }, { finish_reason: "tool_calls" })
      )(exchange)
  }
  if (fields.length === 0) return WireServer.answer("I know enough.")(exchange)
  const told = messages.map(({ content }: { readonly content: unknown }) => content).join("\n")
  const sections = fields.map((name) => {
    const type = new RegExp(`^- ${name} \\((.*?)\\)(?:$|:)`, "m").exec(told)?.[1] ?? "string"
    const value = valueOf(name, type)
    return `[[ ## ${name} ## ]]\n${typeof value === "string" ? value : JSON.stringify(value)}`
  })
  return WireServer.answer([...sections, "[[ ## completed ## ]]"].join("\n\n"))(exchange)
}

/** Runs a program and gives what it prints; one that fails, or goes on for too long, dies of what it has printed. */
const run = (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const child = execFile(
      command,
      args,
      { cwd: root, env: { ...process.env, ...env }, encoding: "utf8", timeout: 60_000 },
      (error, stdout, stderr) => {
        const said = `${args.at(-1)}\n${stdout}\n${stderr}`
        resume(
          error !== null ? Effect.die(new Error(said)) : Effect.sync(() => {
            assert.notMatch(stderr, /error/i, said)
            return stdout
          })
        )
      }
    )
    child.stdin?.end()
  })

const bin = (path: string) => join(root, "node_modules", path)

/** Imports one snippet after the other in one process, the next when the one before has nothing left to do: it has ended by itself. */
const runner = `
const names = process.argv.slice(2)
process.on("beforeExit", () => {
  const name = names.shift()
  if (name === undefined) return
  console.log("=== " + name)
  setImmediate(() => import("./" + name))
})
`

describe("README", () => {
  it("its snippets are parsed by the oldest Node that the package promises", () => {
    // `using` is what Node 22 lacks of what the compiler accepts.
    for (const { name, text } of snippets) assert.notMatch(text, /^\s*(?:await )?using /m, name)
  })

  it.live("its snippets compile, its snippets and commands run", () =>
    Effect.scoped(Effect.gen(function*() {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
      for (const { name, text } of snippets) writeFileSync(join(folder, name), `${text}\nexport {}\n`)
      writeFileSync(join(folder, "runner.mjs"), runner)
      writeFileSync(
        join(folder, "tsconfig.json"),
        JSON.stringify({
          extends: "../../tsconfig.json",
          include: ["*.ts"],
          compilerOptions: { noUnusedLocals: false, noUnusedParameters: false }
        })
      )
      writeFileSync(
        join(folder, "effect-lm"),
        `#!/bin/sh\nexec "${process.execPath}" --conditions=effect-lm-source src/cli/bin.ts "$@"\n`,
        { mode: 0o755 }
      )
      const server = yield* WireServer.make(answers)
      const env = {
        OPENAI_BASE_URL: server.baseUrl,
        OPENAI_API_KEY: "sk-not-a-key",
        OPENAI_MODEL: "wire-1",
        PATH: `${folder}${delimiter}${process.env["PATH"]}`
      }

      const compiled = run(process.execPath, [bin("typescript/bin/tsc"), "-p", folder])
      const programs = Effect.gen(function*() {
        const names = snippets.filter(({ isTest }) => !isTest).map(({ name }) => name)
        const said = yield* run(
          process.execPath,
          ["--conditions=effect-lm-source", join(folder, "runner.mjs"), ...names],
          env
        )
        const parts = new Map(
          said.split("=== ").slice(1).map((
            part
          ) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)])
        )
        for (const { name, speaks, text } of snippets) {
          if (!speaks) continue
          assert.notStrictEqual(parts.get(name)?.trim() ?? "", "", `${name} says nothing:\n${text}`)
        }
        // What a snippet says it prints.
        assert.include(said, "=== snippet-1.ts\nan answer (0.9)\n")
        assert.include(said, "sent 50\n")
      })
      const tests = snippets.filter(({ isTest }) => isTest).map(({ name }) =>
        run(process.execPath, [bin("vitest/vitest.mjs"), "run", join("test/.readme", name)])
      )
      const asCommands = commands.map((command) =>
        Effect.map(run("sh", ["-c", command], env), (said) => assert.notStrictEqual(said.trim(), "", command))
      )
      assert.isAbove(asCommands.length, 5)
      yield* Effect.all([compiled, programs, ...tests, ...asCommands], { concurrency: 2 })
      assert.isAbove(server.requests.length, 20)
    })), 120_000)
})
