/**
 * Fields that are missing in a reply, and nearly there.
 */
import { labelOf } from "../internal/prompt/inert.ts"
import { foldName, isOneOff } from "../internal/spelling.ts"
import type { Known } from "./tags.ts"

/** The missing fields that a line begins with, by their names or by a tag in which one letter is wrong. */
export const nearlyThere = (text: string, missing: Iterable<string>, { outputs }: Known): ReadonlyArray<string> => {
  const lines = text.split(/[\r\n]+/)
  return [...missing].filter((name) => {
    const label = labelOf(name)
    return lines.some((line) => {
      const tag = name.length < leastSimilar ? undefined : tagAlone.exec(line)?.[1]
      return label.test(line) ||
        (tag !== undefined && outputs.resolve(tag) === undefined && isOneOff(foldName(tag), foldName(name)))
    })
  })
}

/** Shorter names are all alike. */
const leastSimilar = 3
const tagAlone = /^\s*<([\p{L}\p{Nl}_][\p{L}\p{M}\p{N}_-]*)>/u
