/**
 * The options of a predictor, whichever it is.
 */
import type * as Signature from "../../signature/Signature.ts"
import * as Kinds from "../../text/kinds.ts"
import { type Names, onlyKnown } from "../../text/options.ts"
import type { Options } from "../Predict.ts"
import { config, configNames } from "./checkedConfig.ts"

const names: Names<Options<Signature.Any>> = {
  name: Kinds.text,
  instructions: Kinds.text,
  config,
  // Demos are checked with the signature, which has their types.
  demos: true,
  maxRepairs: Kinds.countFrom(0),
  toolCalls: Kinds.oneOf("auto", "native", "text"),
  ...configNames
}

/** The options. Unknown ones, and those of another type, throw a `TypeError`. */
export const predictorOptions = <S extends Signature.Any>(options: Options<S>): Options<S> =>
  onlyKnown("a predictor", options, names)
