/** Which model is taken where none is named. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { Discovery, LM, Predict } from "effect-lm"
import * as WireServer from "../support/wireServer.ts"

const environment = (env: Readonly<Record<string, string>>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(env))

const serving = (...ids: ReadonlyArray<string>): WireServer.Handler => (exchange) =>
  exchange.request.path.endsWith("/models")
    ? WireServer.json(200, { object: "list", data: ids.map((id) => ({ id })) })(exchange)
    : WireServer.answer("[[ ## answer ## ]]\nYes\n\n[[ ## completed ## ]]")(exchange)

describe("Discovery", () => {
  it.live("takes what the environment names, and asks nobody", () =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* WireServer.make(serving("llama3.2"))
      const found = yield* Discovery.find({ servers: [{ name: "ollama", baseUrl: server.baseUrl }] }).pipe(
        environment({ OPENAI_API_KEY: "sk-0123456789", OPENAI_MODEL: "gpt-5" })
      )
      assert.strictEqual(found.model, "openai/gpt-5")
      assert.strictEqual(found.why, "OPENAI_API_KEY, OPENAI_MODEL are set")
      assert.strictEqual(server.requests.length, 0)
    })))

  it.live("else the first local server with a model for text, in the order of preference", () =>
    Effect.scoped(Effect.gen(function*() {
      const broken = yield* WireServer.make(WireServer.reply(500, {}, "not JSON"))
      const embeddings = yield* WireServer.make(serving("nomic-embed-text"))
      const good = yield* WireServer.make(serving("nomic-embed-text", "qwen3"))
      const other = yield* WireServer.make(serving("other"))
      const servers = [broken, embeddings, good, other].map(({ baseUrl }, index) => ({
        name: `local${index}`,
        baseUrl
      }))
      const told: Array<string> = []
      const layer = Discovery.layer({ servers, onFound: ({ model }) => Effect.sync(() => void told.push(model)) })
      const { answer } = yield* Predict.make("question -> answer")({ question: "?" }).pipe(
        Effect.provide(layer),
        environment({})
      )
      assert.strictEqual(answer, "Yes")
      assert.deepStrictEqual(told, ["local2/qwen3"])
      assert.strictEqual(good.requests.at(-1)!.json.model, "qwen3")
    })))

  it.live("else it says what can be done", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        LM.use((lm) => Effect.succeed(lm.model)).pipe(
          Effect.provide(Discovery.layer({ servers: [{ name: "ollama", baseUrl: "http://127.0.0.1:1/v1" }] })),
          environment({})
        )
      )
      assert.strictEqual(error._tag, "LMError")
      assert.include(error.message, "OPENAI_API_KEY")
      assert.include(error.message, "ollama at http://127.0.0.1:1/v1")
    }))
})
