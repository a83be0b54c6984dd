/** Requests for tests that need one, whatever it says. */
import { type LMRequest, user } from "effect-lm/lm/LMRequest"

/** A request that says this, and asks for text. */
export const asking = (text: string): LMRequest => ({
  messages: [user(text)],
  config: {},
  responseFormat: { _tag: "Text" }
})
