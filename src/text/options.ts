/**
 * The names of options. A misspelt one, which no compiler sees in plain JavaScript, would be ignored without a word: it is
 * refused where it is given, in a sentence that says which one was meant.
 */

/** The names of all options of a type, each with `true`: none can be forgotten, and none be left of a former version. */
export type Names<O> = { readonly [K in keyof O]-?: true }

/** The options as they are; `what` takes them. Others than those of the names throw a `TypeError`. */
export const onlyKnown = <O extends object>(what: string, options: O, names: Names<NoInfer<O>>): O => {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${what} takes its options as an object: { ${Object.keys(names).join(", ")} }`)
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(names, name)) {
      throw new TypeError(`${what} has no option '${name}': ${advice(name, Object.keys(names))}`)
    }
  }
  return options
}

// Details

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
