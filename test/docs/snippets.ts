/**
 * What is shown in the README and in `docs/`, as a test can take it: the snippets, which compile and run as they are pasted, the
 * commands, what both print, and the links between the pages.
 *
 * A fence `ts` is a whole file; one that others import begins with its file's name (`// programs.ts`). A fence `sh` has
 * commands. A fence `text` behind one of them is all that it prints, and `// => text` in a snippet is a line of it.
 */
import { assert } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { Providers } from "effect-lm"
import { execFile } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import * as WireServer from "../support/wireServer.ts"

export const root = join(import.meta.dirname, "../..")

// Pages

/** A page, and its fences. */
export interface Page {
  /** Its path from the root: `docs/models.md`. */
  readonly path: string
  readonly text: string
  readonly snippets: ReadonlyArray<Snippet>
  readonly commands: ReadonlyArray<Command>
}

export interface Snippet {
  readonly name: string
  readonly text: string
  readonly isTest: boolean
  /** It calls something, and says what came of it. */
  readonly speaks: boolean
  /** All that it prints, where the page shows it. */
  readonly output: string | undefined
}

export interface Command {
  readonly line: string
  readonly output: string | undefined
}

/** All pages that somebody reads, the README first. */
export const paths: ReadonlyArray<string> = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).toSorted().map((name) => `docs/${name}`)
]

export const pageOf = (path: string): Page => {
  const text = readFileSync(join(root, path), "utf8")
  const fences = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm)]
    .map(([, language, code, output]) => ({ language, code: code!, output: output?.trim() }))
  return {
    path,
    text,
    snippets: fences.filter(({ language }) => language === "ts").map(({ code, output }, index): Snippet => {
      const isTest = code.includes("@effect/vitest")
      return {
        name: /^\/\/ (\w+\.ts)\n/.exec(code)?.[1] ?? `snippet-${index + 1}${isTest ? ".test" : ""}.ts`,
        text: code,
        isTest,
        speaks: !isTest && /runPromise|runMain|await |for \(const/.test(code.replaceAll(/\/\/.*/g, "")),
        output
      }
    }),
    // Commands but for those that install something, or need a model file or a checkout of its own.
    commands: fences.filter(({ language }) => language === "sh").flatMap(({ code, output }) => {
      const lines = code.split("\n").filter((line) =>
        /(^|\| )(npx effect-lm|npm start --|npm run example --|effect-lm) /.test(line) &&
        !/\.gguf|\.\.\. |^# /.test(line)
      )
      return lines.map((line, at): Command => ({
        line: line.replace(/npm start --|npx effect-lm/, "effect-lm").replace(
          "npm run example --",
          "effect-lm-example"
        ),
        output: at === lines.length - 1 ? output : undefined
      }))
    })
  }
}

// Links

/** What is wrong with the links of a page: files and headings that are not there. `made` has files that are not in the repository. */
export const brokenLinks = (
  { path, text }: Pick<Page, "path" | "text">,
  made: ReadonlyMap<string, string> = new Map()
): ReadonlyArray<string> => {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "")
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = "", heading] = target.split("#")
      const to = file === "" ? path : join(path, "..", file)
      try {
        const found = made.get(to) ?? readFileSync(join(root, to), "utf8")
        return heading !== undefined && !headingsOf(found).includes(heading)
      } catch {
        return !isFolder(to)
      }
    })
    .map((target) => `${path}: ${target}`)
}

const isFolder = (path: string): boolean => {
  try {
    return readdirSync(join(root, path)).length > 0
  } catch {
    return false
  }
}

/** The anchors of a page's headings, as forges make them. */
const headingsOf = (text: string): ReadonlyArray<string> =>
  [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-")
  )

// Tables

/** The rows of all tables of a page, cells trimmed and without code marks. */
export const rowsOf = ({ text }: Page): ReadonlyArray<ReadonlyArray<string>> =>
  text.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  )

// The model

/** What the model knows. Of everything else it says something of the right type. */
const facts: ReadonlyArray<readonly [about: RegExp, fields: Readonly<Record<string, unknown>>]> = [
  [/capital of France/i, { answer: "Paris", confidence: 0.98 }],
  [/6 times 7/, { reasoning: "Six sevens are forty-two.", answer: 42 }],
  [/who wrote Hamlet/i, { answer: "William Shakespeare" }],
  [/largest ocean/, { answer: "The Pacific Ocean" }],
  [/15 \+ 23/, { reasoning: "The tool says 38.", answer: "38" }],
  [/causes tides/, {
    reasoning: "Gravity pulls at water.",
    answer: "The Moon's gravity, and the Sun's.",
    key_points: ["the Moon", "the Sun"],
    sources: ["Newton", "Laplace"]
  }],
  [/Who am I/, { answer: "You are Ada." }],
  [/I am Ada/, { answer: "Hello, Ada." }],
  [/Which animal/, { answer: "A cat." }],
  [/leaks/, { priority: "high", tags: ["plumbing"], due: null }]
]

