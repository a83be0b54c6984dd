/**
 * Whether a command line names code of the user's, before anything is loaded that could run it.
 */
import { existsSync } from "node:fs"

/**
 * Whether an argument may be a file of code: a program, tools or an adapter, alone or behind `--flag=`, with or without the name
 * of an export. Files of other arguments may pass for code too, but no code is imported from a file that this says no of.
 */
export const isNamed = (args: ReadonlyArray<string>): boolean =>
  args.flatMap((arg) => [arg, arg.slice(arg.indexOf("=") + 1)])
    .flatMap((word) => [word, word.replace(/#[^#]*$/, "")])
    .some((file) => file !== "" && !/\.(json|ndjson|jsonl|csv)$/i.test(file) && exists(file))

const exists = (file: string): boolean =>
  existsSync(file.startsWith("file:") && URL.canParse(file) ? new URL(file) : file)
