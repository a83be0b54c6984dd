/** The layer of a provider with a server behind it, and an answer that Chat programs can read. */
import { Effect, Redacted } from "effect"
import { OpenAI, Providers } from "effect-lm"
import * as WireServer from "../../support/wireServer.ts"
import type * as Senders from "./senders.ts"

/** What a model writes for an `answer`. */
export const paris = "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"

/** A whole response with it, and with headers that say something of the request, of limits, and of the user. */
export const whole = WireServer.json(
  200,
  WireServer.completion({ content: paris }),
  { "x-request-id": "req-1", "x-ratelimit-remaining-requests": "59", "set-cookie": "a=b" }
)

/** A server with these handlers, and the layer of a provider that talks to it in this way. */
export const connectLayer =
  (sending: Senders.Sending) => (options: Partial<OpenAI.Options>, ...handlers: ReadonlyArray<WireServer.Handler>) =>
    Effect.gen(function*() {
      const server = yield* WireServer.make(handlers)
      return {
        server,
        layer: OpenAI.layer({
          ...sending,
          model: "m",
          baseUrl: server.baseUrl,
          provider: Providers.find("openrouter"),
          apiKey: Redacted.make("layer-key"),
          ...options
        })
      }
    })
