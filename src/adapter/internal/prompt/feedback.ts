/**
 * What a model is told of a reply that could not be used.
 */
import * as Issues from "../../../text/issues.ts"
import type { AdapterParseError } from "../../AdapterParseError.ts"

/** What was wrong with each field, and the request for the whole reply once more; `form` says in which form. */
export const feedback = (form: string) => (error: AdapterParseError): string =>
  `Your reply could not be used:\n${
    Issues.inLines(error.issues, "- ")
  }\n\nWrite the whole reply again, corrected, ${form}.`
