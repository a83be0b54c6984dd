/**
 * What is said in one turn: which input a line is, and where the others come from.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as Stdio from "effect/Stdio"
import type { Field } from "../../../signature/Field.ts"
import type * as Signature from "../../../signature/Signature.ts"
import { UsageError } from "../../UsageError.ts"
import type { Console } from "../console.ts"
import * as Given from "../inputs.ts"
import * as Typed from "../typed.ts"

/** The inputs of one call. */
export type Inputs = Readonly<Record<string, unknown>>

/** How the inputs of each turn come about. */
export interface Turn {
  /** What a line says. */
  readonly line: Field
  /** What is asked for at each turn beside it. */
  readonly others: ReadonlyArray<Field>
  /** The inputs of a turn, of what was answered. */
  readonly complete: (line: unknown, others: ReadonlyArray<unknown>) => Inputs
  /** The inputs of a turn, of a line of text. */
  readonly read: (line: string) => Effect.Effect<Inputs, UsageError>
}

/**
 * A line is the last input that is text, of those that no flag gives and that may not be left out; where all may be, of these. What
 * flags give is the same at each turn.
 */
export const make = Effect.fnUntraced(function*(
  signature: Signature.Any,
  given: Given.Given,
  console: Console
): Effect.fn.Return<Turn, UsageError, FileSystem.FileSystem | Stdio.Stdio> {
  if (Option.contains(given.file, "-")) {
    return yield* new UsageError({
      message: `${given.fileFlag} -: standard input has the lines of the conversation: name a file`
    })
  }
  const known = yield* Given.read(signature, given)
  const open = known.missing.length > 0
    ? known.missing
    : signature.inputFields.filter(({ name }) => !known.given.has(name))
  const line = open.findLast((field) => Typed.kindOf(field) === "text") ?? open.at(-1)
  if (line === undefined) {
    return yield* new UsageError({
      message: "every input is given, and nothing is left for a line to say: leave the flag of one out"
    })
  }
  const others = known.missing.filter((field) => field !== line)
  yield* Effect.fromResult(Given.allAskable(others, given, console))
  const complete: Turn["complete"] = (said, answers) =>
    Given.withAnswers(known.values, [line, ...others], [said, ...answers])
  return {
    line,
    others,
    complete,
    read: (text) =>
      Typed.load(line, [text]).pipe(
        Effect.mapError((expected) => new UsageError({ message: `the input ${line.name}: ${expected}` })),
        Effect.map((said) => complete(said, []))
      )
  }
})
