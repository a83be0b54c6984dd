/**
 * What a model is told of a reply that could not be used.
 */
import type { AdapterParseError } from "../../AdapterParseError.ts"

/** What was wrong with each field, and the request for the whole reply once more; `form` says in which form. */
export const feedback = (form: string) => (error: AdapterParseError): string =>
  `Your reply could not be used:\n${
    error.issues.map(({ message, path }) => `- ${path.length === 0 ? "" : `${path.join(".")}: `}${message}`).join("\n")
  }\n\nWrite the whole reply again, corrected, ${form}.`
