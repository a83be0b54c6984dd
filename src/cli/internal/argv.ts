/**
 * Arguments before a parser reads them.
 */
import type * as Command from "effect/cli/Command"
import type * as HelpDoc from "effect/cli/HelpDoc"
import type * as LogLevel from "effect/LogLevel"
import * as Predicate from "effect/Predicate"
import * as Flags from "./flags.ts"
import type * as Naming from "./naming.ts"

/** The arguments of `effect-lm run` with the target taken out: its inputs decide which flags there are. */
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

/**
 * A value that a parser would not take for one is joined to its flag: one that begins with a dash (`--text "- one"`), and
 * whatever follows a boolean (`--sure maybe`), which then is refused by the flag's name.
 */
export const joined = (
  args: ReadonlyArray<string>,
  { booleans, valued }: Pick<Flags.OfInputs, "booleans" | "valued">
): ReadonlyArray<string> => {
  const all: Array<string> = []
  for (let i = 0; i < args.length; i++) {
    const arg = normal(args[i]!)
    if (arg === "--") return [...all, ...args.slice(i)]
    const next = args[i + 1]
    const name = isFlag(arg) ? nameOf(arg) : undefined
    const takes = next !== undefined && name !== undefined && next !== "--" && !isFlag(next) &&
      (booleans.has(name) || valued.has(name) && next.length > 1 && next.startsWith("-"))
    if (takes) {
      all.push(`${arg}=${next}`)
      i++
    } else all.push(arg)
  }
  return all
}

/** The command that the arguments name, of a tree of commands. */
export const selected = (command: Command.Command.Any, args: ReadonlyArray<string>): Command.Command.Any => {
  for (const [i, arg] of args.entries()) {
    if (arg === "--") break
    for (const { commands } of command.subcommands) {
      const found = commands.find(({ alias, name }) => name === arg || alias === arg)
      if (found !== undefined) return selected(found, args.slice(i + 1))
    }
  }
  return command
}

/**
 * The flags that the command declares itself, also those of somebody's own command, who may have an input among them. Effect has
 * no public name for the help that it makes of a command: without it there is none to give way to.
 */
export const declared = (command: Command.Command.Any): ReadonlyArray<{ readonly name: string }> => {
  if (!Predicate.hasProperty(command, "buildHelpDoc") || !Predicate.isFunction(command.buildHelpDoc)) return []
  const { flags }: HelpDoc.HelpDoc = command.buildHelpDoc([])
  return flags.flatMap(({ aliases, name }) => [name, ...aliases].map((name) => ({ name: nameOf(name) })))
}

/** The level that is logged, if the arguments say. */
export const logLevel = (args: ReadonlyArray<string>, { of }: Naming.Naming): LogLevel.LogLevel | undefined => {
  const flag = `--${of("log-level")}`
  const at = args.findLastIndex((arg) => arg === flag || arg.startsWith(`${flag}=`))
  const value = args[at]?.slice(flag.length + 1) || args[at + 1]
  return at === -1 ? undefined : Flags.logLevels.find(([name]) => name === value)?.[1]
}

/** A flag with its name in the form that names of inputs have: some terminals write `é` as a letter and its mark. */
const normal = (arg: string): string => {
  if (!isFlag(arg)) return arg
  const [name] = arg.split("=", 1)
  return name!.normalize("NFC") + arg.slice(name!.length)
}

/** `--name`, `--name=value` or `-n`; not `-> answer`, `- one` or `-5`. */
const isFlag = (arg: string): boolean => /^(--[\p{L}\p{Nl}_][\p{L}\p{M}\p{N}_-]*(=|$)|-[A-Za-z]$)/u.test(arg)

/** Whether a flag's value is the next argument. `--no-NAME` turns a boolean input off. */
const hasValue = (flag: string): boolean =>
  !flag.includes("=") && !flag.startsWith("--no-") && !Flags.toggles.has(nameOf(flag))

const nameOf = (flag: string): string => flag.replace(/^--?/, "")
