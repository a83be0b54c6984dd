/** A calculator: it parses arithmetic, and never evaluates code. */
import { Effect, Schema } from "effect"
import { Tool } from "effect-lm"

/** What is wrong with an expression, and where. */
class ArithmeticError extends Schema.TaggedError<ArithmeticError>("examples/ArithmeticError")("ArithmeticError", {
  message: Schema.String
}) {}

export const calculator = Tool.make("calculator", {
  description:
    "The value of an arithmetic expression: numbers, + - * / % ^ (power), parentheses, sqrt, abs, round, pi, e",
  parameters: {
    expression: Schema.String.check(Schema.isMaxLength(1000)).annotate({ description: "such as 15 * 23 + 42" })
  },
  success: Schema.Finite
}, ({ expression }) => evaluate(expression))

const evaluate = (text: string): Effect.Effect<number, ArithmeticError> =>
  Effect.suspend(() => {
    const parser = parse(text)
    const value = parser.sum(0)
    const problem = parser.problem ?? (parser.rest() === "" ? undefined : `what is '${parser.rest()}'?`)
    if (problem !== undefined) return Effect.fail(new ArithmeticError({ message: problem }))
    return Number.isFinite(value)
      ? Effect.succeed(value)
      : Effect.fail(new ArithmeticError({ message: "the result is no finite number" }))
  })

const functions: ReadonlyMap<string, (x: number) => number> = new Map([
  ["sqrt", Math.sqrt],
  ["abs", Math.abs],
  ["round", Math.round]
])
const constants: ReadonlyMap<string, number> = new Map([["pi", Math.PI], ["e", Math.E]])

/** Deeper expressions than this are nobody's. */
const deepest = 100

/** Reads from the left: a sum of products of powers. The first problem stays; from there on every value is NaN. */
const parse = (text: string) => {
  let at = 0
  let problem: string | undefined

  const fail = (message: string): number => {
    problem ??= message
    return Number.NaN
  }
  const take = (pattern: RegExp): string | undefined => {
    at += /^\s*/.exec(text.slice(at))![0].length
    const found = problem === undefined ? pattern.exec(text.slice(at))?.[0] : undefined
    at += found?.length ?? 0
    return found
  }

  const sum = (depth: number): number => {
    let value = product(depth)
    for (let sign = take(/^[+-]/); sign !== undefined; sign = take(/^[+-]/)) {
      const term = product(depth)
      value = sign === "+" ? value + term : value - term
    }
    return value
  }
  const product = (depth: number): number => {
    let value = signed(depth)
    for (let sign = take(/^(\*(?!\*)|[/%×÷])/); sign !== undefined; sign = take(/^(\*(?!\*)|[/%×÷])/)) {
      const factor = signed(depth)
      if (factor === 0 && sign !== "*" && sign !== "×") return fail("division by zero")
      value = sign === "*" || sign === "×" ? value * factor : sign === "%" ? value % factor : value / factor
    }
    return value
  }
  /** `-2 ^ 2` is -4, `2 ^ -1` a half, `2 ^ 3 ^ 2` is 2 ^ 9. */
  const signed = (depth: number): number => {
    if (depth > deepest) return fail("too deep")
    const sign = take(/^[+-]/)
    if (sign !== undefined) return sign === "-" ? -signed(depth + 1) : signed(depth + 1)
    const base = primary(depth)
    return take(/^(\^|\*\*)/) === undefined ? base : base ** signed(depth + 1)
  }
  const primary = (depth: number): number => {
    const digits = take(/^(\d+(_\d{3})*(\.\d+)?|\.\d+)(e[+-]?\d+)?/i)
    if (digits !== undefined) return Number(digits.replaceAll("_", ""))
    const word = take(/^[a-z]+/i)
    const f = word === undefined ? undefined : functions.get(word.toLowerCase())
    if (word !== undefined && f === undefined) return constants.get(word.toLowerCase()) ?? fail(`what is '${word}'?`)
    if (take(/^\(/) === undefined) {
      return fail(at >= text.length ? "the expression ends too early" : `what is '${text.slice(at)}'?`)
    }
    const inner = sum(depth + 1)
    if (take(/^\)/) === undefined) return fail("a parenthesis is not closed")
    return f === undefined ? inner : f(inner)
  }

  return {
    sum,
    get problem() {
      return problem
    },
    rest: () => text.slice(at).trim()
  }
}
