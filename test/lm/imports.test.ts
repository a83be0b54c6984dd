import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"

/** What a fresh process has loaded after it ran this. */
const loaded = (program: string): ReadonlyArray<string> => {
  const script = `
    import { registerHooks } from "node:module"
    const urls = []
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    ${program}
    console.log(JSON.stringify(urls))`
  const output = execFileSync(
    process.execPath,
    ["--conditions=effect-lm-source", "--input-type=module", "--eval", script],
    { encoding: "utf8" }
  )
  return JSON.parse(output)
}

const sdk = (urls: ReadonlyArray<string>) => urls.filter((url) => url.includes("/node_modules/openai/"))

describe("imports", () => {
  it("the SDK is not loaded, for nothing of it is needed", () => {
    const program = `const { OpenAI } = await import("effect-lm/lm")
      const { Effect } = await import("effect")
      const layer = OpenAI.layer({ model: "m", baseUrl: "http://localhost:1/v1" })
      OpenAI.toBody({ messages: [], config: {}, responseFormat: { _tag: "Text" } }, { model: "m" })`
    const before = loaded(program)
    assert.isTrue(before.some((url) => url.endsWith("/src/lm/OpenAI.ts")))
    assert.isEmpty(sdk(before))
    const make = `await Effect.runPromise(OpenAI.make({ model: "m", baseUrl: "http://localhost:1/v1" }))`
    assert.isEmpty(sdk(loaded(`${program}\n${make}`)))
  }, 20_000)

  it("what runs models in this process is loaded when a model is made, not before", () => {
    const before = loaded(`const { LocalModel } = await import("effect-lm")
      const layer = LocalModel.layer()`)
    assert.isTrue(before.some((url) => url.endsWith("/src/lm/LocalModel.ts")))
    assert.isEmpty(before.filter((url) => /\/internal\/gguf|node-llama-cpp|\/@effect\/platform-node/.test(url)))
    assert.isEmpty(before.filter((url) => url.startsWith("node:") && url !== "node:module"))
  }, 20_000)
})
