/** A command of a program that answers with its inputs. */
import { assert } from "@effect/vitest"
import { Effect, type Schema } from "effect"
import { Module, Signature } from "effect-lm"
import { Runner } from "effect-lm/cli"
import { run, type World } from "./harness.ts"

/** A program that answers with its inputs, as JSON. */
const echo = (signature: Signature.Any) =>
  Module.make(
    "Echo",
    {},
    () => (input: Readonly<Record<string, unknown>>) => Effect.succeed({ said: JSON.stringify(input) })
  )
    .pipe(Module.withSignature(signature as Signature.Signature<{}, { readonly said: typeof Schema.String }>))

export const call = (signature: Signature.Any, args: ReadonlyArray<string>, world?: World) =>
  run(Runner.runWith(Runner.command("echo", echo(signature)), { version: "0" })(args), world)

/** What the program is called with. */
export const inputs = (signature: Signature.Any, args: ReadonlyArray<string>, world?: World) =>
  Effect.map(call(signature, [...args, "--json"], world), ({ code, stderr, stdout }) => {
    assert.strictEqual(code, 0, stderr)
    return JSON.parse(JSON.parse(stdout).said) as unknown
  })

export const parse = (text: string): Signature.Any => Signature.from(text)
