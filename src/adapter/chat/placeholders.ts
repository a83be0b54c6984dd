/**
 * What stands in a field's place where a form is shown: a reply that repeats it has no value there.
 */
import { hintOf } from "../Form.ts"
import { outputsOf, perSignature } from "../internal/perSignature.ts"

/** The placeholders by field name. */
export const placeholdersOf = perSignature((signature): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(Array.from(outputsOf(signature), ([name, field]) => [name, [`{${name}}`, `{${hintOf(field)}}`]]))
)
