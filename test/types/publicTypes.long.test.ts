/** What a public signature names can be imported from the root. Half a minute. */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** A directory where no other run of the compiler looks, and imports resolve as they do in the repository. */
const within = <A>(use: (directory: string) => A): A => {
  const directory = mkdtempSync(join(root, "node_modules/.types-"))
  try {
    return use(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const tsc = (...args: ReadonlyArray<string>): string => {
  try {
    return execFileSync(join(root, "node_modules/.bin/tsc"), args, { encoding: "utf8", stdio: "pipe" })
  } catch (error) {
    return (error as { readonly stdout: string }).stdout
  }
}

/** A name that a file of declarations takes from another one. */
interface Taken {
  readonly file: string
  readonly name: string
}

/** What a file of declarations imports and exports. */
interface Declarations {
  /** Names that it uses, of other files of the package. */
  readonly uses: ReadonlyArray<Taken>
  /** Names of other files that it exports by its own name; `*` for all of them. */
  readonly gives: ReadonlyArray<Taken>
  /** Files that it exports as a namespace. */
  readonly namespaces: ReadonlyArray<string>
}

const parse = (file: string): Declarations => {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")
  const body = text.replace(/^(import|export) .* from .*$/gm, "")
  const resolve = (from: string) => join(dirname(file), from.replace(/\.[jt]s$/, ".d.ts"))
  const names = (list: string) =>
    list.split(",").map((name) => name.trim().replace(/^type /, "")).filter((name) => name !== "").map((name) => {
      const [original, local] = name.split(" as ")
      return { original: original!, local: local ?? original! }
    })
  const all = (pattern: RegExp) => Array.from(text.matchAll(pattern))

  const imported = all(/^import (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gm).flatMap(([, list, from]) =>
    names(list!).map(({ local, original }) => ({ file: resolve(from!), name: original, local }))
  )
  const spaces = all(/^import (?:type )?\* as (\w+) from "(\.[^"]+)"/gm)
  const own = all(/^export (?:type )?\{([^}]*)\};$/gm).flatMap(([, list]) => names(list!))
  return {
    uses: [
      ...imported.filter(({ local }) => new RegExp(`\\b${local}\\b`).test(body)),
      ...spaces.flatMap(([, space, from]) =>
        Array.from(body.matchAll(new RegExp(`\\b${space}\\.(\\w+)`, "g")), ([, name]) => ({
          file: resolve(from!),
          name: name!
        }))
      ),
      ...Array.from(body.matchAll(/\bimport\("(\.[^"]+)"\)\.(\w+)/g), ([, from, name]) => ({
        file: resolve(from!),
        name: name!
      }))
    ],
    gives: [
      ...all(/^export (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gm).flatMap(([, list, from]) =>
        names(list!).map(({ original }) => ({ file: resolve(from!), name: original }))
      ),
      ...imported.filter(({ local }) => own.some(({ original }) => original === local)),
      ...all(/^export \* from "(\.[^"]+)"/gm).map(([, from]) => ({ file: resolve(from!), name: "*" }))
    ],
    namespaces: all(/^export (?:type )?\* as \w+ from "(\.[^"]+)"/gm).map(([, from]) => resolve(from!))
  }
}

/** The grammar of strings, which computes types. A user's types show what it came to, and none of the names on its way. */
const grammar = "signature/internal/grammar/"

/** The names that the public files use and that cannot be imported. */
const missing = (entries: ReadonlyArray<string>): ReadonlyArray<string> => {
  const parsed = new Map<string, Declarations>()
  const declarations = (file: string): Declarations => {
    const known = parsed.get(file) ?? parse(file)
    parsed.set(file, known)
    return known
  }
  /** Files all of whose exports can be imported, and single names of others. */
  const whole = new Set<string>()
  const single = new Set<string>()
  const open = (file: string): void => {
    if (whole.has(file)) return
    whole.add(file)
    declarations(file).namespaces.forEach(open)
    declarations(file).gives.forEach((taken) =>
      taken.name === "*" ? open(taken.file) : single.add(`${taken.file} ${taken.name}`)
    )
  }
  entries.forEach(open)
  /** A name can also come from a file that only passes it on. */
  const canBeImported = ({ file, name }: Taken): boolean =>
    whole.has(file) || single.has(`${file} ${name}`) ||
    declarations(file).gives.some((taken) =>
      (taken.name === "*" || taken.name === name) && canBeImported({ file: taken.file, name })
    )
  const files = new Set([...whole, ...Array.from(single, (taken) => taken.split(" ")[0]!)])
  return Array.from(files).filter((file) => !file.includes(grammar)).flatMap((file) =>
    declarations(file).uses.filter((taken) => !canBeImported(taken)).map((taken) =>
      `${relative(dirname(entries[0]!), file)} uses ${taken.name} of ${relative(dirname(entries[0]!), taken.file)}`
    )
  ).toSorted()
}

