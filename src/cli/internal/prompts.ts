/**
 * Asks a person at the terminal for inputs.
 */
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Terminal from "effect/Terminal"
import type { Field } from "../../signature/Field.ts"
import type { Console } from "./console.ts"
import * as Typed from "./typed.ts"

/** Asks for an input until what is typed is of its type; gives its JSON value. Leaving (Ctrl-C) fails with a `QuitError`. */
export const ask = (field: Field, console: Console): Effect.Effect<unknown, Terminal.QuitError, Prompt.Environment> =>
  Effect.suspend(() => question(field)).pipe(
    Effect.updateService(Terminal.Terminal, (terminal) => asking(terminal, console)),
    Effect.tapError(() => console.say("\n"))
  )

/** The terminal for questions. They are no results: they go to standard error. */
export const asking = (terminal: Terminal.Terminal, console: Console): Terminal.Terminal => ({
  ...terminal,
  display: (text) => console.say(text)
})

const question = (field: Field): Effect.Effect<unknown, Terminal.QuitError, Prompt.Environment> => {
  const message = field.description === undefined ? field.name : `${field.name} (${field.description})`
  switch (Typed.kindOf(field)) {
    case "boolean":
      // A toggle shows what is chosen in colour only.
      return Prompt.run(Prompt.Select({
        message,
        choices: [{ title: "no", value: false }, { title: "yes", value: true }]
      }))
    case "literal":
      return Prompt.run(Prompt.Select({
        message,
        choices: (field.literals ?? []).map((value) => ({ title: String(value), value }))
      }))
    case "list":
      return list(field, message)
    case "text":
      return text(field, message)
    default:
      return text(field, `${message}: ${field.type}`)
  }
}

const text = (field: Field, message: string) =>
  Effect.map(
    Prompt.run(Prompt.String({ message, validate: (typed) => Effect.as(check(field, [typed]), typed) })),
    (typed) => Result.getOrThrow(Typed.read(field, [typed]))
  )

/** One item after the other; an empty answer ends the list. */
const list = Effect.fnUntraced(function*(field: Field, message: string) {
  const items: Array<string> = []
  while (true) {
    const typed = yield* Prompt.run(Prompt.String({
      message: `${message}, item ${items.length + 1} (an empty line ends the list)`,
      validate: (typed) => Effect.as(check(field, typed === "" ? items : [...items, typed]), typed)
    }))
    if (typed === "") return Result.getOrThrow(Typed.read(field, items))
    items.push(typed)
  }
})

const check = (field: Field, texts: ReadonlyArray<string>): Effect.Effect<unknown, string> =>
  Effect.fromResult(Typed.read(field, texts))
