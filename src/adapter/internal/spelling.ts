/**
 * Names as models spell them: `Key Points`, `key-points` and `keyPoints` for `key_points`.
 */

/** A name without what models change in it. */
export const folded = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]+/g, "")

/** Finds the name that a spelling means: the same one, else the only one that it differs from in case, `_`, `-` and spaces. */
export const resolver = (names: ReadonlyArray<string>): (spelling: string) => string | undefined => {
  const exact = new Set(names)
  const loose = new Map<string, string | undefined>()
  for (const name of names) loose.set(folded(name), loose.has(folded(name)) ? undefined : name)
  return (spelling) =>
    exact.has(spelling) ? spelling : spelling.length > mostLetters ? undefined : loose.get(folded(spelling))
}

/** What is longer is nobody's name. */
const mostLetters = 200
