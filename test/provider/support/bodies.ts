/** The body that is sent for a request, and what such a request is. */
import type * as LMContent from "effect-lm/lm/LMContent"
import { type LMRequest, system, user } from "effect-lm/lm/LMRequest"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as Providers from "effect-lm/provider/Providers"

/** What every request says where it is not said otherwise. */
export const base: LMRequest = {
  messages: [system("Answer."), user("Capital of France?")],
  config: {},
  responseFormat: { _tag: "Text" }
}

/** Its messages, as they are sent. */
export const sentBase = [{ role: "system", content: "Answer." }, { role: "user", content: "Capital of France?" }]

/** What is sent to this provider. */
export const body = (request: Partial<LMRequest>, provider = "openai", mode?: "stream" | "generate") =>
  OpenAI.toBody({ ...base, ...request }, { model: "m", provider: Providers.find(provider)! }, mode)

/** Bytes of this type. */
export const base64 = (mediaType: string): LMContent.Base64 => ({ _tag: "Base64", data: "AAA=", mediaType })

/** A picture, sound or file that is fetched by its address. */
export const link: LMContent.Url = { _tag: "Url", url: "https://x.test/a" }

/** A schema that may be strict. */
export const closed = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false
}
