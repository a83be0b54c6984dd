/**
 * JSON as tokens: what a reader says, and a builder takes.
 */

/** Takes a JSON value token by token. It is the scanner's to say them in order: every object, array and string ends. */
export interface JsonTokens {
  /** An object or array begins; of an object that is not empty, the first key is known. */
  readonly open: (bracket: "{" | "[", firstKey?: string) => void
  /** The innermost object or array is over. */
  readonly close: () => void
  readonly key: (name: string) => void
  readonly beginString: () => void
  /** A piece of the string that has begun, decoded. */
  readonly string: (piece: string) => void
  readonly endString: () => void
  /** A number, a constant, or text that should have quotes, as it is written. */
  readonly word: (word: string) => void
  /** White space between tokens. */
  readonly space: (text: string) => void
  /** Whether the value that comes has to be an array: then braces may be those of a set. */
  readonly wantsArray: () => boolean
  /** Whether the innermost object may have this key, and has not had it before. */
  readonly knows: (key: string) => boolean
}
