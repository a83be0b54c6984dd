/**
 * What is derived from a signature, once.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import { type Spellings, spellings } from "./spelling.ts"

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

/** The output fields' names. */
export const outputNamesOf = perSignature((signature): ReadonlyArray<string> => namesOf(signature.outputFields))

/** The spellings of the output fields' names. */
export const spellingsOf = perSignature((signature): Spellings => spellings(outputNamesOf(signature)))

/** The spellings of the input fields' names. */
export const inputSpellingsOf = perSignature((signature): Spellings => spellings(namesOf(signature.inputFields)))

const namesOf = (fields: ReadonlyArray<Field>): ReadonlyArray<string> => fields.map((field) => field.name)
