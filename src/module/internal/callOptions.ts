/**
 * The options of a call.
 */
import * as Kinds from "../../text/kinds.ts"
import { type Elsewhere, type Names, onlyKnown } from "../../text/options.ts"
import type { CallOptions } from "../Module.ts"
import { config, configNames } from "./checkedConfig.ts"

/** What every call takes. */
export const callOptionNames: Names<CallOptions> = { config, maxIterations: Kinds.countFrom(1) }

/** A predictor takes the settings beside its other options; a call takes them in one. */
export const settingsOfCall: Elsewhere = (name) =>
  Object.hasOwn(configNames, name) ? `{ config: { ${name} } }` : undefined

/** The options of a call of the module. Unknown ones throw a `TypeError`. */
export const callOptions = (module: string, options: CallOptions): CallOptions =>
  onlyKnown(`a call of ${module}`, options, callOptionNames, settingsOfCall)
