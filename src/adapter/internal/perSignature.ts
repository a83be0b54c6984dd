/**
 * What is derived from a signature, once.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"

/** The function, computed once for each signature and kept as long as the signature. */
export const perSignature = <A extends object>(f: (signature: Signature.Any) => A): (signature: Signature.Any) => A => {
  const known = new WeakMap<Signature.Any, A>()
  return (signature) => {
    let value = known.get(signature)
    if (value === undefined) {
      value = f(signature)
      known.set(signature, value)
    }
    return value
  }
}

/** The output fields by name. */
export const outputsOf = perSignature((signature): ReadonlyMap<string, Field> =>
  new Map(signature.outputFields.map((field) => [field.name, field]))
)

/**
 * Names as a reply may spell them: exactly, in another case, or with other spaces, dashes and underscores (`Key Points` for
 * `key_points`). A spelling that could be two names is none.
 */
export interface Spellings {
  readonly resolve: (spelling: string) => string | undefined
  /** The length of the longest name. */
  readonly longest: number
}

/** The spellings of the output fields' names. */
export const spellingsOf = perSignature((signature): Spellings => spellings(signature.outputFields))

/** The spellings of the input fields' names. */
export const inputSpellingsOf = perSignature((signature): Spellings => spellings(signature.inputFields))

/** A name without what replies change in names. */
export const foldName = (name: string): string => {
  const folded = name.toLowerCase()
  return separator.test(folded) ? folded.replaceAll(separators, "") : folded
}

const separator = /[\s_-]/
const separators = /[\s_-]+/g

const spellings = (fields: ReadonlyArray<Field>): Spellings => {
  const names = fields.map((field) => field.name)
  const exact = new Set(names)
  const inAnyCase = byKey(names, (name) => name.toLowerCase())
  const folded = byKey(names, foldName)
  return {
    resolve: (spelling) =>
      exact.has(spelling) ? spelling : inAnyCase.get(spelling.toLowerCase()) ?? folded.get(foldName(spelling)),
    longest: Math.max(0, ...names.map((name) => name.length))
  }
}

/** The names by a key; a key that two names share has none. */
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
