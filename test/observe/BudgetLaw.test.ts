/**
 * Whatever runs at the same time, and however it ends, no budget is exceeded in calls, an inner one within an outer one; and what
 * a budget says was used is what an account says.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema, Stream } from "effect"
import { Account, Budget, LM, LMError, LMReason, Predict, Streaming, Usage } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"

const upTo = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum })))

const Call = Schema.Struct({
  end: Schema.Literals(["answer", "fail", "refuse", "hang"]),
  tokens: upTo(50),
  delay: upTo(5),
  streams: Schema.Boolean
})
type Call = typeof Call.Type

/** Calls of one inner budget. */
const Group = Schema.Struct({
  calls: Schema.Array(Call).pipe(Schema.check(Schema.isBetweenLength(1, 6))),
  limit: upTo(5)
})

const qa = Predict.make("question -> answer")

const replyTo = ({ delay, end, tokens }: Call): ScriptedLM.Reply => {
  const usage = { ...Usage.empty, inputTokens: tokens, outputTokens: 1, calls: 1 }
  switch (end) {
    case "answer":
      return ScriptedLM.chat({ answer: "yes" }, { usage, delay })
    case "fail": {
      const reason = new LMReason.Server({ description: "broken" })
      return ScriptedLM.fail(new LMError({ model: "m", reason, usage }), [], { delay })
    }
    case "refuse":
      return ScriptedLM.fail(new LMReason.RateLimited({ description: "no" }), [], { delay })
    case "hang":
      return ScriptedLM.hang(["x".repeat(4 * tokens)], { delay })
  }
}

const isRefused = (error: unknown) => error instanceof LMError && error.reason._tag === "OverBudget"

describe("a budget over random calls", () => {
  it.effect.prop(
    "is exceeded by none",
    { groups: Schema.Array(Group).pipe(Schema.check(Schema.isBetweenLength(1, 4))), outer: upTo(12), wide: upTo(4) },
    ({ groups, outer, wide }) =>
      Effect.gen(function*() {
        const sent = groups.map(() => 0)
        const { service } = yield* ScriptedLM.make((request) => {
          const [, group, call] = /call (\d+) (\d+)/.exec(JSON.stringify(request.messages))!
          sent[Number(group)]!++
          return replyTo(groups[Number(group)]!.calls[Number(call)]!)
        }, { model: "m" })
        const ask = (call: Call, group: number, at: number) => {
          const input = { question: `call ${group} ${at}` }
          const run: Effect.Effect<unknown, unknown, LM> = call.streams
            ? Stream.runDrain(Streaming.streamify(qa)(input))
            : qa(input)
          // Who is refused, is refused at once.
          return Effect.as(run, "answered").pipe(
            Effect.catch((error) => Effect.succeed(isRefused(error) ? "refused" : "failed")),
            Effect.timeoutOption("1 hour")
          )
        }
        const budget = yield* Budget.make({ calls: outer })
        const account = yield* Account.make()
        const fiber = yield* Effect.forEach(groups, ({ calls, limit }, group) =>
          Effect.forEach(calls, (call, at) =>
            ask(call, group, at), { concurrency: wide }).pipe(
              Budget.within({ calls: limit })
            ), { concurrency: "unbounded" }).pipe(
            budget.within,
            account.count,
            Effect.provide(Layer.succeed(LM, service)),
            Effect.forkChild
          )
        yield* TestClock.adjust("20 hours")
        yield* Fiber.join(fiber)

        const all = sent.reduce((sum, count) =>
          sum + count, 0)
        const possible = groups.map(({ calls, limit }) =>
          Math.min(calls.length, limit)
        )
        for (const [group, count] of sent.entries()) assert.isAtMost(count, possible[group]!)
        // No room is lost either: what was possible was sent.
        assert.strictEqual(all, Math.min(outer, possible.reduce((sum, count) => sum + count, 0)))
        const { calls, tokens } = yield* budget.used
        const { usage } = (yield* account.report).total
        assert.deepStrictEqual([calls, usage.calls], [all, all])
        assert.strictEqual(tokens, usage.inputTokens + usage.outputTokens)
      }),
    { arbitrary: { runs: 100, size: 6, seed: 1 }, timeout: 60_000 }
  )
})
