/**
 * Escapes inside a JSON string, as models write them.
 *
 * Beyond JSON: `\xHH`, as in Python and JavaScript, and a backslash that begins something else stays as it is written. That
 * is so for LaTeX and regular expressions too, where a letter follows that JSON could take for an escape: `\frac`, `\theta`,
 * `\bword`.
 */

/** What an escape says, and the index behind it. */
export interface Escape {
  readonly text: string
  readonly end: number
}

/** Reads the escape whose backslash is at an index; undefined where the text ends before it is known what it says. */
export const readEscape = (text: string, at: number): Escape | undefined => {
  const char = text[at + 1]
  switch (char) {
    case undefined:
      return undefined
    case "u":
      return fromHex(text, at, 4)
    case "x":
      return fromHex(text, at, 2)
    case "b":
      return unlessWord(text, at, "\b")
    case "f":
      return unlessWord(text, at, "\f")
    case "n":
      return unlessCommand(text, at, "\n", latex.n)
    case "r":
      return unlessCommand(text, at, "\r", latex.r)
    case "t":
      return unlessCommand(text, at, "\t", latex.t)
    default:
      return { text: itself.includes(char) ? char : `\\${char}`, end: at + 2 }
  }
}

/** Decodes the escapes of a text while it arrives. */
export class Unescaper {
  /** The beginning of an escape at the end of the text. */
  #cut = ""

  push(chunk: string): string {
    const text = this.#cut + chunk
    this.#cut = ""
    let out = ""
    let from = 0
    for (let at = text.indexOf("\\"); at !== -1; at = text.indexOf("\\", from)) {
      const escape = readEscape(text, at)
      out += text.slice(from, at)
      if (escape === undefined) {
        this.#cut = text.slice(at)
        return out
      }
      out += escape.text
      from = escape.end
    }
    return out + text.slice(from)
  }
}

/** What stands for itself behind a backslash. */
const itself = "\"'`\\/"

const fromHex = (text: string, at: number, digits: number): Escape | undefined => {
  const end = at + 2 + digits
  for (let i = at + 2; i < end; i++) {
    if (i === text.length) return undefined
    if (!isHexDigit(text.charCodeAt(i))) return { text: text.slice(at, at + 2), end: at + 2 }
  }
  return { text: String.fromCharCode(Number.parseInt(text.slice(at + 2, end), 16)), end }
}

const isHexDigit = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)

/** Before a word no backspace and no form feed is meant: it is `\beta`, `\frac`, or `\bword` in a regular expression. */
const unlessWord = (text: string, at: number, meant: string): Escape | undefined => {
  for (let i = at + 2; i < at + 4; i++) {
    if (i === text.length) return undefined
    if (!isLetter(text.charCodeAt(i))) return { text: meant, end: at + 2 }
  }
  return { text: text.slice(at, at + 2), end: at + 2 }
}

/** A small letter. */
export const isLetter = (code: number): boolean => code >= 97 && code <= 122

/** A line break or a tab does stand before words, but not before what is left of these commands. */
const unlessCommand = (
  text: string,
  at: number,
  meant: string,
  commands: ReadonlyArray<string>
): Escape | undefined => {
  const first = text[at + 2]
  if (first === undefined) return undefined
  if (commands.some((command) => command[0] === first)) {
    const rest = text.slice(at + 2, at + 2 + longestCommand)
    for (const command of commands) {
      if (rest.length <= command.length ? command.startsWith(rest) : rest.startsWith(command)) {
        if (rest.length <= command.length) return undefined
        if (!isLetter(rest.charCodeAt(command.length))) return { text: text.slice(at, at + 2), end: at + 2 }
      }
    }
  }
  return { text: meant, end: at + 2 }
}

/** LaTeX's commands that begin with these letters, without them. */
const latex = {
  n: [
    "abla",
    "eq",
    "ot",
    "otin",
    "leq",
    "geq",
    "subseteq",
    "earrow",
    "warrow",
    "ewline",
    "ewcommand",
    "oindent",
    "onumber"
  ],
  r: ["ho", "ight", "ightarrow", "angle", "floor", "ceil", "brace", "brack", "ef"],
  t: [
    "imes",
    "heta",
    "au",
    "anh",
    "ilde",
    "itle",
    "frac",
    "ext",
    "extbf",
    "extit",
    "extrm",
    "exttt",
    "extsf",
    "herefore",
    "riangle"
  ]
} as const

const longestCommand = 11
