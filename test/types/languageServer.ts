/**
 * What an editor shows of a file: completions, hovers and what is wrong, asked of the compiler's language server.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")

/** One open file. A place in it is a text that it has once; `offset` characters into the text. */
export interface Editor {
  /** The labels that the editor offers at a place. */
  readonly completions: (at: string, offset: number) => Promise<ReadonlyArray<string>>
  /** What the editor shows of the name that a text begins with. */
  readonly hover: (at: string, offset?: number) => Promise<string>
  /** What is wrong with the file, each with the text of its line. */
  readonly problems: () => Promise<ReadonlyArray<Problem>>
}

/** What the editor says of a line. */
export interface Problem {
  readonly line: string
  readonly message: string
}

interface Answer {
  readonly id?: number | string
  readonly method?: string
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** Opens a source in the language server, asks it something, and ends the server. */
export const edit = async <A>(source: string, ask: (editor: Editor) => Promise<A>): Promise<A> => {
  // Under node_modules no other run of the compiler looks, and imports resolve as they do in the repository.
  const directory = mkdtempSync(join(root, "node_modules/.editor-"))
  const file = join(directory, "edited.ts")
  writeFileSync(file, source)
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), include: [], files: ["edited.ts"] })
  )
  const server = spawn(process.execPath, [tsc, "--lsp", "--stdio"], { stdio: ["pipe", "pipe", "ignore"] })
  const waiting = new Map<number, (answer: Answer) => void>()
  let ids = 0

  const send = (message: object): void => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const request = (method: string, params: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++ids
      waiting.set(id, ({ error, result }) => error === undefined ? resolve(result) : reject(new Error(error.message)))
      send({ id, method, params })
    })

  let received = Buffer.alloc(0)
  server.stdout.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    while (true) {
      const head = received.indexOf("\r\n\r\n")
      if (head === -1) return
      const length = Number(/content-length: *(\d+)/i.exec(received.toString("latin1", 0, head))?.[1])
      if (received.length < head + 4 + length) return
      const answer = JSON.parse(received.toString("utf8", head + 4, head + 4 + length)) as Answer
      received = received.subarray(head + 4 + length)
      if (answer.method === undefined) waiting.get(answer.id as number)?.(answer)
      // The server asks for settings; there are none.
      else if (answer.id !== undefined) send({ id: answer.id, result: null })
    }
  })

  const uri = pathToFileURL(file).href
  const at = (text: string, offset: number) => {
    const index = source.indexOf(text)
    if (index === -1 || source.includes(text, index + 1)) throw new Error(`'${text}' is not in the source once`)
    const before = source.slice(0, index + offset).split("\n")
    return {
      textDocument: { uri },
      position: { line: before.length - 1, character: before.at(-1)!.length }
    }
  }

  try {
    await request("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(directory).href,
      capabilities: { textDocument: { hover: { contentFormat: ["plaintext"] }, completion: {} } }
    })
    send({ method: "initialized", params: {} })
    send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "typescript", version: 1, text: source } }
    })
    return await ask({
      completions: async (text, offset) => {
        const result = await request("textDocument/completion", at(text, offset)) as
          | { readonly items: ReadonlyArray<{ readonly label: string }> }
          | null
        return (result?.items ?? []).map(({ label }) => label)
      },
      hover: async (text, offset = 0) => {
        const result = await request("textDocument/hover", at(text, offset)) as
          | { readonly contents: { readonly value: string } }
          | null
        return result?.contents.value ?? ""
      },
      problems: async () => {
        const result = await request("textDocument/diagnostic", { textDocument: { uri } }) as {
          readonly items: ReadonlyArray<
            { readonly message: string; readonly severity: number; readonly range: { start: { line: number } } }
          >
        }
        return result.items.filter(({ severity }) => severity === 1).map(({ message, range }) => ({
          line: source.split("\n")[range.start.line]!.trim(),
          message
        }))
      }
    })
  } finally {
    server.kill()
    rmSync(directory, { recursive: true, force: true })
  }
}
