/**
 * What Anthropic puts beside parts of an answer, and wants back.
 */
import type { ProviderData } from "../../lm/LMContent.ts"

/** The name of the protocol, under which its provider data stands. */
export const protocol = "anthropic"

/** What stands beside one part. */
export interface Beside {
  /** That a thought is the model's, unchanged. A thought may be nothing else. */
  readonly signature?: string
  /** A thought that nobody but the service can read. */
  readonly redacted?: string
  /** Where in documents the text is from. */
  readonly citations?: ReadonlyArray<unknown>
  /** A block that follows the text, as it came: of a tool that the service runs, say. */
  readonly block?: Readonly<Record<string, unknown>>
}

/** Provider data of this protocol. */
export const data = (beside: Beside): ProviderData => ({ [protocol]: beside })

/** Why an answer stops where tools of the service need more time: it goes on when it is sent back as it is. */
export const paused = "pause_turn"
