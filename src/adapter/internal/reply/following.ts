/**
 * Fields that come again behind a whole reply: what stands between the two says what the second is.
 */
import type * as Signature from "../../../signature/Signature.ts"
import { inputSpellingsOf } from "../perSignature.ts"

/**
 * `anew`: the reply once more, corrected. `other`: another reply beside it, or an example. `turn`: an answer to a question
 * that the model has made up; it does not belong to this reply.
 */
export type Following = "anew" | "other" | "turn"

/** What it means that fields come again behind this text. */
export const followingOf = (between: string, signature: Signature.Any): Following => {
  const text = between.length > mostBetween ? between.slice(0, mostBetween) : between
  const last = text.split(sentenceEnd).at(-1)!
  const isCorrected = correction.test(last)
  if (turn.test(text)) return "turn"
  const inputs = inputSpellingsOf(signature)
  for (const [, label] of text.matchAll(labels)) {
    if (roles.test(label!) || inputs.resolve(label!) !== undefined) return isCorrected ? "other" : "turn"
  }
  return text.trim() === "," || example.test(last) || (!isCorrected && choice.test(last)) ? "other" : "anew"
}

const mostBetween = 10_000

/** A sentence that ends with its line leads to nothing. */
const sentenceEnd = /[.!?][ \t]*[\r\n]/
const example = /\b(?:e\.g|examples?|for instance|formats?|schemas?|templates?)\b/i
const choice =
  /^\W*or\b|\b(?:alternatively|options?|alternatives?|versions?|variants?|candidates?|choices?|possible|possibility|another|others?|second|third|next)\b/i
const correction =
  /\b(?:correct\w*|fix\w*|updat\w*|revis\w*|improv\w*|rewrit\w*|refin\w*|final\w*|instead|wait|sorry|oops|rather|wrong|mistakes?|errors?|actually|thoughts?|reflection|better|again|attempt)\b/i

/** What chat templates write before what a user says. */
const turn =
  /<\|(?:im_start|start_header_id|start_of_role|start|turn)(?:\|>|>)\s*(?:user|human)\b|<(?:\||\uff5c)user(?:\||\uff5c)>|<start_of_turn>\s*user\b|\[INST\]/i
/** The labels of lines: a few words and a colon, also as a heading or in bold. */
const labels = /(?:^|[\r\n])[#>*_\-\s]{0,12}([\p{L}\p{N}_][\p{L}\p{M}\p{N}_ \t-]{0,40}?)[*_ \t]{0,4}(?::|(?=[\r\n]))/gu
const roles = /^(?:(?:next|new)\s+)?(?:user|human|question|instructions?|input|prompt|q)$/i
