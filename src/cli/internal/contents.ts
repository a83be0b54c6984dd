/**
 * Pictures, sounds and files as they are typed: a path, which is read, an address or a data URI.
 */
import * as Effect from "effect/Effect"
import * as Audio from "../../signature/Audio.ts"
import type { Media } from "../../signature/Content.ts"
import type { ContentError } from "../../signature/ContentError.ts"
import type { Field } from "../../signature/Field.ts"
import * as File from "../../signature/File.ts"
import * as Image from "../../signature/Image.ts"

/** What a field takes that is content, or a list of some, and nothing else. */
export interface Wanted {
  readonly kind: Media["_tag"]
  readonly isList: boolean
}

/** What content a field wants, if it does. Content inside of something else is given as JSON. */
export const wanted = ({ contents, type }: Field): Wanted | undefined => {
  const [kind] = contents
  const one = type.replace(/ \| null$/, "")
  return kind === undefined || (one !== kind && one !== `Array<${kind}>`) ? undefined : { kind, isList: one !== kind }
}

/** The JSON that a text means: of a path the content of that file. Fails with what is wrong with it. */
export const load = (kind: Media["_tag"], text: string): Effect.Effect<unknown, string> =>
  isElsewhere.test(text.trim())
    ? Effect.succeed(text)
    : Effect.mapError(read(kind, text), ({ reason }) => reason.description)

/** What to give, in words. */
export const expected = ({ isList, kind }: Wanted): string =>
  `${kind}: a path, an address (https://...) or a data URI${isList ? ", each on its own or as a JSON array" : ""}`

// Details

const isElsewhere = /^(?:https?|gs|data):/i

const read = (kind: Media["_tag"], path: string): Effect.Effect<Media, ContentError> => {
  const from = path.startsWith("file:") && URL.canParse(path) ? new URL(path) : path
  return kind === "Image" ? Image.fromPath(from) : kind === "Audio" ? Audio.fromPath(from) : File.fromPath(from)
}
