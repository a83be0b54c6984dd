/**
 * What a line may say to the command instead of the program. Any other line is for the program, also one that begins with a slash.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { problemOf } from "../../../module/internal/historyTurns.ts"
import type * as Session from "../../../module/Session.ts"
import * as History from "../../../signature/History.ts"
import { UsageError } from "../../UsageError.ts"
import * as Console from "../console.ts"

/** What is said to the command. */
export type Command =
  | { readonly _tag: "Exit" | "Clear" | "Help" }
  | { readonly _tag: "Save"; readonly file: string }

/** What there is to say to it, in a line. */
export const help = "/exit leaves, /clear begins anew, /save FILE keeps what was said; Ctrl-C stops an answer"

/** The command that a line is; nothing where it is for the program. */
export const parse = (line: unknown): Command | undefined => {
  if (typeof line !== "string") return undefined
  const [, word, rest = ""] = /^(\/\S+)(?:\s+(.*\S))?\s*$/.exec(line) ?? []
  switch (word) {
    case "/exit":
    case "/clear":
    case "/help":
      return rest === "" ? { _tag: word === "/exit" ? "Exit" : word === "/clear" ? "Clear" : "Help" } : undefined
    case "/save":
      return { _tag: "Save", file: rest }
    default:
      return undefined
  }
}

/** Does what a command says. */
export const run = Effect.fnUntraced(function*(
  command: Command,
  session: Pick<Session.Session<never, unknown, unknown, unknown, {}>, "clear" | "history">,
  console: Console.Console
): Effect.fn.Return<void, UsageError, FileSystem.FileSystem> {
  const say = (text: string) => console.say(...Console.remark(console, text))
  switch (command._tag) {
    case "Clear":
      yield* session.clear
      return yield* say("What was said is forgotten")
    case "Save": {
      const { file } = command
      if (file === "") return yield* new UsageError({ message: "/save: name a file, as in /save talk.json" })
      const fs = yield* FileSystem.FileSystem
      const history = yield* session.history
      yield* Effect.mapError(
        fs.writeFileString(file, `${JSON.stringify(history, null, 2)}\n`),
        ({ cause, message }) =>
          new UsageError({ message: `/save ${file}: ${cause instanceof Error ? cause.message : message}` })
      )
      const turns = history.messages.length === 1 ? "1 turn is" : `${history.messages.length} turns are`
      return yield* say(`${turns} in ${file}: --history ${file} goes on from there`)
    }
    default:
      return yield* say(help)
  }
})

/** What `/save` has written. */
export const load = Effect.fnUntraced(function*(
  file: Option.Option<string>,
  flag: string
): Effect.fn.Return<Option.Option<History.History>, UsageError, FileSystem.FileSystem> {
  if (Option.isNone(file)) return Option.none()
  const bad = (message: string) => new UsageError({ message: `${flag} ${file.value}: ${message}` })
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    fs.readFileString(file.value),
    (error) => bad(error.reason._tag === "NotFound" ? "there is no such file" : error.message)
  )
  const history = yield* Effect.mapError(
    Schema.decodeEffect(Schema.fromJsonString(History.History))(text),
    () => bad("it is no conversation: /save writes one, as {\"messages\": [{\"question\": ..., \"answer\": ...}]}")
  )
  const problem = problemOf(history)
  return problem === undefined ? Option.some(history) : yield* bad(`it ${problem}`)
})
