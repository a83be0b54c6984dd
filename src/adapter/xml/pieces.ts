/**
 * Small pieces of an element's content that are content as they are, which nearly all pieces are.
 */
import { isSpace } from "../../text/characters.ts"
import { less } from "./tags.ts"

/**
 * Looks at a small piece, all of which may be content: the last character on its line that is no white space, where that was
 * `before`; undefined where the piece needs a closer look.
 */
export const lineBehind = (piece: string, before: number): number | undefined => {
  if (piece.length > mostPlain) return undefined
  let line = before
  for (let i = 0; i < piece.length; i++) {
    const code = piece.charCodeAt(i)
    if (code === 32) continue
    if (code === less || code === ampersand) return undefined
    if (code === 10 || code === 13) line = 0
    else if (!isSpace(code)) line = code
  }
  return line
}

/** How long a piece is at most that is looked at as a whole. */
const mostPlain = 64

/** The code of `&`, with which an entity begins. */
export const ampersand = 38
