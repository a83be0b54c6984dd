/**
 * Names as models spell them.
 */

/**
 * Names as a reply may spell them: exactly, in another case, or with other spaces, dashes, underscores and marks (`Key
 * Points:` for `key_points`). A spelling that fits two names resolves to no name.
 */
export interface Spellings {
  readonly resolve: (spelling: string) => string | undefined
  /** The length of the longest name. */
  readonly longest: number
}

export const spellings = (names: ReadonlyArray<string>): Spellings => {
  const exact = new Set(names)
  const inAnyCase = byKey(names, (name) => name.toLowerCase())
  const folded = byKey(names, foldName)
  return {
    resolve: (spelling) =>
      exact.has(spelling) ? spelling : inAnyCase.get(spelling.toLowerCase()) ?? folded.get(foldName(spelling)),
    longest: Math.max(0, ...names.map((name) => name.length))
  }
}

/** A name without what replies change in names. */
export const foldName = (name: string): string => {
  // Marks stand behind their letters, so that the beginning of a name is folded to the beginning of what it is folded to.
  const lower = name.toLowerCase()
  const folded = ascii.test(lower) ? lower : lower.normalize("NFD")
  return separator.test(folded) ? folded.replaceAll(separators, "") : folded
}

// oxlint-disable-next-line no-control-regex
const ascii = /^[\u0000-\u007f]*$/
const separator = /[\s_:"'`*-]/
const separators = /[\s_:"'`*-]+/g

/** The names by a key. A key that two names share is left out. */
const byKey = (
  names: ReadonlyArray<string>,
  keyOf: (name: string) => string
): ReadonlyMap<string, string | undefined> => {
  const known = new Map<string, string | undefined>()
  for (const name of names) {
    const key = keyOf(name)
    known.set(key, known.has(key) ? undefined : name)
  }
  return known
}

/**
 * Whether two texts are the same but for one letter: it is missing, added or another one, or two letters have changed places.
 */
export const isOneOff = (a: string, b: string): boolean => {
  if (Math.abs(a.length - b.length) > 1) return false
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  if (a === b) return true
  const rest = (text: string, skipped: number) => text.slice(at + skipped)
  return rest(a, 1) === rest(b, 1) || rest(a, 1) === rest(b, 0) || rest(a, 0) === rest(b, 1) ||
    (a[at] === b[at + 1] && a[at + 1] === b[at] && rest(a, 2) === rest(b, 2))
}
