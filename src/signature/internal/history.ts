/**
 * How a field is known to be a conversation's history, whatever was made of its schema since.
 */
import type { Field, FieldSchema } from "../Field.ts"

/** The annotation that says so. */
export const historyKey = "effect-lm/signature/History"

// Annotations are read where the schema began: checks that follow keep their own.
export const isHistory = (schema: FieldSchema): boolean => schema.ast.annotations?.[historyKey] === true

/** Why a signature cannot have these fields, as far as histories go, or undefined if it can. */
export const historyProblem = (inputs: ReadonlyArray<Field>, outputs: ReadonlyArray<Field>): string | undefined => {
  const output = outputs.find((field) => field.isHistory)
  if (output !== undefined) return historyOutput(output.name)
  const [first, second] = inputs.filter((field) => field.isHistory)
  return first === undefined || second === undefined ? undefined : secondHistory(first.name, second.name)
}

export const historyOutput = (name: string): string => `'${name}' cannot be a History: only an input can`

export const secondHistory = (first: string, second: string): string =>
  `a signature has one History: '${first}' is one, '${second}' cannot be another`
