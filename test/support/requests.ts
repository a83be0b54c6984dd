/** Requests for tests that need one, whatever it says. */
import { type LMRequest, user } from "effect-lm/lm/LMRequest"

/** A request that says this and asks for text, but for what is given in its place. */
export const asking = (text: string, more: Partial<LMRequest> = {}): LMRequest => ({
  messages: [user(text)],
  config: {},
  responseFormat: { _tag: "Text" },
  ...more
})
