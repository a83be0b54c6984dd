/**
 * Anthropic's Messages as a protocol.
 */
import * as Frames from "../internal/frames.ts"
import * as ProviderError from "../openai/errors/reason.ts"
import type { Protocol } from "../Protocol.ts"
import * as Beside from "./beside.ts"
import * as Reader from "./reader.ts"
import * as Request from "./request.ts"

/** The protocol. */
export const messages: Protocol = {
  name: Beside.protocol,
  path: () => "/messages",
  body: Request.body,
  problem: Request.problem,
  decoder: (_, __, limits) => Frames.make(Reader.make(), limits),
  // A token of a subscription, or of another identity, is a bearer's.
  authorization: (key) => key.startsWith("sk-ant-oat") ? { authorization: `Bearer ${key}` } : { "x-api-key": key },
  failure: ProviderError.fromResponse,
  features: Request.features,
  goOn: (request, { completions: [completion] }) =>
    completion?.detail === Beside.paused
      ? { ...request, messages: [...request.messages, { role: "assistant", content: completion.content }] }
      : undefined
}
