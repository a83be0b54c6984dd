/**
 * The tags of thoughts as a tree of characters, for readers that follow a text character by character.
 */
import { all, answers, channels, type ThoughtTag } from "./tags.ts"

/** A node of the tree: what may come next, and which tag ends here. */
export interface Place {
  readonly next: ReadonlyMap<number, Place>
  readonly is: Kind | undefined
  readonly tag: ThoughtTag | undefined
}

type Kind = "opening" | "closing" | "answer"

/** The place after a character; `undefined` where no tag goes on so. */
export const follow = (place: Place, code: number): Place | undefined =>
  place.next.get(code >= 65 && code <= 90 ? code + 32 : code)

interface Building {
  readonly next: Map<number, Building>
  is: Kind | undefined
  tag: ThoughtTag | undefined
}

const placesOf = (
  texts: ReadonlyArray<readonly [text: string, is: Kind, tag?: ThoughtTag]>
): Place => {
  const root: Building = { next: new Map(), is: undefined, tag: undefined }
  for (const [text, is, tag] of texts) {
    let place = root
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const next = place.next.get(code) ?? { next: new Map(), is: undefined, tag: undefined }
      place.next.set(code, next)
      place = next
    }
    place.is = is
    place.tag = tag
  }
  return root
}

const pairs = (tags: ReadonlyArray<ThoughtTag>) =>
  tags.flatMap((tag) => [[tag.opening, "opening", tag], [tag.closing, "closing", tag]] as const)

/** Before the tags that may stand anywhere. */
export const anywhere: Place = placesOf(pairs(all))

/** Before those that may stand where a thought or an answer begins. */
export const atStart: Place = placesOf([
  ...pairs(all),
  ...channels.map((tag) => [tag.opening, "opening", tag] as const),
  ...answers.map((answer) => [answer, "answer"] as const)
])

/** The characters that tags begin with. */
export const less = 60
export const bracket = 91
export const triangle = 0x25c1

/** Whether a tag may begin with the character. */
export const mayBegin = (code: number): boolean => code === less || code === bracket || code === triangle

/** Whether a text holds a character that a tag may begin with. */
export const mayHold = (text: string): boolean =>
  text.indexOf("<") !== -1 || text.indexOf("[") !== -1 || text.indexOf("◁") !== -1
