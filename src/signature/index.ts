/** What a program takes and gives. */
export { CalendarDate } from "./CalendarDate.ts"
export * as Field from "./Field.ts"
export * as History from "./History.ts"
export type { DeepPartial } from "./Partial.ts"
export * as Signature from "./Signature.ts"
export { SignatureError } from "./SignatureError.ts"
