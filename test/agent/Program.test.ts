/** An agent is a program like any other: predictors, interruption, many at once. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schema, Stream } from "effect"
import { type LMRequest, Module, ModuleTool, Predict, ReAct, Signature, Streaming, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"
import { agent, done } from "./support/agents.ts"

describe("an agent is a program", () => {
  it.effect("predictors can be replaced, those of tools too, and examples are shown", () =>
    Effect.gen(function*() {
      const translate = ModuleTool.make(
        Predict.make("text -> translation", { demos: [{ text: "sky", translation: "ciel" }] }),
        { name: "translate" }
      )
      const polyglot = ReAct.make("question -> answer", { tools: [translate] })
      const paths: Array<string> = []
      const shouting = Module.mapPredictors(polyglot, (predict, path) => {
        paths.push(path)
        return Predict.withInstructions(predict, `${predict.signature.instructions} SHOUT ${path}.`)
      })
      assert.deepStrictEqual(paths, ["react", "extract", "tools.translate"])
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ name: "translate", arguments: { text: "sea" } }]),
        ScriptedLM.chat({ translation: "mer" }),
        done,
        ScriptedLM.chat({ reasoning: "r", answer: "mer" })
      ])
      yield* shouting({ question: "?" }).pipe(Effect.provide(lm.layer))
      const requests = yield* lm.requests
      const said = [0, 1, 3].map((index) => JSON.stringify(requests[index]!.messages))
      assert.include(said[0]!, "SHOUT react.")
      assert.include(said[1]!, "SHOUT tools.translate.")
      assert.include(said[1]!, "ciel")
      assert.include(said[2]!, "SHOUT extract.")
    }))

  it.effect("law 3: what a tool runs is interrupted with the run, and nothing more is called", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const stopped = yield* Deferred.make<void>()
      const wait = Tool.make("wait", {}, () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(stopped, undefined))
        ))
      const waiting = ReAct.make("question -> answer", { tools: [wait] })
      const lm = yield* ScriptedLM.make([ScriptedLM.toolCalls([{ name: "wait", arguments: {} }])])
      const run = yield* Effect.forkChild(waiting({ question: "?" }).pipe(Effect.provide(lm.layer)))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(run)
      yield* Deferred.await(stopped)
      assert.lengthOf(yield* lm.requests, 1)
    }))

  it.effect("law 6: two hundred at once, with three tools each, never hear of each other", () =>
    Effect.gen(function*() {
      const tools = [1, 2, 3].map((place) =>
        Tool.make(
          `tool_${place}`,
          { parameters: { who: Schema.String } },
          ({ who }) => Effect.as(Effect.repeat(Effect.yieldNow, { times: place * 3 }), `${who}/${place}`)
        )
      )
      const many = Streaming.streamify(ReAct.make("who -> answer", { tools }))
      const whoOf = (request: LMRequest.LMRequest) => /agent-\d+/.exec(textAt(request, 1))![0]
      const layer = ScriptedLM.layer((request) => {
        const who = whoOf(request)
        return request.toolChoice === "none"
          ? ScriptedLM.chat({ reasoning: who, answer: who }, { tokens: true })
          : request.messages.some(({ role }) => role === "tool")
          ? ScriptedLM.text(`${who} knows`, { tokens: true })
          : ScriptedLM.toolCalls(tools.map(({ name }) => ({ name, arguments: { who } })), { text: who, tokens: true })
      })
      const agents = Array.from({ length: 200 }, (_, index) => `agent-${index}`)
      const runs = yield* Effect.forEach(
        agents,
        (who) => Effect.map(Stream.runCollect(many({ who })), (events) => ({ who, events })),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(layer))
      const places = (
        { events }: (typeof runs)[number]
      ) => [...new Set(events.flatMap((event) => "callId" in event ? [event.callId] : []))]
      for (const { events, who } of runs) {
        const said = events.map((event) => event._tag === "StreamResponse" ? event.chunk : "").join("")
        assert.strictEqual(said, `${who}${who} knows${who}${who}`)
        const results = events.flatMap((event) => event._tag === "ToolEnd" ? [event.outcome] : [])
        assert.deepStrictEqual(results, [1, 2, 3].map((place) => ({ _tag: "Success", value: `${who}/${place}` })))
        const ends = events.filter((event) => event._tag === "ToolEnd")
        assert.deepStrictEqual(ends.map(({ callId }) => callId), [1, 2, 3].map((place) => `self@1>tool_${place}`))
      }
      // What a run calls its calls has nothing of the others.
      for (const run of runs) assert.deepStrictEqual(places(run), places(runs[0]!))
      assert.isAtLeast(places(runs[0]!).length, 6)
    }))

  it("its signature is its own, and its types are those of its tools", () => {
    assert.strictEqual(String(agent.signature), "question -> answer")
    assert.isTrue(Signature.isSignature(agent.signatures.react))
    assert.deepStrictEqual(Object.keys(agent.signatures), ["react", "extract"])
  })
})