// The compiler is another process, which a busy machine may keep waiting.
describe("public types", { timeout: 120_000 }, () => {
  it("whatever a public signature names can be imported from the root", () => {
    within((directory) => {
      tsc(
        "-p",
        join(root, "tsconfig.build.json"),
        "--emitDeclarationOnly",
        "--declarationMap",
        "false",
        "--outDir",
        directory
      )
      assert.deepStrictEqual(missing(["index.d.ts", "testing/index.d.ts"].map((file) => join(directory, file))), [])
    })
  })

  it("what programs are made of can be exported by a package that declares its types", () => {
    within((directory) => {
      writeFileSync(
        join(directory, "library.ts"),
        `
import { Effect, Schema } from "effect"
import {
  Approval, AsyncProgram, Blocking, BlockingStream, ChainOfThought, Discovery, History, LMReason, LocalModel, Mcp, McpReason,
  Module, ModuleTool, Observer, OpenAI, Predict, ReAct, Session, Signature, Status, Streaming, StreamListener, Tool,
  ToolReason, ToolRegistry
} from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { Tool as AiTool, Toolkit } from "effect/ai"

export const signature = Signature.make("question, history: History -> answer, tags: list[str]")
export const longer = Signature.appendOutput(signature, "score", Schema.Int)
export const shorter = Signature.deleteField(longer, "tags")
export const graded = Signature.fromSchemas({ inputs: { essay: Schema.String }, outputs: { points: Schema.Int } })
export const qa = Predict.make(shorter)
export const thoughtful = ChainOfThought.make("question -> answer")
export const research = Module.make("Research", { qa, thoughtful }, ({ thoughtful }) =>
  (input: { readonly question: string }) => Effect.map(thoughtful(input), ({ answer }) => ({ answer, sure: true })))
export const signed = Module.withSignature(research, Signature.make("question -> answer, sure: bool"))
export const provided = Module.provide(OpenAI.layerConfig)(research)
export const tool = Tool.make("t", { parameters: { a: Schema.Int } }, ({ a }) => Effect.succeed(a))
export const plain = Tool.fromFunction(({ a }: { readonly a: number }) => Promise.resolve(a), "plain")
export const program = ModuleTool.make(thoughtful, { name: "thoughtful" })
export const kit = Toolkit.make(AiTool.make("search", { success: Schema.String }))
export const agent = ReAct.make("question -> answer", { tools: [tool, plain, program] })
export const kitAgent = ReAct.make("question -> answer", { tools: kit })
export const registryAgent = ReAct.make("question -> answer", { tools: ToolRegistry })
export const answer = agent({ question: "?" })
export const streaming = Streaming.streamify(agent)
export const listening = Streaming.streamify(research, {
  streamListeners: [StreamListener.make({ signatureFieldName: "answer", predictName: "thoughtful" })]
})
export const events = listening({ question: "?" })
export const asynchronous = AsyncProgram.make(research, OpenAI.layerConfig)
export const session = Session.make(Predict.make("question, history: History -> answer"))
export const work = Blocking.module<{ readonly add: (a: number, b: number) => number }>(new URL("file:///work.js"))("add")
export const blocking = BlockingStream.module<{ readonly program: typeof streaming }>(new URL("file:///program.js"))
export const registered = ToolRegistry.add(tool, plain)
export const kitRegistered = ToolRegistry.addToolkit(kit)
export const mcp = Mcp.http({ url: "http://127.0.0.1" })
export const mcpRegistered = ToolRegistry.addMcp(mcp)
export const history = History.make([])
export const model = [OpenAI.layerModel("groq/a"), LocalModel.layer(), Discovery.layer(), ScriptedLM.layer([])]
export const found = Discovery.find()
export const inbox = Approval.makeInbox
export const status = Status.layerConsole
export const observed = Observer.observe({ interest: () => undefined, onEvents: () => Effect.void })
export const reasons = [LMReason.RateLimited, ToolReason.TimedOut, McpReason.HttpStatus]
export const handled = answer.pipe(Effect.catchReason("LMError", "RateLimited", (reason) => Effect.succeed(reason)))
`
      )
      writeFileSync(
        join(directory, "tsconfig.json"),
        JSON.stringify({
          extends: join(root, "tsconfig.json"),
          include: [],
          files: ["library.ts"],
          compilerOptions: {
            noEmit: false,
            allowImportingTsExtensions: false,
            rewriteRelativeImportExtensions: true,
            declaration: true,
            emitDeclarationOnly: true,
            rootDir: root,
            outDir: "out"
          }
        })
      )
      const errors = tsc("-p", directory).split("\n").filter((line) => line.includes("error TS"))
      assert.deepStrictEqual(errors.filter((line) => line.includes("library.ts")), [])
      const declared = readFileSync(join(directory, "out", relative(root, directory), "library.d.ts"), "utf8")
      assert.include(declared, "registryAgent: ReAct.ReAct<")
    })
  })
})
