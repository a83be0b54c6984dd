/**
 * The arguments of `effect-lm run`, before a parser can know its flags: the target names them.
 */
import { toggles, valued } from "./flags.ts"

/** The arguments with the target taken out. */
export interface Split {
  readonly target: string | undefined
  readonly rest: ReadonlyArray<string>
}

/**
 * Finds the target: the first argument that is neither a flag nor the value of one. Flags that are not the command's own
 * are taken to have a value, as most inputs do; the target is best put first.
 */
export const split = (args: ReadonlyArray<string>): Split => {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === "--") return { target: args[i + 1], rest: [...args.slice(0, i), ...args.slice(i + 2)] }
    if (!isFlag(arg)) return { target: arg, rest: [...args.slice(0, i), ...args.slice(i + 1)] }
    if (hasValue(arg) && i + 1 < args.length && !isFlag(args[i + 1]!)) i++
  }
  return { target: undefined, rest: args }
}

/** A value that begins with a dash (`--text "- one"`) is joined to its flag, lest a parser takes it for another flag. */
export const joinDashed = (args: ReadonlyArray<string>, inputs: ReadonlySet<string>): ReadonlyArray<string> => {
  const joined: Array<string> = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    const next = args[i + 1]
    const takes = isFlag(arg) && (valued.has(nameOf(arg)) || inputs.has(nameOf(arg)))
    if (takes && next !== undefined && next.length > 1 && next.startsWith("-") && !isFlag(next)) {
      joined.push(`${arg}=${next}`)
      i++
    } else joined.push(arg)
  }
  return joined
}

/** `--name`, `--name=value` or `-n`; not `-> answer`, `- one` or `-5`. */
const isFlag = (arg: string): boolean => /^(--[A-Za-z_][\w-]*(=|$)|-[A-Za-z]$)/.test(arg)

/** Whether a flag's value is the next argument. `--no-NAME` turns a boolean input off. */
const hasValue = (flag: string): boolean =>
  !flag.includes("=") && !flag.startsWith("--no-") && !toggles.has(nameOf(flag))

const nameOf = (flag: string): string => flag.replace(/^--?/, "")
