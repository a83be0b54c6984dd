/**
 * Runs one of the examples: `npm run example -- status-messages`, on whatever model is found. With `--scripted` recorded
 * replies stand in for a model and for the web; with `--yes` a small model is installed where there is no other. Without a name it lists what
 * there is.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Effect, Exit, Runtime } from "effect"
import * as Choice from "./support/choice.ts"
import * as Model from "./support/model.ts"
import * as Replies from "./support/replies.ts"

const run = ({ example, isScripted, mayInstall }: Extract<Choice.Choice, { _tag: "Run" }>) => {
  const { isAgent, name, shows } = example
  const asksModel = Replies.asksModel(name)
  const how = isScripted
    ? `${asksModel ? "recorded replies" : "a recorded answer of the web"}, no model is asked`
    : asksModel
    ? "add --scripted to see it without a model"
    : "it asks no model, but the web; add --scripted to see it without"
  process.stderr.write(`[${shows} (${how})]\n`)
  if (isScripted) globalThis.fetch = Replies.fetchFor(name)
  process.env[Model.variables.scripted] = String(isScripted)
  process.env[Model.variables.yes] = String(mayInstall)
  return Effect.promise(() => import(`./${name}.ts`)).pipe(
    // A script without async has no `main`: it has run by now, on a model of its own.
    Effect.flatMap(({ main = Effect.void }: { readonly main?: Effect.Effect<void, unknown> }) =>
      asksModel ? Effect.provide(main, Model.layer(name, { isAgent })) : main
    )
  )
}

const choice = Choice.choose(process.argv.slice(2))
switch (choice._tag) {
  case "List":
    process.stdout.write(`${Choice.list}\n`)
    break
  case "Wrong":
    process.stderr.write(`${choice.message}\n\n${Choice.list}\n`)
    process.exitCode = 2
    break
  case "Run":
    NodeRuntime.runMain(run(choice), {
      disableErrorReporting: true,
      teardown: (exit, onExit) => {
        if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) {
          const error = Cause.squash(exit.cause)
          process.stderr.write(`${choice.example.name}: ${error instanceof Error ? error.message : String(error)}\n`)
        }
        Runtime.defaultTeardown(exit, onExit)
      }
    })
}
