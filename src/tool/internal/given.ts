/**
 * Checks what was given in the place of a tool.
 */
import * as Predicate from "effect/Predicate"
import { kindOf } from "../../text/kind.ts"
import * as Tool from "../Tool.ts"
import { isToolkit } from "./toolkit.ts"

/** Throws a `TypeError` that says so where it is neither a tool nor a function that is one; `what` is where it stands, `more` what else to
 * say of it. */
export const check = (what: string, u: unknown, more = ""): void => {
  if (Tool.isTool(u)) return
  if (!isFunction(u)) throw new TypeError(`${what} is no tool, but ${inWords(u)}${more}`)
  Tool.fromFunction(u)
}

/** What somebody has taken for a tool, and what makes one of it. */
export const inWords = (u: unknown): string => {
  if (Tool.isTool(u)) return `the tool '${u.name}' alone: put it into an array`
  if (isToolkit(u)) return "an effect/ai toolkit: give it instead of the array, or add both to a ToolRegistry"
  const kind = Array.isArray(u) ? "an array" : kindOf(u)
  return `${kind}: Tool.make makes a tool of a function, ModuleTool.make of a module`
}

/** A function that is nothing else: no module, no toolkit. */
const isFunction = (u: unknown): u is Tool.PlainFunction =>
  typeof u === "function" && !Predicate.hasProperty(u, "~effect-lm/module/Module") && !isToolkit(u)
