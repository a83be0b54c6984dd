/** A client of the openai SDK, which sends in its own way. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { OpenAI, Predict } from "effect-lm"
import * as WireServer from "../support/wireServer.ts"
import { whole } from "./support/layers.ts"

const qa = Predict.make("question -> answer")

it.effect("a client of the openai SDK sends in its own way", () =>
  Effect.gen(function*() {
    const { AzureOpenAI } = yield* Effect.promise(() => import("openai"))
    const server = yield* WireServer.make([whole, WireServer.json(400, { error: { message: "no", code: "x" } })])
    const client = new AzureOpenAI({
      endpoint: server.baseUrl.replace("/v1", ""),
      apiKey: "azure-key",
      apiVersion: "2026-01-01",
      deployment: "dep"
    })
    yield* Effect.gen(function*() {
      const { answer } = yield* qa({ question: "?" })
      assert.strictEqual(answer, "Paris")
      const error = yield* Effect.flip(qa({ question: "?" }))
      assert.isTrue(error._tag === "LMError" && error.reason._tag === "InvalidRequest")
      assert.include(error.message, "no")
    }).pipe(Effect.provide(OpenAI.layer({ model: "gpt-4o", client })))
    const [sent] = server.requests
    assert.match(sent!.path, /\/openai\/deployments\/[^/]+\/chat\/completions\?api-version=2026-01-01$/)
    assert.strictEqual(sent!.headers["api-key"], "azure-key")
  }))
