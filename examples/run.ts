/** Runs one of the examples against whatever model is found: `npm run example -- status-messages`. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, Runtime } from "effect"
import { Discovery } from "effect-lm"
import { readdirSync } from "node:fs"

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => file.slice(0, -3))

const name = process.argv[2]

const model = Discovery.layer({
  onFound: (found) => Console.error(`${found.model}: ${found.why}`),
  embedded: { onProgress: ({ fraction = 0, message }) => fraction === 0 ? Console.error(message) : Effect.void }
})

const example = (name: string) =>
  Effect.promise(() => import(`./${name}.ts`)).pipe(
    // A script without async has no `main`: it has run by now, on a model of its own.
    Effect.flatMap(({ main }) =>
      main === undefined ? Effect.void : Effect.provide(main as Effect.Effect<void, unknown>, model)
    )
  )

if (name !== undefined && names.includes(name)) {
  NodeRuntime.runMain(example(name), {
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) {
        const error = Cause.squash(exit.cause)
        process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
      }
      Runtime.defaultTeardown(exit, onExit)
    }
  })
} else {
  process.stderr.write(`Which example? npm run example -- NAME, with one of: ${names.join(", ")}\n`)
  process.exitCode = 2
}
