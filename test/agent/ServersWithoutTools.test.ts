/** An agent whose model turns out to have no tools writes its calls as text. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ReAct } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import * as OpenAI from "effect-lm/provider/OpenAI"
import { ScriptedLM } from "effect-lm/testing"
import { add, agent, answer, finish, shape, textOf, turn } from "./support/agents.ts"

describe("a model without tools", () => {
  it.effect("auto takes the text protocol where the model turns out to have no tools", () =>
    Effect.gen(function*() {
      const refused = new LMErrors.NotSupported({
        feature: "tools",
        description: "registry/llama does not support tools"
      })
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(refused), turn("add", { a: 1, b: 2 }), finish, answer])
      const { trajectory } = yield* agent({ question: "?" }).pipe(Effect.provide(lm.layer))
      assert.deepStrictEqual(shape(trajectory)[0], [{ tool: "add", observation: "3", isFailure: false }])

      const native = ReAct.make("question -> answer", { tools: [add], toolCalls: "native" })
      const error = yield* native({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(refused)]))
      )
      assert.strictEqual(error._tag, "LMError")
    }))

  it.effect("auto remembers that, and takes other refusals as the errors that they are", () =>
    Effect.gen(function*() {
      const unsupported = new LMErrors.NotSupported({
        feature: "tools",
        description: "tools param requires --jinja flag"
      })
      const one = [turn("add", { a: 1, b: 2 }), finish, answer]
      const lm = yield* ScriptedLM.make([ScriptedLM.fail(unsupported), ...one, ...one])
      yield* agent({ question: "?" }).pipe(Effect.andThen(agent({ question: "?" })), Effect.provide(lm.layer))
      assert.deepStrictEqual((yield* lm.requests).map(({ tools }) => tools !== undefined), [
        true,
        ...Array.from({ length: 6 }, () => false)
      ])
      yield* lm.assertComplete

      const schema = new LMErrors.InvalidRequest({
        description: "Invalid schema for function 'add': 'oneOf' is not supported"
      })
      const error = yield* agent({ question: "?" }).pipe(
        Effect.flip,
        Effect.provide(ScriptedLM.layer([ScriptedLM.fail(schema)]))
      )
      assert.include(error.message, "Invalid schema")
    }))

  it.effect("auto takes the text protocol however the server says that it has no tools", () =>
    Effect.gen(function*() {
      const said = [
        [500, "tools param requires --jinja flag"],
        [400, "tools param requires --jinja flag"],
        [400, "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"],
        [404, "No endpoints found that support tool use"],
        [400, "Function calling is not enabled for this model"],
        [400, "Unrecognized request argument supplied: tools"],
        [500, "This model's chat template can't handle tools"],
        [400, "Cannot use tools with stream"],
        [400, "Failed to initialize samplers: failed to parse grammar"]
      ] as const
      for (const [status, message] of said) {
        const texts = [finish, answer].map(textOf)
        let refused = 0
        const model = OpenAI.layer({
          model: "m",
          baseUrl: "http://127.0.0.1/v1",
          fetch: (_, init) => {
            const hasTools = "tools" in JSON.parse(String(init?.body))
            if (hasTools) refused++
            return Promise.resolve(
              hasTools
                ? Response.json({ error: { message } }, { status })
                : Response.json({ choices: [{ message: { content: texts.shift() }, finish_reason: "stop" }] })
            )
          }
        })
        yield* agent({ question: "?" }).pipe(Effect.provide(model))
        assert.deepStrictEqual([refused, texts], [1, []], message)
      }
    }))
})
