/** Which example to run, and how. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** One of the examples: what it shows, and whether its model calls tools. */
export interface Example {
  readonly name: string
  readonly shows: string
  readonly isAgent: boolean
}

/** What the arguments ask for. */
export type Choice =
  | { readonly _tag: "Run"; readonly example: Example; readonly isScripted: boolean; readonly mayInstall: boolean }
  | { readonly _tag: "List" }
  | { readonly _tag: "Wrong"; readonly message: string }

const folder = join(import.meta.dirname, "..")

/** All examples, with what their first line says of them. */
export const examples: ReadonlyArray<Example> = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => {
    const source = readFileSync(join(folder, file), "utf8")
    const [, shows = ""] = /^\/\*\* (.+?) \*\/$/m.exec(source) ?? []
    return { name: file.slice(0, -3), shows, isAgent: source.includes("ReAct.make(") }
  })

/** Reads the arguments. */
export const choose = (args: ReadonlyArray<string>): Choice => {
  if (args.length === 0) return { _tag: "List" }
  const wrong = (message: string): Choice => ({ _tag: "Wrong", message })
  const flags = new Set(args.filter((arg) => arg.startsWith("--")))
  const [name, another] = args.filter((arg) => !arg.startsWith("--"))
  const isScripted = flags.delete("--scripted")
  const mayInstall = flags.delete("--yes")
  const [unknown] = flags
  const example = examples.find((example) => example.name === name)
  if (unknown !== undefined) return wrong(`There is no ${unknown}.`)
  if (name === undefined) return wrong("Which example?")
  if (example === undefined) return wrong(`There is no example ${name}.`)
  if (another !== undefined) return wrong(`One example at a time: ${name}, or ${another}?`)
  return { _tag: "Run", example, isScripted, mayInstall }
}

/** What there is to choose from. */
export const list = [
  "npm run example -- NAME              asks a model: of a key, of a local server, or a small one that is installed",
  "npm run example -- NAME --scripted   plays recorded replies: no key, no server, no network",
  "npm run example -- NAME --yes        installs the small model (410 MB) if there is no other",
  "",
  ...examples.map(({ isAgent, name, shows }) =>
    `${name.padEnd(26)} ${shows}${isAgent ? " (An agent: its model has to be good with tools.)" : ""}`
  )
].join("\n")
