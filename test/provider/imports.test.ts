import { assert, describe, it } from "@effect/vitest"
import { loaded } from "../support/loaded.ts"

const sdk = (urls: ReadonlyArray<string>) => urls.filter((url) => url.includes("/node_modules/openai/"))

describe("imports", () => {
  it("the SDK is not loaded, for nothing of it is needed", () => {
    const program = `const { OpenAI } = await import("effect-lm/provider")
      const { Effect } = await import("effect")
      const layer = OpenAI.layer({ model: "m", baseUrl: "http://localhost:1/v1" })
      OpenAI.toBody({ messages: [], config: {}, responseFormat: { _tag: "Text" } }, { model: "m" })`
    const before = loaded(program)
    assert.isTrue(before.some((url) => url.endsWith("/src/provider/OpenAI.ts")))
    assert.isEmpty(sdk(before))
    const make = `await Effect.runPromise(OpenAI.make({ model: "m", baseUrl: "http://localhost:1/v1" }))`
    assert.isEmpty(sdk(loaded(`${program}\n${make}`)))
  }, 20_000)

  it("a request loads nothing of Node's fetch, which takes longer to load than to answer", () => {
    const inside = loaded(`
      const { createServer } = process.getBuiltinModule("node:http")
      const { Effect } = await import("effect")
      const { OpenAI } = await import("effect-lm/provider")
      const { Predict } = await import("effect-lm/module")
      const server = createServer((_, response) => response.writeHead(401).end())
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
      const baseUrl = "http://127.0.0.1:" + server.address().port
      const layer = OpenAI.layer({ model: "m", baseUrl, apiKey: "k", headers: { "x-a": "b" }, retry: false })
      const { reason } = await Effect.runPromise(
        Predict.make("question -> answer")({ question: "?" }).pipe(Effect.provide(layer), Effect.flip)
      )
      server.close()
      urls.push(reason._tag, ...process.moduleLoadList)`)
    assert.include(inside, "Authentication")
    assert.include(inside, "NativeModule http")
    assert.isEmpty(inside.filter((name) => name.includes("undici")))
  }, 20_000)

  it("what runs models in this process is loaded when a model is made, not before", () => {
    const before = loaded(`const { LocalModel } = await import("effect-lm")
      const layer = LocalModel.layer()`)
    assert.isTrue(before.some((url) => url.endsWith("/src/local/LocalModel.ts")))
    assert.isEmpty(before.filter((url) => /\/local\/internal|node-llama-cpp|\/@effect\/platform-node/.test(url)))
    assert.isEmpty(before.filter((url) => url.startsWith("node:") && url !== "node:module"))
  }, 20_000)
})
