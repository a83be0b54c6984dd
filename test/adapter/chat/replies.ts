/** Replies in sections, and what they say. */
import * as Signature from "effect-lm/signature/Signature"
import { adapters, decodeEverySplit, valuesOf } from "../support/decode.ts"

export const { Chat } = adapters
export const qa = Signature.make("question -> answer")
export const two = Signature.make("question -> reasoning, answer")

/** The answer, the same in every split. */
export const answerOf = (reply: string, signature: Signature.Any = qa) =>
  valuesOf(decodeEverySplit(Chat, signature, reply))["answer"]

export const section = (content: string) => `[[ ## answer ## ]]\n${content}\n\n[[ ## completed ## ]]`
