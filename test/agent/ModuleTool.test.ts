/** A program as a tool: what an agent may leave out of its inputs. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Module, ModuleTool, ReAct, Signature } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"

it.effect("an input with a default may be left out by an agent, which is told so", () =>
  Effect.gen(function*() {
    const given: Array<unknown> = []
    const search = Module.make("Search", {}, () => (input: { readonly q: string; readonly k?: number }) => {
      given.push(input)
      return Effect.succeed({ found: "Paris" })
    }).pipe(Module.withSignature(Signature.make("q, k: int = 3, note?: str -> found")))
    const tool = ModuleTool.make(search, { name: "search" })
    const agent = ReAct.make("question -> answer", { tools: [tool] })
    const lm = yield* ScriptedLM.make([
      ScriptedLM.toolCalls([{ name: "search", arguments: { q: "capital" } }]),
      ScriptedLM.text("I know it."),
      ScriptedLM.chat({ reasoning: "so it is", answer: "Paris" })
    ])
    const { answer } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
    assert.strictEqual(answer, "Paris")
    assert.deepStrictEqual(given, [{ q: "capital", k: 3 }])
  }))
