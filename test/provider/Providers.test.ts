import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Providers from "effect-lm/provider/Providers"

const parse = (name: string) => {
  const { model, provider } = Result.getOrThrow(Providers.parse(name))
  return [provider.name, model]
}

const problem = (name: string) => {
  const error = Result.getOrThrow(Result.flip(Providers.parse(name)))
  assert.strictEqual(error.reason._tag, "UnsupportedModel")
  assert.strictEqual(error.model, name)
  return error.reason.description
}

describe("Providers", () => {
  it("parse reads provider/model; the model may hold slashes and colons", () => {
    assert.deepStrictEqual(parse("openai/gpt-4o-mini"), ["openai", "gpt-4o-mini"])
    assert.deepStrictEqual(parse("openrouter/meta-llama/llama-3.3-70b:free"), [
      "openrouter",
      "meta-llama/llama-3.3-70b:free"
    ])
    assert.deepStrictEqual(parse("ollama/llama3.2:1b"), ["ollama", "llama3.2:1b"])
  })

  it("parse knows other spellings", () => {
    assert.deepStrictEqual(parse("Groq/x"), ["groq", "x"])
    assert.deepStrictEqual(parse(" groq/x\n"), ["groq", "x"])
    assert.deepStrictEqual(parse("together_ai/x"), ["together", "x"])
    assert.deepStrictEqual(parse("llamacpp/x"), ["llama-server", "x"])
    assert.deepStrictEqual(parse("lm_studio/x"), ["lmstudio", "x"])
  })

  it("parse says what is wrong, and which providers there are", () => {
    for (const name of ["nope/x", "gpt-4o", "openai/", "/x", "", "constructor/x", "__proto__/x"]) {
      for (const { name: provider } of Providers.all) assert.include(problem(name), provider)
    }
    assert.include(problem("nope/x"), "\"nope\"")
    assert.include(problem("gpt-4o"), "openai/gpt-4o")
  })

  it("resolve: one meaning of a name, wherever it is written", () => {
    const openrouter = "https://openrouter.ai/api/v1"
    const own = "http://127.0.0.1:9/v1"
    const rows: ReadonlyArray<readonly [name: string, baseUrl: string | undefined, provider: string, model: string]> = [
      ["gpt-4o-mini", undefined, "openai", "gpt-4o-mini"],
      ["openai/gpt-4o-mini", undefined, "openai", "gpt-4o-mini"],
      ["groq/openai/gpt-oss-20b", undefined, "groq", "openai/gpt-oss-20b"],
      ["meta-llama/x", undefined, "openai", "meta-llama/x"],
      ["openai/", undefined, "openai", "openai/"],
      ["openai/gpt-4o-mini", openrouter, "openrouter", "openai/gpt-4o-mini"],
      ["deepseek/deepseek-chat", openrouter, "openrouter", "deepseek/deepseek-chat"],
      ["openrouter/meta-llama/x", openrouter, "openrouter", "meta-llama/x"],
      ["openai/gpt-oss-20b", "http://localhost:8000/v1", "vllm", "openai/gpt-oss-20b"],
      ["openai/gpt-4o-mini", "https://api.openai.com/v1", "openai", "gpt-4o-mini"],
      ["openai/a", own, "127.0.0.1:9", "a"],
      ["vllm/org/a", own, "vllm", "org/a"],
      ["google/gemma-3", own, "127.0.0.1:9", "google/gemma-3"],
      ["meta-llama/x", own, "127.0.0.1:9", "meta-llama/x"],
      ["a", own, "127.0.0.1:9", "a"]
    ]
    for (const [name, baseUrl, provider, model] of rows) {
      const resolved = Providers.resolve(name, baseUrl)
      assert.deepStrictEqual([resolved.provider.name, resolved.model], [provider, model], `${name} at ${baseUrl}`)
      if (baseUrl !== undefined) assert.strictEqual(resolved.provider.prefix, "OPENAI")
    }
  })

  it("names, aliases and addresses are unambiguous", () => {
    const names = Providers.all.flatMap(({ aliases, name }) => [name, ...aliases])
    assert.strictEqual(new Set(names).size, names.length)
    for (const { baseUrl, prefix } of Providers.all) {
      assert.isTrue(URL.canParse(baseUrl))
      assert.match(prefix, /^[A-Z_]+$/)
    }
  })

  it("fromUrl knows the table's addresses, and names any other after its host", () => {
    assert.strictEqual(Providers.fromUrl("https://api.groq.com/openai/v1/").name, "groq")
    assert.strictEqual(Providers.fromUrl("http://127.0.0.1:11434/v1").name, "ollama")
    const other = Providers.fromUrl("https://llm.example.com:8443/v1")
    assert.strictEqual(other.name, "llm.example.com:8443")
    assert.isTrue(other.keyless)
  })
})
