/**
 * Asks a person at the terminal for inputs.
 */
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Terminal from "effect/Terminal"
import type { Field } from "../../signature/Field.ts"
import type { Console } from "./console.ts"
import * as Contents from "./contents.ts"
import * as Keys from "./keys.ts"
import * as Text from "./text.ts"
import * as TextPrompt from "./textPrompt.ts"
import * as Typed from "./typed.ts"

/**
 * Asks for one input after the other, each until what is typed is of its type; gives their values. Lines that are pasted at once
 * answer one question after the other. Leaving (Ctrl-C) fails with a `QuitError`.
 */
export const ask = (
  fields: ReadonlyArray<Field>,
  console: Console
): Effect.Effect<ReadonlyArray<unknown>, Terminal.QuitError, Prompt.Environment> =>
  asking(console, (columns) => Effect.forEach(fields, (field) => question(field, columns)))

/** Asks whether something may be done. Leaving fails with a `QuitError`. */
export const confirm = (
  message: string,
  console: Console
): Effect.Effect<boolean, Terminal.QuitError, Prompt.Environment> =>
  asking(console, (columns) => choice(message, [["no", false], ["yes", true]], columns))

/** Asks on standard error, on a terminal of that many columns. */
const asking = <A>(
  console: Console,
  questions: (columns: number) => Effect.Effect<A, Terminal.QuitError, Prompt.Environment>
): Effect.Effect<A, Terminal.QuitError, Prompt.Environment> =>
  Effect.gen(function*() {
    const terminal = yield* Terminal.Terminal
    const readInput = yield* Keys.make(terminal, console)
    const columns = yield* terminal.columns
    return yield* questions(columns > 0 ? columns : 80).pipe(
      Effect.provideService(Terminal.Terminal, {
        ...terminal,
        readInput,
        // Questions are no results: they go to standard error. They are drawn with control characters, and none of what they
        // show has any.
        display: (text) => console.say({ control: text })
      }),
      Effect.provideService(Prompt.Theme, Prompt.makeTheme({ colors: console.stderr.canColor }))
    )
  }).pipe(Effect.scoped, Effect.tapError(() => console.say("\n")))

const question = (
  field: Field,
  columns: number
): Effect.Effect<unknown, Terminal.QuitError, Prompt.Environment> => {
  const name = field.description === undefined ? field.name : `${field.name} (${field.description})`
  const message = Text.harmless(name).replace(/\s+/g, " ")
  switch (Typed.kindOf(field)) {
    case "boolean":
      return chosen(field, choice(message, [["no", "false"], ["yes", "true"]], columns))
    case "literal":
      return chosen(field, choice(message, (field.literals ?? []).map(String).map((text) => [text, text]), columns))
    case "list":
      return list(field, message)
    case "text":
      return text(field, message)
    default:
      return text(field, `${message}: ${Contents.wanted(field) === undefined ? field.type : Typed.expected(field)}`)
  }
}

/** A choice is made with the arrows, or by typing a part of it. */
const choice = <A>(message: string, choices: ReadonlyArray<readonly [title: string, value: A]>, columns: number) => {
  // What wraps is counted by its characters there, and not by how wide they are.
  const fitting = (text: string, beside: number) => Text.cut(text, Math.max(columns - beside, 10))
  return Prompt.run(Prompt.AutoComplete({
    message: fitting(message, 30),
    choices: choices.map(([title, value]) => ({ title: fitting(Text.harmless(title), 4), value }))
  }))
}

/** The value that the chosen text means. */
const chosen = <E, R>(field: Field, choice: Effect.Effect<string, E, R>) =>
  Effect.flatMap(choice, (text) => Effect.orDie(Effect.fromResult(Typed.read(field, [text]))))

const text = (field: Field, message: string) =>
  Prompt.run(TextPrompt.make({
    message,
    takesLines: Typed.kindOf(field) !== "number",
    read: (typed) => Typed.load(field, [typed])
  }))

/** One item after the other; an empty answer ends the list. */
const list = Effect.fnUntraced(function*(field: Field, message: string) {
  const items: Array<string> = []
  while (true) {
    const { typed, value } = yield* Prompt.run(TextPrompt.make({
      message: `${message}, item ${items.length + 1} (an empty line ends the list)`,
      takesLines: false,
      read: (typed) =>
        Effect.map(Typed.load(field, typed === "" ? items : [...items, typed]), (value) => ({ typed, value }))
    }))
    if (typed === "") return value
    items.push(typed)
  }
})
