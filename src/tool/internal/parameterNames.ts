/**
 * What a plain function says of what it takes: the names of its one parameter, where that is written as a pattern
 * (`({ city, days = 3 }) => ...`).
 */
import type { CallContext } from "../Tool.ts"

/** What is known of a function's parameters. */
export type Known =
  /** It takes nothing. */
  | { readonly _tag: "Nothing" }
  /** It takes one thing of this name, which may be an object or not. */
  | { readonly _tag: "One"; readonly name: string }
  /** It takes an object with these, and with others if it is open. What has a default may be left out. */
  | { readonly _tag: "Names"; readonly names: ReadonlyArray<Name>; readonly isOpen: boolean }
  /** It takes several: with these names, what stands in the parentheses of its call (`a, { b }, ...others`). */
  | { readonly _tag: "Several"; readonly names: ReadonlyArray<string>; readonly call: string }
  /** Its text does not say: it is a native, bound or wrapped function, or is written in a way that is not followed here. */
  | { readonly _tag: "Unknown" }

export interface Name {
  readonly name: string
  readonly isOptional: boolean
}

/** Reads a function's own text. The call's context, the second parameter in `({ city }, { signal })`, is no parameter of the model's. */
export const parametersOf = (f: { readonly length: number }): Known => {
  const source = Function.prototype.toString.call(f)
  const [, alone] = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source) ?? []
  if (alone !== undefined) return { _tag: "One", name: alone }
  const begin = /^(?:async\b\s*)?(?:function\b\s*)?\*?\s*[\w$]*\s*\(/.exec(source)
  if (begin === null || source.includes("[native code]")) return { _tag: "Unknown" }
  const parameters = elementsOf(source, begin[0].length - 1)
  if (parameters === undefined) return { _tag: "Unknown" }
  // A wrapper, as `Effect.fn` gives one, has the length of the function in it, and not its text.
  const written = parameters.filter((one) => !one.startsWith("..."))
  if (written.length < f.length) return { _tag: "Unknown" }
  const [first, second, ...others] = parameters
  if (first === undefined) return { _tag: "Nothing" }
  const isOne = second === undefined || (others.length === 0 && first.startsWith("{") && isContext(second))
  if (!isOne || first.startsWith("...")) return severalOf(parameters)
  if (first.startsWith("{")) return namesOf(first)
  const name = nameIn.exec(first)?.[0]
  return name === undefined ? { _tag: "Unknown" } : { _tag: "One", name }
}

const nameIn = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u

/** Whether a parameter takes what a tool is told of its call. */
const isContext = (parameter: string): boolean => {
  if (parameter === "context") return true
  const known = parameter.startsWith("{") ? namesOf(parameter) : undefined
  return known?._tag === "Names" && known.names.every(({ name }) => ofContext.has(name))
}

const ofContext: ReadonlySet<string> = new Set<keyof CallContext>(["toolCallId", "progress", "signal"])

const severalOf = (parameters: ReadonlyArray<string>): Known => {
  const names: Array<string> = []
  const call: Array<string> = []
  for (const parameter of parameters) {
    const known = parameter.startsWith("{") ? namesOf(parameter) : undefined
    const [, dots = "", name] = /^(\.{3})?\s*(.*)$/s.exec(parameter) ?? []
    const own = known === undefined
      ? [nameIn.exec(name ?? "")?.[0] ?? ""]
      : known._tag === "Names" && !known.isOpen
      ? known.names.map(({ name }) => name)
      : [""]
    // A name in quotes, or one that two have, is no variable.
    if (own.some((name) => nameIn.exec(name)?.[0] !== name || names.includes(name))) return { _tag: "Unknown" }
    names.push(...own)
    call.push(known === undefined ? `${dots}${own[0]}` : `{ ${own.join(", ")} }`)
  }
  return { _tag: "Several", names, call: call.join(", ") }
}

/** The names in a pattern. */
const namesOf = (pattern: string): Known => {
  const elements = elementsOf(pattern, 0)
  if (elements === undefined) return { _tag: "Unknown" }
  // A pattern with a default (`({ city } = {}) => ...`) takes nothing at all, too.
  const isAllOptional = hasDefault(pattern)
  const names: Array<Name> = []
  let isOpen = false
  for (const element of elements) {
    const name = nameIn.exec(element)?.[0] ?? quoted(element)
    if (element.startsWith("...")) isOpen = true
    else if (name === undefined) return { _tag: "Unknown" }
    else names.push({ name, isOptional: isAllOptional || hasDefault(element) })
  }
  return { _tag: "Names", names, isOpen }
}

/** A name in quotes: `"content-type": type`. */
const quoted = (element: string): string | undefined => /^(["'])([^"'\\]*)\1\s*:/.exec(element)?.[2]

/** Whether something has a default: a `=` outside of brackets that is no part of `=>` or `==`. */
const hasDefault = (element: string): boolean => {
  let depth = 0
  for (let at = 0; at < element.length;) {
    const next = after(element, at)
    if (next === undefined) return false
    const character = element[at]!
    if (opening.has(character)) depth++
    else if (closing.has(character)) depth--
    else if (character === "=" && depth === 0) return element[at + 1] !== ">" && element[at + 1] !== "="
    at = next
  }
  return false
}

/** What stands between the bracket here and the one that closes it, divided at commas; nothing if that cannot be told. */
const elementsOf = (source: string, start: number): ReadonlyArray<string> | undefined => {
  const elements: Array<string> = []
  let depth = 0
  let element = ""
  for (let at = start; at < source.length;) {
    const next = after(source, at)
    if (next === undefined) return undefined
    const character = source[at]!
    const isComment = character === "/"
    if (closing.has(character) && --depth === 0) return element.trim() === "" ? elements : [...elements, element.trim()]
    if (character === "," && depth === 1) {
      elements.push(element.trim())
      element = ""
    } else if (depth > 0 && !isComment) {
      element += source.slice(at, next)
    }
    if (opening.has(character)) depth++
    at = next
  }
  return undefined
}

const opening = new Set("({[")
const closing = new Set(")}]")

/** Where the token that begins here ends: a string, a comment, one character. Nothing where it may be a regular expression. */
const after = (source: string, at: number): number | undefined => {
  const character = source[at]!
  if (character === "\"" || character === "'" || character === "`") {
    for (let end = at + 1; end < source.length; end++) {
      if (source[end] === "\\") end++
      else if (source[end] === character) return end + 1
      // What stands in a template's braces may have backticks of its own.
      else if (character === "`" && source.startsWith("${", end)) return undefined
    }
    return undefined
  }
  if (character !== "/") return at + 1
  const end = source[at + 1] === "/"
    ? source.indexOf("\n", at)
    : source[at + 1] === "*"
    ? source.indexOf("*/", at) + 1
    : -1
  return end <= 0 ? undefined : end + 1
}