/** Something of the type that a prompt names. */
const valueOf = (name: string, type: string): unknown => {
  if (type === "integer") return 42
  if (type === "number") return 0.9
  if (type === "boolean") return true
  if (type.startsWith("Array<")) return ["tides", "the moon"]
  if (/^[{}]|^Record/.test(type)) return {}
  return /^"([^"]*)"/.exec(type)?.[1] ?? `an ${name}`
}

/** Arguments that a tool's schema takes. */
const argumentsOf = (schema: any): unknown => {
  if (schema.enum !== undefined) return schema.enum[0]
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, known[name] ?? argumentsOf(property)])
      )
    case "integer":
    case "number":
      return 7
    case "array":
      return [argumentsOf(schema.items)]
    default:
      return "Paris"
  }
}

const known: Readonly<Record<string, unknown>> = { a: 15, b: 23, expression: "15 * 23 + 42" }

interface Said {
  readonly role: string
  readonly content: string | ReadonlyArray<{ readonly text?: string }> | null
}

/** What a message says; pictures say nothing. */
const textOf = ({ content }: Said): string =>
  typeof content === "string" ? content : (content ?? []).map(({ text = "" }) => text).join("")

/** Answers with a vector for each text, as long as is asked for. */
const embeddings: WireServer.Handler = (exchange) => {
  const { dimensions, input } = exchange.request.json
  const vector = (text: string) => Array.from({ length: dimensions ?? 8 }, (_, at) => text.length % (at + 2))
  return WireServer.json(200, {
    data: input.map((text: string, index: number) => ({ index, embedding: vector(text) })),
    usage: { prompt_tokens: 2 * input.length, total_tokens: 2 * input.length }
  })(exchange)
}

