/**
 * What a program takes and gives.
 */
export * as Audio from "./Audio.ts"
export { CalendarDate } from "./CalendarDate.ts"
export * as Citations from "./Citations.ts"
export * as Code from "./Code.ts"
export { ContentError } from "./ContentError.ts"
export * as ContentReason from "./ContentReason.ts"
export * as Document from "./Document.ts"
export * as Field from "./Field.ts"
export * as File from "./File.ts"
export * as History from "./History.ts"
export * as Image from "./Image.ts"
export type { DeepPartial } from "./Partial.ts"
export { Reasoning } from "./Reasoning.ts"
export * as Signature from "./Signature.ts"
export { SignatureError } from "./SignatureError.ts"
