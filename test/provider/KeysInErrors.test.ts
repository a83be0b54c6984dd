/** Law 12: a key that a server repeats is in no error. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { asking } from "../support/requests.ts"
import * as WireServer from "../support/wireServer.ts"
import * as Senders from "./support/senders.ts"
import { run } from "./support/streams.ts"

const { data } = WireServer

const request = asking("Capital of France?")

describe.each(Object.entries(Senders.every))("law 12: secrets stay, over %s", (_, sending) => {
  const connect = Senders.connectWith(sending)

  it.effect("a key that the server repeats is in no error, whatever kind of error", () =>
    Effect.gen(function*() {
      const token = "token-abcdef"
      const said = `bad key ${Senders.key} and ${token}`
      const { lm } = yield* connect([
        WireServer.json(401, { error: { message: said } }),
        WireServer.reply(500, {}, said),
        WireServer.json(429, { error: { message: said } }, { "retry-after": "2" }),
        WireServer.events(data({ error: { message: said } })),
        WireServer.events(`data: ${said}\n\n`),
        WireServer.reply(200, {}, `{${said}`)
      ], { headers: { "x-token": Redacted.make(token) } })
      for (const tag of ["Authentication", "Server", "RateLimited", "Server", "InvalidResponse", "InvalidResponse"]) {
        const { error } = yield* run(lm.stream(request))
        assert.strictEqual(error?.reason._tag, tag)
        const shown = `${error} ${error?.stack} ${JSON.stringify(error)}`
        assert.notInclude(shown, Senders.key)
        assert.notInclude(shown, token)
        assert.include(shown, "<redacted>")
        if (tag === "RateLimited") assert.isDefined(error?.retryAfter)
      }
    }))

  it.effect("nor is one in the base URL", () =>
    Effect.gen(function*() {
      const bad = yield* Effect.flip(OpenAI.make({ model: "m", baseUrl: "http://user:hunter2@127.0.0.1:1/v1" }))
      assert.strictEqual(bad.reason._tag, "InvalidRequest")
      const { lm, server } = yield* connect(WireServer.json(401, { error: { message: "no hunter2" } }))
      const query = yield* OpenAI.make({
        ...sending,
        model: "m",
        baseUrl: `${server.baseUrl}?key=hunter2`,
        retry: false
      })
      const { error } = yield* run(query.stream(request))
      assert.strictEqual((yield* server.nextRequest).path, "/v1/chat/completions?key=hunter2")
      assert.strictEqual(error?.reason._tag, "Authentication")
      assert.notInclude(`${bad} ${error} ${JSON.stringify([bad, error])} ${query.model}`, "hunter2")
      assert.include((yield* run(lm.stream(request))).error?.message, "hunter2")
    }))
})
