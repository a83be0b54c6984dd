/**
 * Runs one of the examples: `npm run example -- status-messages`, on whatever model is found. With `--scripted` recorded
 * replies stand in for a model; with `--yes` a small model is installed where there is no other. Without a name it lists what
 * there is.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Exit, Runtime } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Model from "./support/model.ts"
import * as Replies from "./support/replies.ts"

const examples = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => {
    const source = readFileSync(join(import.meta.dirname, file), "utf8")
    const [, shows = ""] = /^\/\*\* (.+?) \*\/$/m.exec(source) ?? []
    return { name: file.slice(0, -3), shows, isAgent: source.includes("ReAct.make(") }
  })

const list = [
  "npm run example -- NAME              asks a model: of a key, of a local server, or a small one that is installed",
  "npm run example -- NAME --scripted   plays recorded replies: no key, no server, no download",
  "npm run example -- NAME --yes        installs the small model (410 MB) if there is no other",
  "",
  ...examples.map(({ isAgent, name, shows }) =>
    `${name.padEnd(26)} ${shows}${isAgent ? " (An agent: its model has to be good with tools.)" : ""}`
  )
].join("\n")

const args = process.argv.slice(2)
const [name, ...others] = args.filter((arg) => !arg.startsWith("--"))
const flags = new Set(args.filter((arg) => arg.startsWith("--")))
const isScripted = flags.delete("--scripted")
const isAllowed = flags.delete("--yes")
const example = examples.find((example) => example.name === name)

const run = ({ isAgent, name, shows }: (typeof examples)[number]) => {
  const how = !Replies.asksModel(name)
    ? "it asks no model"
    : isScripted
    ? "recorded replies, no model is asked"
    : "add --scripted to see it without a model"
  process.stderr.write(`[${shows} (${how})]\n`)
  process.env[Model.variables.scripted] = String(isScripted)
  process.env[Model.variables.yes] = String(isAllowed)
  return Effect.promise(() => import(`./${name}.ts`)).pipe(
    // A script without async has no `main`: it has run by now, on a model of its own.
    Effect.flatMap(({ main = Effect.void }: { readonly main?: Effect.Effect<void, unknown> }) =>
      Replies.asksModel(name) ? Effect.provide(main, Model.layer(name, { isAgent })) : main
    )
  )
}

if (name === undefined && args.length === 0) {
  process.stdout.write(`${list}\n`)
} else if (example === undefined || others.length > 0 || flags.size > 0) {
  const [flag] = flags
  const wrong = flag !== undefined
    ? `There is no ${flag}.`
    : name === undefined
    ? "Which example?"
    : example === undefined
    ? `There is no example ${name}.`
    : `One example at a time: ${name}, or ${others[0]}?`
  process.stderr.write(`${wrong}\n\n${list}\n`)
  process.exitCode = 2
} else {
  NodeRuntime.runMain(run(example), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) {
        const error = Cause.squash(exit.cause)
        process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
      }
      Runtime.defaultTeardown(exit, onExit)
    }
  })
}
