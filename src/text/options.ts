/**
 * What functions are given: options by name, and arguments by place. A table says what is taken under each name. What is
 * something else, or has a misspelt name, no compiler sees in plain JavaScript: it is refused where it is given, in a sentence
 * that says what is meant, and not where it would do harm.
 */
import { isNeeded, isObject, isPlain, type Kind, ofEntries } from "./kinds.ts"

/**
 * The kind of each option, by its name; `true` where the option is checked elsewhere. The compiler sees that no name is
 * missing and no old one is left.
 */
export type Names<O> = { readonly [K in keyof O]-?: Kind | true }

/** What to write for an option that is not in the table, where that is known: `{ config: { temperature } }`. */
export type Elsewhere = (name: string, value: unknown) => string | undefined

/** The options as they are; `what` takes them. What is not in the table throws a `TypeError`. */
export const onlyKnown = <O extends object>(
  what: string,
  options: O,
  names: Names<NoInfer<O>>,
  elsewhere?: Elsewhere
): O => {
  if (!isObject(options as unknown)) {
    throw new TypeError(
      `${what} takes its options as an object: { ${Object.keys(names).join(", ")} }${ofEntries(options)}`
    )
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(names, name)) {
      const written = elsewhere?.(name, value)
      const say = written === undefined ? advice(name, Object.keys(names)) : `write ${written}`
      throw new TypeError(`${what} has no option '${name}': ${say}`)
    }
  }
  return members(options, names)
}

/** The kind of an option that has options of its own. */
export const optionsOf = <O extends object>(names: Names<O>): Kind => (what, value) =>
  onlyKnown(what, value as O, names) // it is looked at here

/**
 * The object as it is, with members as the table says: hooks of an object, or of an instance of a class, which may have more
 * than those. A misspelt name of a plain object is refused, as one of an option is.
 */
export const hooks = <O extends object>(what: string, object: O, names: Names<NoInfer<O>>): O => {
  return isObject(object as unknown) && !isPlain(object) ? members(object, names) : onlyKnown(what, object, names)
}

/** The parameters of a function, by name and in their order. */
export interface Parameters {
  readonly [name: string]: Kind
}

/** Refuses arguments that are not what the function `what` takes. */
export const given = (what: string, parameters: Parameters, args: ArrayLike<unknown>): void => {
  let at = 0
  for (const name in parameters) parameters[name]!(`${what}: \`${name}\``, args[at++])
}

/**
 * A function of a value and of more, data first or data last. Each argument is looked at where it is given: data last, before
 * there is the value. `isDataFirst` tells where arguments may be left out; else their number does.
 */
// oxlint-disable typescript/no-explicit-any -- as effect's `dual` has them: the declaration says what they are
export const combinator = <
  DataLast extends (...args: Array<any>) => any,
  DataFirst extends (...args: Array<any>) => any
>(
  what: string,
  parameters: Parameters,
  body: DataFirst,
  isDataFirst?: (args: IArguments) => boolean
): DataLast & DataFirst => {
  // oxlint-enable typescript/no-explicit-any
  const [self, ...others] = Object.entries(parameters)
  const [ofSelf, ofOthers] = [Object.fromEntries([self!]), Object.fromEntries(others)]
  const arity = 1 + others.length
  return function() {
    // oxlint-disable-next-line prefer-rest-params -- what tells the two forms apart is how many there are
    const args = arguments
    if (isDataFirst === undefined ? args.length >= arity : isDataFirst(args)) {
      given(what, parameters, args)
      return body(...args)
    }
    given(what, ofOthers, args)
    return (value: unknown) => {
      given(what, ofSelf, [value])
      return body(value, ...args)
    }
  } as unknown as DataLast & DataFirst // one function has both forms
}

// Details

const members = <O extends object>(options: O, names: Names<NoInfer<O>>): O => {
  for (const name in names) {
    const kind = (names as Readonly<Record<string, Kind | true>>)[name]!
    const value: unknown = options[name as string as keyof O]
    if (kind !== true && (value !== undefined || isNeeded(kind))) kind(`\`${name}\``, value)
  }
  return options
}

const advice = (name: string, names: ReadonlyArray<string>): string => {
  const nearest = names
    .map((known) => ({ known, distance: distance(plain(name), plain(known)) }))
    .reduce((a, b) => b.distance < a.distance ? b : a)
  return nearest.distance <= name.length / 3
    ? `did you mean '${nearest.known}'?`
    : `there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`
}

/** `max_tokens` and `maxtokens` are `maxTokens`. */
const plain = (name: string): string => name.replace(/[_-]/g, "").toLowerCase()

/** How many letters have to be changed, added or taken away. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (letter === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
