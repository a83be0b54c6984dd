/** A folder in which batches run: what is in its files, and what was asked. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"
import { Main } from "effect-lm/cli"
import { ScriptedLM } from "effect-lm/testing"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { textAt } from "../support/said.ts"
import { run, type World } from "./harness.ts"

/** A line of an output. */
export interface Line {
  readonly index: number
  readonly fields?: Record<string, unknown>
  readonly error?: { readonly _tag: string; readonly reason?: string; readonly message: string }
}

/** Makes a folder, which goes with the scope. In arguments and in what is said its path is left out. */
export const folder = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-lm-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  ),
  (path) => {
    const at = (name: string) => join(path, name)
    const read = (name: string) => readFileSync(at(name), "utf8")
    return {
      path,
      read,
      write: (name: string, text: string) => writeFileSync(at(name), text),
      has: (name: string) => existsSync(at(name)),
      names: () => readdirSync(path).toSorted(),
      lines: (name: string): ReadonlyArray<Line> => read(name).split("\n").slice(0, -1).map((line) => JSON.parse(line)),
      /** Runs `effect-lm batch`; files of this folder are named with `@` before their name. */
      batch: Effect.fnUntraced(function*(
        args: ReadonlyArray<string>,
        world: World = {},
        through: (fs: FileSystem.FileSystem) => FileSystem.FileSystem = (fs) => fs
      ) {
        const command = Main.main(["batch", ...args.map((arg) => arg.startsWith("@") ? at(arg.slice(1)) : arg)], {
          version: "1.2.3"
        })
        const outcome = yield* run(Effect.updateService(command, FileSystem.FileSystem, through), world)
        return {
          ...outcome,
          stderr: outcome.stderr.replaceAll(`${path}/`, ""),
          /** The questions that were asked, sorted. */
          asked: outcome.requests.map((request) => questionOf(textAt(request, -1))).toSorted()
        }
      })
    }
  }
).pipe(Effect.provide(NodeServices.layer))

/** What a prompt asks. */
export const questionOf = (prompt: string): string => /\[\[ ## question ## \]\]\n(.*)/.exec(prompt)?.[1] ?? ""

/** A model that repeats the question, and fails of what it is told to. */
export const echo = (reply: (question: string) => ScriptedLM.Reply | undefined = () => undefined): World => ({
  script: (request) => {
    const question = questionOf(textAt(request, -1))
    return reply(question) ??
      ScriptedLM.chat({ answer: `re ${question}` }, { usage: { inputTokens: 2, outputTokens: 1 } })
  }
})

/** Lines of JSON. */
export const ndjson = (rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")
