/** Status messages: the hooks, and who is told. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { Module, Predict, Status, Streaming, Tool, Watched } from "effect-lm"
import { CollectingSink, ScriptedLM } from "effect-lm/testing"
import type { Event } from "./support/events.ts"

const qa = Predict.make("question -> answer")

describe("status messages", () => {
  const provider: Status.StatusMessageProvider = {
    moduleStart: (module, inputs) => `start ${module.path} ${module.name} ${Object.keys(inputs).join()}`,
    moduleEnd: (module, outputs) => `end ${module.path} ${Object.keys(outputs).join()}`,
    lmStart: (lm, inputs) => `ask ${lm.path} ${Array.isArray(inputs["messages"])}`,
    lmEnd: (lm, outputs) => `told ${lm.path} ${Array.isArray(outputs["completions"])}`,
    toolStart: (tool, inputs) => `use ${tool.name} ${JSON.stringify(inputs)}`,
    toolEnd: (tool, outputs) => `used ${tool.name} ${JSON.stringify(outputs)}`
  }
  const program = Module.make("Research", { qa }, ({ qa }) => (input: { readonly question: string }) =>
    Effect.flatMap(
      Watched.tool("search", { query: "tides" }, Effect.succeed("found")),
      () => qa(input)
    ))
  const said = (events: ReadonlyArray<Event>) =>
    events.flatMap((event) => event._tag === "StatusMessage" ? [event.message] : [])

  it.effect("all six hooks get the instance and the inputs or outputs, in order", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(program, { statusMessageProvider: provider })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))
      )
      assert.deepStrictEqual(said(events), [
        "start self Research question",
        "use search {\"query\":\"tides\"}",
        "used search {\"result\":\"found\"}",
        "start qa Predict question",
        "ask qa true",
        "told qa true",
        "end qa answer",
        "end self answer"
      ])
    }))

  it.effect("a provider may be an instance of a class, whose hooks are called on it", () =>
    Effect.gen(function*() {
      class Provider {
        count = 0
        lmStart() {
          return `request ${++this.count}`
        }
      }
      class Loud extends Provider {
        override lmStart() {
          return super.lmStart().toUpperCase()
        }
        lmEnd() {
          return `answer ${this.count}`
        }
      }
      const provider = new Loud()
      const events = yield* Streaming.streamify(qa, { statusMessageProvider: provider })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))
      )
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "StatusMessage" ? [event.message] : []),
        ["REQUEST 1", "answer 1"]
      )
      const sink = yield* CollectingSink.make
      yield* Effect.provide(Status.report(provider)(qa({ question: "?" })), [
        ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]),
        sink.layer
      ])
      assert.deepStrictEqual((yield* sink.messages).map(({ message }) => message), ["REQUEST 2", "answer 2"])
    }))

  it.effect("without a provider tool calls are reported", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(program)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]))
      )
      assert.deepStrictEqual(said(events), ["Calling search...", "search is done"])
    }))

  it.effect("a tool call that failed is said to have, whatever it gives when it does not", () =>
    Effect.gen(function*() {
      const search = Tool.make("search", { parameters: { query: Schema.String } }, ({ query }) => {
        if (query === "") throw new Error("nothing to look for")
        return { error: "no result" }
      })
      const twice = Module.make(
        "Twice",
        {},
        () => () => Effect.andThen(Effect.exit(search({ query: "" })), search({ query: "a" }))
      )
      const events = yield* Stream.runCollect(Streaming.streamify(twice)({}))
      assert.deepStrictEqual(said(events), [
        "Calling search...",
        "search has failed",
        "Calling search...",
        "search is done"
      ])
    }))

  it.effect("a hook or a sink that throws or dies does not touch the run", () =>
    Effect.gen(function*() {
      const events = yield* Streaming.streamify(program, {
        statusMessageProvider: {
          ...provider,
          moduleStart: () => {
            throw new Error("hook")
          }
        }
      })({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]), Status.layer(() => Effect.die("sink"))])
      )
      assert.strictEqual(said(events).length, 6)
      assert.strictEqual((events.at(-1) as { readonly answer?: string }).answer, "Yes")
    }))

  it.effect("a sink receives what the stream shows, and reports programs that are not streamed", () =>
    Effect.gen(function*() {
      const sink = yield* CollectingSink.make
      yield* Streaming.streamify(program, { statusMessageProvider: provider })({ question: "?" }).pipe(
        Stream.runDrain,
        Effect.provide([ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]), sink.layer])
      )
      const streamed = (yield* sink.messages).length
      yield* program({ question: "?" }).pipe(
        Status.report(provider),
        Effect.provide([ScriptedLM.layer([ScriptedLM.chat({ answer: "Yes" })]), sink.layer])
      )
      assert.strictEqual(streamed, 8)
      assert.strictEqual((yield* sink.messages).length, 16)
    }))

  it.effect("twenty predictors side by side with all hooks end, ordered within each call", () =>
    Effect.gen(function*() {
      const fan = Module.make("Fan", { qa }, ({ qa }) => () =>
        Effect.map(
          Effect.forEach(Array.from({ length: 20 }, (_, n) => n), (n) => qa({ question: String(n) }), {
            concurrency: "unbounded"
          }),
          (all) => ({ answers: all.map(({ answer }) => answer) })
        ))
      const events = yield* Streaming.streamify(fan, { statusMessageProvider: provider, bufferSize: 1 })({}).pipe(
        Stream.runCollect,
        Effect.provide(ScriptedLM.layer(() => ScriptedLM.chat({ answer: "Yes" })))
      )
      const byCall = new Map<string, Array<string>>()
      for (const event of events) {
        if (event._tag === "StatusMessage" && event.kind.startsWith("module") && event.path === "qa") {
          byCall.set(event.callId, [...(byCall.get(event.callId) ?? []), event.kind])
        }
      }
      assert.strictEqual(byCall.size, 20)
      for (const kinds of byCall.values()) assert.deepStrictEqual(kinds, ["moduleStart", "moduleEnd"])
      for (const kind of ["moduleStart", "moduleEnd", "lmStart", "lmEnd"]) {
        const count = events.filter((event) => event._tag === "StatusMessage" && event.kind === kind).length
        assert.strictEqual(count, kind.startsWith("lm") ? 20 : 21)
      }
    }))
})