/** Answers with the sections or keys that a request asks for; an agent's with a call of its first tool, then in its form. */
const answers: WireServer.Handler = (exchange) => {
  if (exchange.request.path.endsWith("/embeddings")) return embeddings(exchange)
  const { messages: said, response_format, stream, system = [], tool_choice, tools } = exchange.request.json
  // Anthropic's protocol has what the system says apart.
  const messages = [...(system.length === 0 ? [] : [{ role: "system", content: system }]), ...said]
  const asked = textOf(messages.at(-1))
  const all = messages.map(textOf).join("\n")
  const isAgent = tools !== undefined && tool_choice !== "none"
  const form = /Reply with .*$/.exec(asked)?.[0] ?? (isAgent ? /: (Reply with .*)$/m.exec(all)?.[1] : undefined) ?? ""
  const names = [...form.matchAll(/\[\[ ## (\w+) ## \]\]|`(\w+)`|<(\w+)>/g)]
    .map((match) => match[1] ?? match[2] ?? match[3]!).filter((name) => name !== "completed")
  if (isAgent && !messages.some(({ role }: Said) => role === "tool")) {
    const [{ function: { name, parameters } }] = tools
    const call = {
      index: 0,
      id: "call_1",
      type: "function",
      function: { name, arguments: JSON.stringify(argumentsOf(parameters)) }
    }
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
  const fields = facts.findLast(([about]) => about.test(asked))?.[1] ?? facts.find(([about]) => about.test(all))?.[1]
  const value = (name: string): unknown => {
    const type = new RegExp(`^- ${name} \\((.*?)\\)(?:$|:)`, "m").exec(all)?.[1] ?? "string"
    const fact = fields?.[name]
    const isOfType = typeof fact === typeof valueOf(name, type) || (fact === null && type.includes("null"))
    return isOfType ? fact : valueOf(name, type)
  }
  if (response_format !== undefined && response_format.type !== "text") {
    const schema = response_format.json_schema?.schema
    const keys = schema === undefined ? names : Object.keys(schema.properties)
    return words(JSON.stringify(Object.fromEntries(keys.map((name) => [name, value(name)]))))(exchange)
  }
  if (names.length === 0) return words("I know enough.")(exchange)
  const fieldsSaid = names.map((name) => {
    const told = value(name)
    return [name, typeof told === "string" ? told : JSON.stringify(told)] as const
  })
  const thought = isAgent ? "I know enough.\n\n" : ""
  return words(
    thought + (form.startsWith("Reply with <")
      ? fieldsSaid.map(([name, text]) => `<${name}>${text}</${name}>`).join("\n")
      : [...fieldsSaid.map(([name, text]) => `[[ ## ${name} ## ]]\n${text}`), "[[ ## completed ## ]]"].join("\n\n"))
  )(exchange)
}

const usage = { prompt_tokens: 120, completion_tokens: 18, total_tokens: 138 }

/** An answer that comes word by word. */
const words = (text: string): WireServer.Handler => (exchange) =>
  exchange.request.path.endsWith("/messages")
    ? WireServer.json(200, {
      type: "message",
      content: [{ type: "text", text }],
      stop_reason: "end_turn",
      usage: { input_tokens: 120, output_tokens: 18 }
    })(exchange)
    : exchange.request.json.stream === true
    ? WireServer.events(
      ...(text.match(/\s*\S+/g) ?? []).map((word) => WireServer.chunk({ content: word })),
      WireServer.chunk({}, { finish_reason: "stop" }),
      WireServer.data({ id: "chatcmpl-1", choices: [], usage }),
      WireServer.done
    )(exchange)
    : WireServer.json(200, { ...WireServer.completion({ content: text }), usage })(exchange)

/** An account that has nothing left. */
const empty: WireServer.Handler = WireServer.json(429, {
  error: { message: "You exceeded your current quota", type: "insufficient_quota", code: "insufficient_quota" }
})

// Running

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
      { cwd: root, env: { ...process.env, NO_COLOR: "1", ...env }, encoding: "utf8", timeout: 120_000 },
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

/** What the servers were asked. */
export interface Ran {
  readonly requests: number
  /** How often a provider was asked whose account is empty. */
  readonly refused: number
}

/**
 * Compiles the snippets of pages, runs them and the commands, against a server that answers every signature, and compares
 * what they print with what the pages say. Providers are all at that server, but for Groq, where the account is empty.
 */
export const check = (pages: ReadonlyArray<Page>, name: string): Effect.Effect<Ran, never, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = join(root, "test", name)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
    const files = pages.flatMap(({ path, snippets }) => {
      const place = path.replace("docs/", "").replace(".md", "").toLowerCase()
      mkdirSync(join(folder, place), { recursive: true })
      return snippets.map((snippet) => ({ ...snippet, file: `${place}/${snippet.name}` }))
    })
    for (const { file, text } of files) writeFileSync(join(folder, file), `${text}\nexport {}\n`)
    writeFileSync(join(folder, "runner.mjs"), runner)
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: "../../tsconfig.json",
        include: ["**/*.ts"],
        compilerOptions: { noUnusedLocals: false, noUnusedParameters: false }
      })
    )
    for (
      const [command, file] of [["effect-lm", "src/cli/bin.ts"], ["effect-lm-example", "examples/run.ts"]] as const
    ) {
      writeFileSync(
        join(folder, command),
        `#!/bin/sh\nexec "${process.execPath}" --conditions=effect-lm-source ${file} "$@"\n`,
        { mode: 0o755 }
      )
    }
    writeFileSync(join(folder, "questions.csv"), "question\nWho wrote Hamlet?\nWhat is the largest ocean?\n")
    const server = yield* WireServer.make(answers)
    const spent = yield* WireServer.make(empty)
    const providers = Providers.all.flatMap(({ prefix }) => [
      [`${prefix}_API_KEY`, "sk-not-a-key"],
      [`${prefix}_BASE_URL`, prefix === "GROQ" ? spent.baseUrl : server.baseUrl]
    ])
    const env: Record<string, string> = {
      ...Object.fromEntries(providers),
      ANTHROPIC_API_KEY: "sk-not-a-key",
      ANTHROPIC_BASE_URL: server.baseUrl,
      OPENAI_MODEL: "gpt-4o-mini",
      PATH: `${folder}${delimiter}${process.env["PATH"]}`
    }

    const compiled = run(process.execPath, [bin("typescript/bin/tsc"), "-p", folder])
    const programs = Effect.gen(function*() {
      const plain = files.filter(({ isTest }) => !isTest)
      const said = yield* run(
        process.execPath,
        ["--conditions=effect-lm-source", join(folder, "runner.mjs"), ...plain.map(({ file }) => file)],
        env
      )
      // The server stands for OpenAI.
      const parts = new Map(
        said.replaceAll(new URL(server.url).host, "openai").split(/^=== /m).slice(1).map((part) => {
          const end = part.indexOf("\n")
          return [part.slice(0, end), part.slice(end + 1).trim()] as const
        })
      )
      for (const { file, output, speaks, text } of plain) {
        const printed = parts.get(file) ?? ""
        if (speaks) assert.notStrictEqual(printed, "", `${file} says nothing:\n${text}`)
        if (output !== undefined) assert.strictEqual(printed, output, file)
        for (const [, line] of text.matchAll(/\/\/ => (.*)$/gm)) assert.include(printed.split("\n"), line!, file)
      }
    })
    const tests = files.filter(({ isTest }) => isTest).map(({ file }) =>
      // Its report is its own: that of the tests which run this is counted at their end.
      run(process.execPath, [bin("vitest/vitest.mjs"), "run", "--reporter=default", join("test", name, file)])
    )
    const commands = pages.flatMap((page) => page.commands).map(({ line, output }) =>
      // Rows and their lines are files of the reader's.
      Effect.map(
        run("sh", ["-c", line.replace(/\b(questions\.csv|answers\.ndjson)\b/g, `${folder}/$1`)], env),
        (said) => {
          assert.notStrictEqual(said.trim(), "", line)
          if (output !== undefined) assert.strictEqual(said.trim(), output, line)
        }
      )
    )
    yield* Effect.all([compiled, programs, ...tests, ...commands], { concurrency: 2 })
    return { requests: server.requests.length, refused: spent.requests.length }
  })
