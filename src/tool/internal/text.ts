/**
 * What a model is told of a call: bounded, and without stack traces and paths of this machine.
 */
import { withoutFrames } from "./stackTrace.ts"

/** A result in words for the model: a text as it is, everything else as JSON. Nothing is `null`, as JSON has it. */
export const textOf = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value ?? null)

/**
 * At most so many characters, and a note on how many more there were. Half characters are replaced: providers refuse a
 * request that has some.
 */
export const bounded = (text: string, most: number): string => {
  if (text.length <= most) return text.toWellFormed()
  const end = isHighSurrogate(text.charCodeAt(most - 1)) ? most - 1 : most
  return `${text.slice(0, end).toWellFormed()}\n[${text.length - end} more characters were left out]`
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/**
 * A failure without stack traces and paths of this machine. Paths that stand in the call's own arguments (`known`) stay:
 * the model has written them.
 */
export const withoutHost = (text: string, known: string): string => {
  const isKnown = among(known)
  return withoutFrames(text)
    .replace(hostPath, (path) => isRootFolder.test(path) || isKnown(path) ? path : "<path>")
    .trim()
}

/**
 * Whether a path stands in the text. Each question reads the whole text, and whoever wrote the failure chose how many paths
 * it names: only so many different ones are looked for, and no longer ones than a system can have.
 */
const among = (text: string): (path: string) => boolean => {
  const answers = new Map<string, boolean>()
  return (path) => {
    const known = answers.get(path)
    if (known !== undefined) return known
    if (path.length > longestPath || answers.size === mostPaths) return false
    const answer = text.includes(path)
    answers.set(path, answer)
    return answer
  }
}

const mostPaths = 30
const longestPath = 4096

/** A file URL, an absolute path in quotes, or one of two parts or more that is not part of a URL or of a word. */
const hostPath = new RegExp(
  [
    String.raw`file:\/\/[^\s"'\`<>)\]]+`,
    String.raw`(?<=["'\`])\/[^"'\`\n]+(?=["'\`])`,
    String.raw`(?<![\w./\\\]-])(?:\/[\w.@+~-]+){2,}\/?(?::\d+){0,2}`,
    String.raw`(?<!\w)[A-Za-z]:[\\/][^\s"'\`<>|]+`,
    String.raw`\\\\[\w.-]+\\[^\s"'\`<>|]+`
  ].join("|"),
  "g"
)

/** `/tmp`, or the route `/users`: says nothing of this machine. */
const isRootFolder = /^\/[^/]*$/
