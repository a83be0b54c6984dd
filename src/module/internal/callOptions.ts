/**
 * The options of a call.
 */
import { type Names, onlyKnown } from "../../text/options.ts"
import type { CallOptions } from "../Module.ts"

const names: Names<CallOptions> = { config: true, maxIterations: true }

/** The options of a call of the module. Unknown ones throw a `TypeError`. */
export const callOptions = (module: string, options: CallOptions): CallOptions =>
  onlyKnown(`a call of ${module}`, options, names)
