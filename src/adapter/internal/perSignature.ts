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

/** The output fields' names as a reply may spell them: exactly, or in another case where that is one name only. */
export interface Spellings {
  readonly resolve: (spelling: string) => string | undefined
  /** The length of the longest name. */
  readonly longest: number
}

export const spellingsOf = perSignature((signature): Spellings => {
  const names = signature.outputFields.map((field) => field.name)
  const spellings = new Map<string, string | undefined>()
  for (const name of names) {
    const folded = name.toLowerCase()
    spellings.set(folded, spellings.has(folded) ? undefined : name)
  }
  for (const name of names) spellings.set(name, name)
  return {
    resolve: (spelling) => spellings.get(spelling) ?? spellings.get(spelling.toLowerCase()),
    longest: Math.max(...names.map((name) => name.length))
  }
})
