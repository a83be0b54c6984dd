import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Providers from "effect-lm/lm/Providers"

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
