/** Results of tools that are given again: of which tools, where, and what is never kept. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schema } from "effect"
import { Approval, CacheStore, ReAct, type RunEvent, Tool, ToolCache, ToolError } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { heardInto } from "../support/heard.ts"

/** A tool that counts its calls. */
const counting = (options: { readonly cache?: boolean | Tool.CacheOptions } = {}) => {
  const calls: Array<number> = []
  const tool = Tool.make("count", {
    parameters: { a: Schema.Finite, b: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))) },
    cache: options.cache ?? true
  }, ({ a, b }) => calls.push(a) * 100 + b)
  return { calls, tool }
}

const within = <A, E, R>(self: Effect.Effect<A, E, R>, options?: ToolCache.Options) =>
  Effect.provide(self, ToolCache.layer(options))

describe("a tool's result", () => {
  it.effect("is given again where the tool says so, and results are kept", () =>
    Effect.gen(function*() {
      const twice = (tool: ReturnType<typeof counting>["tool"]) =>
        Effect.all([tool({ a: 1, b: 2 }), tool({ b: 2, a: 1 }), tool({ a: 1, b: 3 })])
      const kept = counting()
      assert.deepStrictEqual(yield* within(twice(kept.tool)), [102, 102, 203])
      const unasked = counting({ cache: false })
      assert.deepStrictEqual(yield* within(twice(unasked.tool)), [102, 202, 303])
      assert.deepStrictEqual(yield* twice(kept.tool), [302, 402, 503], "nothing is provided")
    }))

  it.effect("is over in time, and of one version", () =>
    Effect.gen(function*() {
      const old = counting({ cache: { timeToLive: "1 minute" } })
      const next = counting({ cache: { version: "2" } })
      yield* within(Effect.gen(function*() {
        yield* old.tool({ a: 1, b: 1 })
        yield* TestClock.adjust("59 seconds")
        yield* old.tool({ a: 1, b: 1 })
        yield* next.tool({ a: 1, b: 1 })
        assert.deepStrictEqual([old.calls.length, next.calls.length], [1, 1])
        yield* TestClock.adjust("2 seconds")
        yield* old.tool({ a: 1, b: 1 })
        assert.strictEqual(old.calls.length, 2)
      }))
    }))

  it.effect("is told as given again, to observers and in a trajectory, and found with defaults filled in", () =>
    Effect.gen(function*() {
      const { calls, tool } = counting()
      const script = [
        ScriptedLM.toolCalls([{ name: "count", arguments: { a: 1 } }]),
        ScriptedLM.toolCalls([{ name: "count", arguments: { b: 1, a: 1 } }]),
        ScriptedLM.text("Done."),
        ScriptedLM.chat({ reasoning: "so it is", answer: "ok" })
      ]
      const events: Array<RunEvent.RunEvent> = []
      const agent = ReAct.make("question -> answer", { tools: [tool] })
      const { trajectory } = yield* within(agent({ question: "?" }).pipe(heardInto(events))).pipe(
        Effect.provide(ScriptedLM.layer(script))
      )
      assert.strictEqual(calls.length, 1)
      const ends = events.filter((event) => event._tag === "ToolEnd" && event.call.name === "count")
      assert.deepStrictEqual(ends.map((event) => event._tag === "ToolEnd" && event.givenAgain), [undefined, true])
      const told = trajectory.flatMap((step) => step.calls).filter((call) => call.tool === "count")
      assert.deepStrictEqual(told.map(({ givenAgain }) => givenAgain), [undefined, true])
      assert.strictEqual(told[0]!.observation, told[1]!.observation)
    }))

  it.effect("is written down, and found by the next process", () =>
    Effect.gen(function*() {
      const folder = mkdtempSync(join(tmpdir(), "effect-lm-tools-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
      let calls = 0
      const day = Tool.make("day", { success: Schema.Struct({ at: Schema.Date }), cache: true }, () => {
        calls++
        return { at: new Date(0) }
      })
      const store = CacheStore.files(folder)
      const first = yield* within(day({}), { store })
      assert.deepStrictEqual(yield* within(day({}), { store }), first)
      assert.strictEqual(calls, 1)
    }))

  it.effect("that is an error is not kept, and a store that is down is a miss", () =>
    Effect.gen(function*() {
      let calls = 0
      const failing = Tool.make("fail", { cache: true }, () => {
        calls++
        throw new Error("no")
      })
      const both = Effect.all([Effect.flip(failing({})), Effect.flip(failing({}))])
      for (const error of yield* within(both)) assert.instanceOf(error, ToolError)
      assert.strictEqual(calls, 2)
      const { tool } = counting()
      const down = Effect.succeed<CacheStore.CacheStore>({
        name: "down",
        get: () => Effect.fail("down"),
        set: () => Effect.fail("down"),
        remove: () => Effect.fail("down")
      })
      const results = Effect.all([tool({ a: 1, b: 1 }), tool({ a: 2, b: 1 })])
      assert.deepStrictEqual(yield* within(results, { store: down }), [101, 201])
    }))

  it.effect("is approved each time", () =>
    Effect.gen(function*() {
      let asked = 0
      let calls = 0
      const careful = Tool.make("careful", { needsApproval: true, cache: true }, () => ++calls)
      const approver = Approval.layer(() => Effect.sync(() => (asked++, Approval.approve())))
      yield* within(Effect.andThen(careful({}), careful({}))).pipe(Effect.provide(approver))
      assert.deepStrictEqual([asked, calls], [2, 1])
    }))
})

describe("equal calls at the same time", () => {
  it.effect("are one, which goes on while anybody waits for it", () =>
    Effect.gen(function*() {
      let begun = 0
      let interrupted = 0
      const gate = yield* Deferred.make<string>()
      const slow = Tool.make(
        "slow",
        { cache: true },
        () =>
          Effect.onInterrupt(
            Effect.andThen(Effect.sync(() => begun++), Deferred.await(gate)),
            () => Effect.sync(() => interrupted++)
          )
      )
      yield* within(Effect.gen(function*() {
        const alone = yield* Effect.forkChild(slow({}))
        yield* TestClock.adjust(1)
        yield* Fiber.interrupt(alone)
        assert.deepStrictEqual([begun, interrupted], [1, 1])

        const all = yield* Effect.forEach(Array.from({ length: 100 }), () => Effect.forkChild(slow({})))
        yield* TestClock.adjust(1)
        yield* Fiber.interruptAll(all.slice(0, 50))
        assert.deepStrictEqual([begun, interrupted], [2, 1])
        yield* Deferred.succeed(gate, "done")
        const results = yield* Effect.forEach(all.slice(50), Fiber.join)
        assert.deepStrictEqual([...new Set(results), results.length, begun], ["done", 50, 2])
      }))
    }))
})
