/** Where status messages go, and the bridge for callers outside Effect. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, PubSub, Queue } from "effect"
import { AsyncProgram, LMError, Predict, Status, type StreamEvent } from "effect-lm"
import * as LMErrors from "effect-lm/lm/LMError"
import { ScriptedLM } from "effect-lm/testing"
import { TestConsole } from "effect/testing"

const qa = Predict.make("question -> answer")
const answer = ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })])
const asked = qa({ question: "?" }).pipe(Status.report({ lmStart: () => "Thinking...", moduleEnd: () => "" }))

describe("status sinks", () => {
  it.effect("the console's standard error", () =>
    Effect.gen(function*() {
      yield* Effect.provide(asked, [answer, Status.layerConsole])
      assert.deepStrictEqual(yield* TestConsole.errorLines, ["[Thinking...]"])
    }))

  it.effect("a queue", () =>
    Effect.gen(function*() {
      const queue = yield* Queue.unbounded<StreamEvent.StatusMessage>()
      yield* Effect.provide(asked, [answer, Status.layerQueue(queue)])
      const messages = yield* Queue.takeAll(queue)
      assert.deepStrictEqual(messages.map(({ kind, message, path }) => [kind, message, path]), [
        ["lmStart", "Thinking...", "self"]
      ])
    }))

  it.effect("a PubSub", () =>
    Effect.gen(function*() {
      const pubsub = yield* PubSub.unbounded<StreamEvent.StatusMessage>()
      const subscription = yield* PubSub.subscribe(pubsub)
      yield* Effect.provide(asked, [answer, Status.layerPubSub(pubsub)])
      assert.strictEqual((yield* PubSub.take(subscription)).message, "Thinking...")
    }))

  it.effect("nowhere by default", () =>
    Effect.gen(function*() {
      yield* Effect.provide(asked, answer)
      assert.deepStrictEqual(yield* TestConsole.errorLines, [])
    }))
})

describe("AsyncProgram", () => {
  it("answers, streams, and throws errors as they are", async () => {
    await using program = AsyncProgram.make(
      qa,
      ScriptedLM.layer([
        ScriptedLM.chat({ answer: "one" }),
        ScriptedLM.chat({ answer: "two" }),
        ScriptedLM.fail(new LMErrors.Server({ description: "it broke" }), ["[[ ## answer ## ]]\nA", "B", "C"])
      ])
    )
    assert.strictEqual((await program.acall({ question: "?" })).answer, "one")

    const tags: Array<string> = []
    for await (const event of program.stream({ question: "?" })) tags.push(event._tag)
    assert.deepStrictEqual(tags, ["StreamResponse", "Prediction"])

    const seen: Array<string> = []
    const failed = await (async () => {
      for await (const event of program.stream({ question: "?" })) {
        if (event._tag === "StreamResponse") seen.push(event.chunk)
      }
    })().then(() => undefined, (error: unknown) => error)
    assert.deepStrictEqual(seen.join(""), "ABC")
    assert.isTrue(failed instanceof LMError && failed.reason.description === "it broke")
  })
})
