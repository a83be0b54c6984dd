/**
 * A signature's fields as a text, which is another where a field has another name, place or type.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"

/** `question, context: Array<string> -> answer`: what is a string says no type. */
export const fieldsOf = ({ inputFields, outputFields }: Signature.Any): string =>
  `${inputFields.map(textOf).join(", ")} -> ${outputFields.map(textOf).join(", ")}`.trimStart()

const textOf = ({ isHistory, name, type }: Field): string =>
  type === "string" ? name : `${name}: ${isHistory ? "History" : type}`
