/**
 * A language model's service, as an argument.
 */
import { isRecord } from "../../text/json/values.ts"
import * as Kinds from "../../text/kinds.ts"

export const service = Kinds.make(
  "a language model's service, as OpenAI.make gives one",
  (value) => isRecord(value) && typeof value["stream"] === "function" && typeof value["generate"] === "function"
)
