/**
 * Words that stand for a value where JSON is written carelessly.
 */

/** A number as JSON has it. */
export const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** Whether the word is a constant of JSON or Python, in any spelling. */
export const isConstant = (word: string): boolean => constants.has(word)

/** Whether the word is how some language writes null: without quotes it is no text. */
export const isNothingWord = (word: string): boolean => nothing.has(word)

const nothing: ReadonlySet<string> = new Set(["null", "None", "NULL", "Null", "nil", "undefined", "NaN"])

/** A word that is no string of JSON: a number, a constant, or itself. */
export const scalar = (word: string): unknown =>
  number.test(word) ? Number(word) : constants.has(word) ? constants.get(word) : word

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
  ["null", null],
  ["None", null],
  ["NULL", null]
])

/** Whether the word is a whole number that a JavaScript number cannot hold exactly. */
export const isUnsafe = (word: string): boolean => wholeNumber.test(word) && !Number.isSafeInteger(Number(word))

const wholeNumber = /^[+-]?\d+$/

/** Whether digits of a whole number are lost where a JavaScript number stands for it. Those of a fraction are rounded anyway. */
export const losesDigits = (word: string): boolean =>
  word.length > mostKept && wholeNumber.test(word) &&
  significant(word) !== significant(Number(word).toExponential().split("e")[0]!.replace(".", ""))

/** So many digits are kept in any number. */
const mostKept = 15

const significant = (digits: string): string => digits.replace(/^[+-]?0*/, "").replace(/0+$/, "")

/** The number that a text is, if a number can hold it: see {@link numeral}. */
export const numberOf = (text: string, isInteger: boolean): number | undefined => {
  const word = numeral(text, isInteger)
  return word === undefined || !canHold(word, isInteger) ? undefined : Number(word)
}

/** Whether a number can hold what a numeral says. */
export const canHold = (word: string, isInteger: boolean): boolean =>
  Number.isFinite(Number(word)) && !(isInteger ? isUnsafe(word) : losesDigits(word))

/**
 * The numeral that a text is: as JSON has it, with a sign, without digits on one side of the point, with `_` between digits,
 * or with commas between thousands. Where a fraction may stand, a comma could also be the decimal point: such a text is not
 * read.
 */
export const numeral = (text: string, isInteger: boolean): string | undefined => {
  const word = text.replace("\u2212", "-")
  if (word.length > mostDigits || !/\d/.test(word)) return undefined
  if (looseNumber.test(word)) return word.replaceAll("_", "")
  const [whole = "", ...fraction] = word.split(".")
  if (!thousands.test(whole) || fraction.length > 1 || !/^\d*$/.test(fraction[0] ?? "")) return undefined
  const isClear = isInteger || fraction.length === 1 || whole.indexOf(",") !== whole.lastIndexOf(",")
  return isClear ? word.replaceAll(",", "") : undefined
}

const mostDigits = 100
const looseNumber = /^[+-]?(?:\d+(?:_\d+)*)?(?:\.\d*)?(?:[eE][+-]?\d+)?$/
const thousands = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+$/

/** What is inside a code fence; text without one as it is. */
export const withoutFence = (text: string): string => {
  if (!text.startsWith("```")) return text
  const lineEnd = text.indexOf("\n")
  const end = text.lastIndexOf("```")
  return lineEnd === -1 || end <= lineEnd ? text : text.slice(lineEnd + 1, end).trim()
}

/** A value as JSON text, also the number that `JSON.stringify` does not tell from another: `-0`. */
export const jsonText = (value: unknown): string => {
  if (Object.is(value, -0)) return "-0"
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const text = JSON.stringify(value)
  if (!hasMinusZero(value)) return text
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`
  return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${jsonText(inner)}`).join(",")}}`
}

const hasMinusZero = (value: unknown): boolean =>
  Object.is(value, -0) || (typeof value === "object" && value !== null && Object.values(value).some(hasMinusZero))
