/** Replies in elements, and what they say. */
import * as Signature from "effect-lm/signature/Signature"
import { adapters, decodeEverySplit, valuesOf } from "../support/decode.ts"

export const { XML } = adapters
export const qa = Signature.make("question -> answer")
export const two = Signature.make("question -> reasoning, answer")
export const read = (signature: Signature.Any, reply: string) => valuesOf(decodeEverySplit(XML, signature, reply))
export const answerOf = (reply: string) => read(qa, reply)["answer"]
