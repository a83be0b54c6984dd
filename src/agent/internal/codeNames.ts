/**
 * What tools, functions and inputs are called in code.
 */
import { isName } from "../../sandbox/internal/names.ts"
import { isRecord } from "../../text/json/values.ts"

/**
 * The names by those that JavaScript can have, which are the keys. Two that would have the same are told apart, and so is one that
 * is `taken`.
 */
export const namesOf = (
  names: ReadonlyArray<string>,
  taken: ReadonlyArray<string> = []
): ReadonlyMap<string, string> => {
  const used = new Set(taken)
  const found = new Map<string, string>()
  for (const name of names) {
    const plain = name.replace(/[^\w$]/g, "_").replace(/^(?=\d)/, "_")
    let own = isName(plain) ? plain : `${plain}_`
    while (used.has(own)) own += "_"
    used.add(own)
    found.set(own, name)
  }
  return found
}

/** What a function that takes one object is given. What is given by place goes by the order of these names. */
export const byName = (args: ReadonlyArray<unknown>, names: ReadonlyArray<string>): unknown => {
  const [first] = args
  if (args.length === 0 || (args.length === 1 && isRecord(first))) return first ?? {}
  return args.length > names.length ? first : Object.fromEntries(args.map((arg, at) => [names[at]!, arg]))
}
