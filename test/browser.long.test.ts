/**
 * The package in a browser: bundled by esbuild and Vite, run in a context that has nothing of Node, and in Chromium where that
 * is installed (skipped elsewhere, with a note). About half a minute.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Esbuild from "esbuild"
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { basename, join } from "node:path"
import { createContext, runInContext } from "node:vm"
import { gzipSync } from "node:zlib"
import { build } from "vite"
import * as Chromium from "./support/chromium.ts"
import * as Packed from "./support/packed.ts"

const temporary = Packed.folder()
const site = join(temporary.path, "site")

/** What pages ask. */
const sources = {
  "least.ts": `
    import { Effect } from "effect"
    import { OpenAI, Predict } from "effect-lm"
    const ask = Predict.make("question -> answer")
    const model = OpenAI.layer({ model: "m", baseUrl: "/v1" })
    ask({ question: "Capital?" }).pipe(Effect.provide(model), Effect.runPromise).then(console.log)`,
  "ask.ts": `
    import { Effect, Redacted, Stream } from "effect"
    import { OpenAI, Predict, Streaming } from "effect-lm"
    const qa = Predict.make("question -> answer")
    const ask = ({ apiKey, pieces = Infinity, ...options }: any) =>
      Streaming.streamify(qa)({ question: "Capital?" }).pipe(
        Stream.filter(({ _tag }) => _tag === "StreamResponse"),
        Stream.take(pieces),
        Stream.map((event: any) => event.chunk),
        Stream.runCollect,
        Effect.provide(OpenAI.layer({ model: "m", ...options, ...(apiKey && { apiKey: Redacted.make(apiKey) }) })),
        Effect.match({ onSuccess: (chunks) => ({ chunks }), onFailure: ({ message }) => ({ message }) }),
        Effect.runPromise
      )
    Object.assign(globalThis, { ask })`,
  "all.ts": `
    import { Effect } from "effect"
    import * as All from "effect-lm"
    const said = (effect: Effect.Effect<unknown, { readonly message: string }>) => Effect.runPromise(Effect.flip(effect))
    const url = new URL("https://example.com/work.ts")
    const sentences = async () => {
      const errors = [
        await said(Effect.provide(All.LM, All.LocalModel.layer())),
        await said(Effect.provide(All.LM, All.Discovery.layer({ servers: [] }))),
        await said(Effect.scoped(All.Mcp.stdio({ command: "server" }).tools)),
        await said(All.Blocking.module<any>(url)("add")(1, 2))
      ]
      try {
        All.BlockingStream.module<any>(url)("program" as never).call({})
      } catch (error) {
        errors.push(error as Error)
      }
      return errors.map(({ message }) => message)
    }
    Object.assign(globalThis, { sentences, names: Object.keys(All) })`
}

beforeAll(async () => {
  const tarball = await Packed.pack(temporary.path)
  const modules = join(site, "node_modules")
  mkdirSync(join(modules, "@effect"), { recursive: true })
  await Packed.run("tar", ["-xzf", tarball, "-C", modules], temporary.path)
  renameSync(join(modules, "package"), join(modules, "effect-lm"))
  for (const name of ["effect", "@effect/platform-node-shared"]) {
    symlinkSync(join(import.meta.dirname, "../node_modules", name), join(modules, name))
  }
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(site, name), text)
}, 120_000)

afterAll(() => temporary[Symbol.asyncDispose](), 120_000)

// What is bundled

/** Bundled by Vite: the parts, and what it warned of. */
const bundledByVite = async (entry: string) => {
  const warnings: Array<string> = []
  const built = await build({
    root: site,
    configFile: false,
    logLevel: "silent",
    build: {
      outDir: "vite",
      emptyOutDir: false,
      rolldownOptions: {
        input: join(site, entry),
        output: { entryFileNames: "[name].js" },
        onLog: (level, { message }) => level === "warn" && warnings.push(message)
      }
    }
  })
  const chunks = [built].flat().flatMap((result) => "output" in result ? result.output : [])
    .filter((output) => output.type === "chunk")
  return { chunks, warnings }
}

const bundled = (entry: string, options: Esbuild.BuildOptions = {}) =>
  Esbuild.build({
    absWorkingDir: site,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    metafile: true,
    outdir: join(site, "esbuild"),
    ...options
  })

/** What a program that asks a model has no use for. */
const unused =
  /effect-lm\/dist\/(cli|testing|worker)\/|effect-lm\/dist\/.*(ReAct|Session|agent|[mM]cp|XMLAdapter|gguf|[bB]locking)/

