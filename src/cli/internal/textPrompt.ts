/**
 * A question that is answered with text. It differs from Effect's in that it measures wide characters, and shows answers of
 * several lines.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Terminal from "effect/Terminal"
import * as Text from "./text.ts"

/** Options of {@link make}. */
export interface Options<A> {
  readonly message: string
  /** The answer may have several lines: they are pasted, or end with Alt and the return key. */
  readonly takesLines: boolean
  /** What an answer means, or what is wrong with it; then it can be changed. */
  readonly read: (typed: string) => Effect.Effect<A, string>
}

/** What stands there: the text around the cursor, character by character, and what is wrong with it. */
interface State {
  readonly before: ReadonlyArray<string>
  readonly after: ReadonlyArray<string>
  readonly problem: string | undefined
}

type Action<A> = Prompt.Action<State, A>

/** Asks until the answer means something, and gives that. */
export const make = <A>({ message, read, takesLines }: Options<A>): Prompt.Prompt<A> =>
  Prompt.Custom<State, A>({ before: [], after: [], problem: undefined }, {
    render: Effect.fnUntraced(function*(state, action) {
      if (action._tag === "Beep") return "\x07"
      const theme = yield* Prompt.Theme
      const columns = yield* room
      if (action._tag === "Submit") {
        const head = `${styled(theme, theme.tick, theme.successColor)} ${message} ${theme.ellipsis} `
        return `${head}${styled(theme, shown(state.before.concat(state.after)), theme.submittedColor)}\n`
      }
      const head = `${theme.prefix} ${message} ${theme.pointerSmall} `
      const text = shown(state.before.concat(state.after))
      const cursor = positionAfter(head + shown(state.before), columns)
      const end = positionAfter(head + text, columns)
      // At the margin a terminal waits for one more character before it begins a line.
      const written = `${styled(theme, theme.prefix, theme.primaryColor)} ${message} ${theme.pointerSmall} ${text}${
        end.column === 0 ? " \r" : ""
      }`
      if (state.problem === undefined) return written + moved(end.row, cursor)
      const problem = `${theme.pointerSmall} ${Text.harmless(state.problem)}`
      const rows = end.row + 1 + positionAfter(problem, columns).row
      return `${written}\n${styled(theme, problem, theme.errorColor)}${moved(rows, cursor)}`
    }),
    clear: Effect.fnUntraced(function*({ before }, action) {
      if (action._tag === "Beep") return ""
      const theme = yield* Prompt.Theme
      const head = `${theme.prefix} ${message} ${theme.pointerSmall} `
      const { row } = positionAfter(head + shown(before), yield* room)
      return `${row > 0 ? `\x1b[${row}A` : ""}\r\x1b[J`
    }),
    process: ({ input, key }, state) => {
      const { after, before } = state
      switch (key.ctrl ? `ctrl-${key.name}` : key.name) {
        case "return":
        case "enter": {
          if (takesLines && key.meta) return edited(true, [...before, "\n"], after)
          const answer = before.concat(after).join("")
          return Effect.match(read(answer), {
            onFailure: (problem): Action<A> => ({ _tag: "NextFrame", state: { ...state, problem } }),
            onSuccess: (value): Action<A> => ({ _tag: "Submit", value })
          })
        }
        case "backspace":
          return edited(before.length > 0, before.slice(0, -1), after)
        case "delete":
          return edited(after.length > 0, before, after.slice(1))
        case "left":
          return edited(before.length > 0, before.slice(0, -1), [...before.slice(-1), ...after])
        case "right":
          return edited(after.length > 0, [...before, ...after.slice(0, 1)], after.slice(1))
        case "home":
        case "ctrl-a":
          return edited(true, [], before.concat(after))
        case "end":
        case "ctrl-e":
          return edited(true, before.concat(after), [])
        case "ctrl-u":
          return edited(true, [], after)
        default: {
          const text = Option.getOrElse(input, () => "")
          const isText = !key.ctrl && !key.meta && text !== "" && Text.harmless(text) === text
          // A mark that follows its letter later belongs to it.
          return edited(isText && key.name !== "tab", characters(before.slice(-1).join("") + text, before), after)
        }
      }
    }
  })

const edited = (
  isPossible: boolean,
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>
): Effect.Effect<Action<never>> =>
  Effect.succeed(
    isPossible ? { _tag: "NextFrame", state: { before, after, problem: undefined } } : { _tag: "Beep" }
  )

const characters = (text: string, before: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...before.slice(0, -1),
  ...Array.from(Text.graphemes.segment(text), ({ segment }) => segment)
]

const room = Effect.map(
  Effect.flatMap(Terminal.Terminal, ({ columns }) => columns),
  (columns) => columns > 0 ? columns : 80
)

/** A tab is as wide as where it begins, which nobody needs to know here. */
const shown = (text: ReadonlyArray<string>): string => text.join("").replaceAll("\t", " ")

/** Where the cursor is after a text that begins a line: what has no room in a line begins the next one. */
const positionAfter = (text: string, columns: number): { readonly row: number; readonly column: number } => {
  let row = 0
  let column = 0
  for (const { segment } of Text.graphemes.segment(text)) {
    const width = CliOutput.displayWidth(segment)
    const isFull = column + width > columns
    if (segment === "\n" || isFull) {
      row++
      column = 0
    }
    column += width
    if (column === columns) {
      row++
      column = 0
    }
  }
  return { row, column }
}

/** Back to where the cursor is, from the last row that was written. */
const moved = (fromRow: number, to: { readonly row: number; readonly column: number }): string =>
  `\r${fromRow > to.row ? `\x1b[${fromRow - to.row}A` : ""}${to.column > 0 ? `\x1b[${to.column}C` : ""}`

const styled = (theme: Prompt.Theme, text: string, color: string): string =>
  theme.colors ? `${color}${text}\x1b[0m` : text
