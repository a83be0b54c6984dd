/**
 * The part of an adapter that reads replies: a plain state machine that finds the output fields in text as it arrives.
 *
 * A scanner says where fields begin and end. Everything that is the same for all adapters happens behind the sink it
 * writes to: the parts that are streamed, their one end, the values, what is missing. A third party's adapter that has
 * a scanner streams like the built-in ones.
 */
import type * as Signature from "../signature/Signature.ts"
import type { JsonTokens } from "../text/json/tokens.ts"

// Models

export type { JsonTokens }

/** Reads one reply. One decoder, one scanner: its state is the reply's. */
export interface Scanner {
  /** Takes the next text, however the reply was cut into pieces. What may be a part of a delimiter is kept until that is known. */
  readonly push: (text: string, sink: Sink) => void
  /** Nothing follows: writes what was kept. The sink closes the field that is still open. */
  readonly end: (sink: Sink) => void
}

/** Makes the scanner of one reply. */
export interface Make {
  (signature: Signature.Any): Scanner
  /**
   * What every text has in which this scanner finds a field of the signature: text without it (most results of tools) is known to
   * look like no reply without being read. Any text may hold a field if it is left out, or gives nothing.
   */
  readonly signs?: (signature: Signature.Any) => RegExp | undefined
}

/** Takes what a scanner finds. */
export interface Sink {
  /**
   * Begins a field, and closes the one before. False, and what is written is dropped, for a name that is no output field
   * and for a field that the reply has begun before.
   */
  readonly open: (field: string, options?: OpenOptions) => boolean
  /** Text of the open field: the value itself, free of the format's quoting; of a field of kind `json`, JSON text. */
  readonly write: (text: string) => void
  /**
   * Takes the open field's value as tokens, from a scanner that reads JSON itself, instead of as text. Undefined for free
   * text, and where no field is open.
   */
  readonly json: () => JsonTokens | undefined
  /** Ends the open field, if there is one. */
  readonly close: () => void
  /** The reply says that the field is null, in a way that text does not. */
  readonly setNull: (field: string) => void
  /**
   * What was found so far is void: the reply takes it back, and begins anew. All fields may be opened again; what has been
   * shown of them is retracted before anything else is shown.
   */
  readonly takeBack: () => void
  /** The reply is wrong, in the named field or altogether: it ends in an error that says so. */
  readonly issue: (message: string, field?: string) => void
}

/** How a field's value stands in the reply. */
export interface OpenOptions {
  /**
   * The value stands in running text: white space around it is not part of it, and `null` or `None` alone is null where a
   * field of kind `text` may be null. False by default: the text is the value, to the letter.
   */
  readonly bare?: boolean | undefined
}
