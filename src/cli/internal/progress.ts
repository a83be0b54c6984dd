/**
 * How far something is, on standard error: on a terminal one line that is drawn again and taken away in the end, elsewhere a line
 * for each step and for each tenth of it.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Effect from "effect/Effect"
import type * as LocalModel from "../../local/LocalModel.ts"
import * as Console from "./console.ts"
import * as Text from "./text.ts"

/** Where progress is shown. */
export interface Progress {
  readonly report: (progress: Pick<LocalModel.Progress, "fraction" | "message">) => Effect.Effect<void>
  /** Takes the line away, if there is one. */
  readonly clear: Effect.Effect<void>
}

/** Shows progress on standard error, on a terminal of that many columns. */
export const make = (console: Console.Console, columns: Effect.Effect<number>): Progress =>
  console.stderr.canAnimate ? oneLine(console, columns) : lines(console)

const oneLine = (console: Console.Console, columns: Effect.Effect<number>): Progress => {
  let drawn = 0
  // Blanks erase what was longer: that works on terminals that know no escape sequences, too.
  const draw = (text: string) =>
    Effect.suspend(() => {
      const width = CliOutput.displayWidth(text)
      const blanks = " ".repeat(Math.max(0, drawn - width))
      drawn = width
      return console.say(toBegin, ...console.stderr.dim(text), blanks)
    })
  return {
    report: ({ fraction, message }) =>
      Effect.flatMap(columns, (columns) => {
        const text = fraction === undefined ? message : `${percent(fraction).padStart(4)} ${message}`
        // A line that wraps cannot be drawn again.
        return draw(Text.cut(Text.harmless(text), (columns > 0 ? columns : 80) - 1))
      }),
    clear: Effect.suspend(() => drawn === 0 ? Effect.void : Effect.andThen(draw(""), console.say(toBegin)))
  }
}

const toBegin: Console.Piece = { control: "\r" }

const lines = (console: Console.Console): Progress => {
  let said = ""
  let tenth = 0
  return {
    report: ({ fraction = 0, message }) =>
      Effect.suspend(() => {
        const begins = message !== said
        const reached = Math.floor(fraction * 10)
        if (!begins && reached <= tenth) return Effect.void
        said = message
        tenth = reached
        return console.say(...Console.remark(console, begins ? message : percent(reached / 10)))
      }),
    clear: Effect.void
  }
}

const percent = (fraction: number): string => `${Math.floor(fraction * 100)}%`
