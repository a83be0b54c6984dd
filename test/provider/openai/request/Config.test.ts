/** What a call is told beside its messages, by the names that each provider has for it. */
import { assert, describe, it } from "@effect/vitest"
import * as OpenAI from "effect-lm/provider/OpenAI"
import * as Providers from "effect-lm/provider/Providers"
import { base, body, sentBase } from "../../support/bodies.ts"

describe("config in the body of a request", () => {
  it("holds what the request says, and nothing else", () => {
    assert.deepStrictEqual(body({}), { model: "m", messages: sentBase, stream: false } as object)
  })

  it("a streamed request asks for usage, where that has to be asked for", () => {
    assert.deepStrictEqual(body({}, "openai", "stream").stream_options, {
      include_usage: true,
      include_obfuscation: false
    })
    assert.deepStrictEqual(body({}, "groq", "stream").stream_options, { include_usage: true })
    assert.notProperty(body({}, "mistral", "stream"), "stream_options")
    assert.notProperty(body({}, "openai"), "stream_options")
    assert.isTrue(body({}, "openai", "stream").stream)
  })

  const config = {
    temperature: 0,
    topP: 0.9,
    maxTokens: 100,
    n: 2,
    seed: 7,
    stop: ["\n\n"],
    reasoningEffort: "low",
    rolloutId: 3
  } as const

  it("config by OpenAI's names; a rollout id is never sent", () => {
    assert.deepStrictEqual(body({ config }), {
      model: "m",
      messages: sentBase,
      stream: false,
      temperature: 0,
      top_p: 0.9,
      max_completion_tokens: 100,
      n: 2,
      seed: 7,
      stop: ["\n\n"],
      reasoning_effort: "low"
    } as object)
    assert.deepStrictEqual(body({ config: { rolloutId: 1 } }), body({ config: { rolloutId: 2 } }))
  })

  it("config by the names of others", () => {
    assert.strictEqual(body({ config }, "ollama").max_tokens, 100)
    assert.notProperty(body({ config }, "ollama"), "max_completion_tokens")
    assert.strictEqual(body({ config }, "mistral").random_seed, 7)
    assert.notProperty(body({ config }, "mistral"), "seed")
  })

  it("the likeliest tokens alone, only where that is known", () => {
    const knowing = Providers.all.filter(({ name }) => body({ config: { topK: 40 } }, name).top_k === 40)
    assert.deepStrictEqual(knowing.map(({ name }) => name), [
      "openrouter",
      "together",
      "fireworks",
      "perplexity",
      "ollama",
      "lmstudio",
      "llama-server",
      "vllm",
      "sglang",
      "localai"
    ])
    assert.notProperty(body({ config: { topK: 40 } }), "top_k")
  })

  it("several tools at once, or not, where there are tools", () => {
    const tools = [{ name: "f", parameters: {} }]
    for (const parallelToolCalls of [true, false]) {
      const config = { parallelToolCalls }
      assert.strictEqual(body({ config, tools }).parallel_tool_calls, parallelToolCalls)
      assert.notProperty(body({ config }), "parallel_tool_calls")
    }
    assert.notProperty(body({ tools }), "parallel_tool_calls")
  })

  it("log probabilities, with alternatives and without", () => {
    const none = body({ config: { logprobs: 0 } })
    assert.isTrue(none.logprobs)
    assert.notProperty(none, "top_logprobs")
    const five = body({ config: { logprobs: 5 } })
    assert.isTrue(five.logprobs)
    assert.strictEqual(five.top_logprobs, 5)
    assert.notProperty(body({}), "logprobs")
  })

  it("who asks, labels and the tier of the service", () => {
    const config = { user: "u1", metadata: { job: "j" }, serviceTier: "flex" }
    assert.deepStrictEqual(body({ config }), {
      model: "m",
      messages: sentBase,
      stream: false,
      user: "u1",
      metadata: { job: "j" },
      service_tier: "flex"
    } as object)
  })

  it("one completion and no stop sequences are the default", () => {
    const sent = body({ config: { n: 1, stop: [] } })
    assert.notProperty(sent, "n")
    assert.notProperty(sent, "stop")
  })

  it("members that only the provider knows are added, and win", () => {
    const sent = OpenAI.toBody({ ...base, config: { seed: 1 } }, { model: "m", extraBody: { top_k: 5, seed: 2 } })
    assert.strictEqual((sent as unknown as Record<string, unknown>)["top_k"], 5)
    assert.strictEqual(sent.seed, 2)
  })

  it("is the same bytes for the same request", () => {
    const request = { config, tools: [{ name: "f", parameters: {} }], toolChoice: "auto" } as const
    assert.strictEqual(JSON.stringify(body(request)), JSON.stringify(body(structuredClone(request))))
  })
})