describe("bundles", { timeout: 60_000 }, () => {
  it("of esbuild have nothing of Node, and nothing that is not used", async () => {
    const { metafile, warnings } = await bundled("ask.ts", { format: "esm", splitting: true })
    assert.deepStrictEqual(warnings, [])
    const { outputs } = metafile!
    assert.deepStrictEqual(
      Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external === true)),
      []
    )
    // It writes a file for whatever a module imports later, even where nothing is left of that module.
    const reached = new Set(["esbuild/ask.js"])
    for (const file of reached) outputs[file]!.imports.forEach(({ path }) => reached.add(path))
    const used = [...reached].flatMap((file) =>
      Object.entries(outputs[file]!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([name]) => name)
    )
    assert.isTrue(used.some((name) => name.endsWith("effect-lm/dist/module/Predict.js")))
    assert.deepStrictEqual(used.filter((name) => unused.test(name)), [])
    report("esbuild", [...reached])
  })

  it("of Vite have nothing of Node, and nothing that is not used", async () => {
    const { chunks, warnings } = await bundledByVite("ask.ts")
    assert.deepStrictEqual(warnings, [])
    const used = chunks.flatMap(({ modules }) => Object.entries(modules))
      .filter(([, { renderedLength }]) => renderedLength > 0).map(([name]) => name)
    assert.isTrue(used.some((name) => name.endsWith("effect-lm/dist/module/Predict.js")))
    assert.deepStrictEqual(used.filter((name) => unused.test(name) || /^node:|browser-external/.test(name)), [])
    report("Vite", chunks.map(({ fileName }) => `vite/${fileName}`))
  })

  it("are as small as the docs say, with all their parts", async () => {
    const { chunks } = await bundledByVite("least.ts")
    assert.isAtMost(report("Vite", chunks.map(({ fileName }) => `vite/${fileName}`)), 190_000)
  })

  it("for Node have the modules that are used too, and none of the files that are made for Node without a bundler", async () => {
    const { metafile } = await bundled("least.ts", { format: "esm", platform: "node", splitting: true })
    const inputs = Object.keys(metafile!.inputs).filter((name) => name.includes("node_modules/effect-lm/"))
    assert.isTrue(inputs.some((name) => name.endsWith("effect-lm/dist/module/Predict.js")))
    assert.deepStrictEqual(inputs.filter((name) => /effect-lm\/dist\/(node|command)\//.test(name)), [])
  })
})

// What runs

const sentences = [
  /local models run on Node only: name a model/,
  /local models run on Node only: name a model/,
  /the MCP server 'server'.*programs are started on Node only/,
  /^add: worker threads run on Node only .*: call the function itself$/,
  /^https:\/\/example\.com\/work\.ts: worker threads run on Node only .*: stream the program itself/
]

