/**
 * A signature's fields as a text. Two signatures have the same text only if their fields have the same names, places and types.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"

/** `question, context: Array<string> -> answer`: what is a string says no type. */
export const fieldsOf = ({ inputFields, outputFields }: Signature.Any): string =>
  `${inputFields.map(textOf).join(", ")} -> ${outputFields.map(textOf).join(", ")}`.trimStart()

const textOf = ({ isHistory, name, type }: Field): string =>
  type === "string" ? name : `${name}: ${isHistory ? "History" : type}`
