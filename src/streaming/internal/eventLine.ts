/**
 * What a program streams as lines of JSON, in the form of the command's `--events`.
 */
import * as Cause from "effect/Cause"
import * as Prediction from "../../module/Prediction.ts"
import type * as Signature from "../../signature/Signature.ts"
import { toLine } from "../../text/json.ts"

/** An event as a line; a prediction has its fields as the signature's schemas encode them. */
export const ofEvent = (signature: Signature.Any | undefined, event: object): string =>
  `${toLine(Prediction.isPrediction(event) ? Prediction.toJson(event, signature) : event)}\n`

/** What the run failed of as its last line: a name and a message, no stack. */
export const ofFailure = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const { _tag, message = String(error), name = "Error" }: Partial<Error> & { readonly _tag?: unknown } = Object(error)
  return `${toLine({ _tag: "Failure", error: { _tag: typeof _tag === "string" ? _tag : name, message } })}\n`
}