describe("without Node", { timeout: 60_000 }, () => {
  /** The globals of a page that a program needs, and none of Node's. */
  const page = async (entry: string): Promise<any> => {
    const { outputFiles } = await bundled(entry, { format: "iife", write: false })
    const globals = Object.fromEntries(
      [
        [
          "AbortController",
          "AbortSignal",
          "Blob",
          "DOMException",
          "Event",
          "EventTarget",
          "File",
          "FormData",
          "Headers"
        ],
        [
          "ReadableStream",
          "Request",
          "Response",
          "TextDecoder",
          "TextEncoder",
          "URL",
          "URLSearchParams",
          "atob",
          "btoa"
        ],
        ["clearInterval", "clearTimeout", "console", "crypto", "fetch", "performance", "queueMicrotask", "setInterval"],
        ["setTimeout", "structuredClone"]
      ].flat().map((name) => [name, Reflect.get(globalThis, name)])
    )
    const context = createContext({ ...globals, navigator: { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" } })
    runInContext(outputFiles![0]!.text, context)
    return context
  }

  it("a program streams, with keys where that is allowed", async () => {
    await using model = await modelServer()
    const { ask } = await page("ask.ts")
    await check(ask, model)
  })

  it("all modules can be imported, and those that need Node say so", async () => {
    const { names, sentences: said } = await page("all.ts")
    assert.include(names, "BlockingStream")
    matches(await said())
  })
})

describe("in Chromium", { timeout: 120_000 }, () => {
  const path = ["chromium", "chromium-browser", "google-chrome"].find((name) => {
    try {
      return execFileSync(name, ["--version"], { stdio: ["ignore", "pipe", "ignore"] })
    } catch {
      return false
    }
  })

  it("pages of both bundlers stream, ask for few headers, and close what they leave", async ({ skip }) => {
    if (path === undefined) return skip("Chromium is not installed")
    await bundled("all.ts", { format: "esm" })
    await using model = await modelServer()
    await using files = await serve((request, response) => {
      const [, bundler, name] = request.url!.split("/")
      const isPage = name === "ask" || name === "all"
      response.setHeader("content-type", isPage ? "text/html" : "text/javascript")
      if (isPage) {
        response.end(
          `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/${bundler}/${name}.js"></script>`
        )
      } else response.end(readFileSync(join(site, request.url!)))
    })
    await using browser = await Chromium.launch(path, join(temporary.path, "profile"))
    for (const bundler of ["esbuild", "vite"]) {
      const evaluate = await browser.open(`${files.url}/${bundler}/ask`)
      await check((options) => evaluate(`ask(${JSON.stringify(options)})`), model)
      assert.deepStrictEqual([...model.headersAskedFor].toSorted(), ["authorization", "content-type"])
      const { chunks } = await evaluate(`ask({ baseUrl: "${model.url}/hang/v1", pieces: 1 })`)
      assert.strictEqual(chunks.length, 1)
      await model.left
    }
    matches(await (await browser.open(`${files.url}/esbuild/all`))("sentences()"))
  })
})

// What is checked

type Ask = (options: object) => Promise<{ readonly chunks?: ReadonlyArray<string>; readonly message?: string }>

const check = async (ask: Ask, model: Model): Promise<void> => {
  const baseUrl = `${model.url}/v1`
  const refused = await ask({ baseUrl, apiKey: "sk-secret" })
  assert.match(refused.message!, /keys are not sent from a web page.*allowKeysInBrowser: true/)
  assert.match((await ask({ baseUrl, headers: { "x-api-key": "k" } })).message!, /keys are not sent from a web page/)
  assert.deepStrictEqual(model.keys, [])

  const keyless = await ask({ baseUrl })
  const allowed = await ask({ baseUrl, apiKey: "sk-secret", allowKeysInBrowser: true })
  for (const { chunks } of [keyless, allowed]) {
    assert.strictEqual(chunks!.join(""), "It is Paris.")
    assert.isAbove(chunks!.length, 1)
  }
  assert.deepStrictEqual(model.keys.splice(0), [undefined, "Bearer sk-secret"])
}

const matches = (said: ReadonlyArray<string>) => {
  assert.strictEqual(said.length, sentences.length)
  sentences.forEach((sentence, index) => assert.match(said[index]!, sentence))
}

// Servers

interface Model extends AsyncDisposable {
  readonly url: string
  /** The headers with keys that came. */
  readonly keys: Array<string | undefined>
  /** The headers that pages have asked to be allowed to send. */
  readonly headersAskedFor: Set<string>
  /** Ends where a reply that hangs is left. */
  readonly left: Promise<void>
}

/** A model that pages may ask, if they send no headers but those that are needed. */
const modelServer = async (): Promise<Model> => {
  const keys: Array<string | undefined> = []
  const headersAskedFor = new Set<string>()
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const server = await serve((request, response) => {
    response.setHeader("access-control-allow-origin", "*")
    if (request.method === "OPTIONS") {
      response.setHeader("access-control-max-age", "0")
      const asked = request.headers["access-control-request-headers"] ?? ""
      for (const header of asked.split(",")) headersAskedFor.add(header)
      response.writeHead(204, { "access-control-allow-headers": "authorization, content-type" }).end()
      return
    }
    keys.push(request.headers.authorization)
    response.writeHead(200, { "content-type": "text/event-stream" })
    const texts = ["[[ ## answer ## ]]\nIt is", " Paris", ".\n\n[[ ## completed ## ]]"]
    const frame = (delta: object, finish_reason: string | null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`
    if (request.url!.startsWith("/hang")) {
      keys.pop()
      response.on("close", leave)
      response.write(frame({ content: `${texts[0]} and goes on to say much more of it` }, null))
      return
    }
    const frames = [...texts.map((content) => frame({ content }, null)), frame({}, "stop"), "data: [DONE]\n\n"]
    const next = () => {
      const one = frames.shift()
      if (one === undefined) response.end()
      else response.write(one, () => setImmediate(next))
    }
    next()
  })
  return { ...server, keys, headersAskedFor, left }
}

const serve = async (listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> => {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    }
  }
}

// Details

/** Prints how large the entry and the parts are that it loads when they are needed; the bytes of all, by gzip. */
const report = (bundler: string, files: ReadonlyArray<string>): number => {
  let total = 0
  const parts = files.map((name) => {
    const code = readFileSync(join(site, name))
    const { length } = gzipSync(code)
    total += length
    return `${basename(name)} ${kilobytes(code.length)} (${kilobytes(length)} gzip)`
  })
  process.stdout.write(`${basename(import.meta.filename)}: ${bundler}: ${parts.join(", ")}\n`)
  return total
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`
