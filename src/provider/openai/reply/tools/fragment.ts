/**
 * A fragment of a tool call: what it says of itself, in the forms that servers give it.
 */
import { asString, isPresent, isRecord, type JsonRecord } from "../../../../text/json/values.ts"
import { indexOf } from "../message.ts"

/** What one fragment says of itself. */
export interface Said {
  readonly index: number | undefined
  readonly id: string
  readonly name: string
  /** The arguments, or a part of them. */
  readonly text: string
  /** Whether they are text of any kind. */
  readonly free: boolean
}

/** Reads a fragment. */
export const read = (fragment: JsonRecord): Said => {
  const free = !isRecord(fragment["function"]) && isRecord(fragment["custom"])
  const told = isRecord(fragment["function"])
    ? fragment["function"]
    : isRecord(fragment["custom"])
    ? fragment["custom"]
    : fragment
  return {
    index: indexOf(fragment),
    id: asString(fragment["id"]),
    name: asString(told["name"]),
    text: argumentsText(told["arguments"] ?? told["input"] ?? told["parameters"] ?? told["args"]),
    free
  }
}

/**
 * Arguments are JSON text, and some servers send the object itself. Another value is kept as its JSON, so that it is not
 * taken for missing arguments.
 */
const argumentsText = (value: unknown): string =>
  typeof value === "string" ? value : isPresent(value) ? JSON.stringify(value) : ""
