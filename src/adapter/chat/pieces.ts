/**
 * Small pieces of a reply that are content as they are, which nearly all pieces are.
 */
import { isSpace } from "../../text/characters.ts"
import { triangle } from "../../text/thoughts/inReply.ts"
import { decorations, isBreak, marks, otherDecorations } from "./marker.ts"

/**
 * Looks at a small piece, all of which may be content: the last character on its line that is no white space, where that was
 * `before`; undefined where the piece needs a closer look.
 */
export const lineBehind = (piece: string, before: number): number | undefined => {
  if (piece.length > mostPlain) return undefined
  let line = before
  let isDecorated = false
  let code = 0
  for (let i = 0; i < piece.length; i++) {
    code = piece.charCodeAt(i)
    if (code === 32) continue
    const kind = code < 128 ? kinds[code]! : kindOf(code)
    if (kind === plain) isDecorated = false
    else if (kind === special || code === backtick || code === tilde) return undefined
    else if (kind === blank) continue
    else if (kind === lineBreak) {
      line = 0
      isDecorated = false
      continue
    } else if (line === 0) isDecorated = true
    line = code
  }
  return isDecorated || (code < 128 && kinds[code] === mark) ? undefined : line
}

/** What characters are to a piece that may be content as it is. */
const plain = 0
const special = 1
const lineBreak = 2
const blank = 3
const decorative = 4
const mark = 5
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  if (isBreak(code)) return lineBreak
  if (isSpace(code)) return blank
  const char = String.fromCharCode(code)
  return "[<".includes(char) ? special : marks.includes(char) ? mark : decorations.includes(char) ? decorative : plain
})
/** What characters of other alphabets are. */
const kindOf = (code: number): number =>
  isSpace(code)
    ? blank
    : code === triangleCode
    ? special
    : otherDecorations.includes(String.fromCharCode(code))
    ? decorative
    : plain
const mostPlain = 64
/** Whether the character may decorate a marker. */
export const isDecoration = (code: number): boolean =>
  code < 128 ? kinds[code]! >= decorative || code === 32 || code === 9 : kindOf(code) === decorative

/** The code of the triangle, with which a tag of thoughts may begin. */
const triangleCode = triangle.charCodeAt(0)

export const backtick = 96
const tilde = 126
