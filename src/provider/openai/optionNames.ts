/**
 * What every way to something of OpenAI's takes.
 */
import { isRecord } from "../../text/json/values.ts"
import * as Kinds from "../../text/kinds.ts"
import type { Names } from "../../text/options.ts"
import * as Given from "../internal/given.ts"
import type { Options } from "../OpenAI.ts"

export const optionNames: Names<Options> = {
  model: Kinds.needed(Kinds.text),
  ...Given.connection,
  baseUrl: Kinds.text,
  provider: Kinds.objectOf("a provider, as Providers.find(\"groq\") gives one"),
  inputs: Kinds.listOf("inputs", Kinds.oneOf("images", "audio", "files")),
  organization: Kinds.text,
  project: Kinds.text,
  client: Kinds.make("a client of the openai SDK", (value) => isRecord(value) && typeof value["post"] === "function")
}
