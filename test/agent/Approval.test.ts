/** What somebody changes of a call before they approve it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { Approval, ReAct, Streaming, Tool } from "effect-lm"
import { ScriptedLM } from "effect-lm/testing"
import { textAt } from "../support/said.ts"
import { done, predictionIn } from "./support/agents.ts"

describe("approval", () => {
  it.effect("what it changes of a call is in the stream, in the trajectory, and told to the model", () =>
    Effect.gen(function*() {
      const send = Tool.make(
        "send",
        { parameters: { amount: Schema.Finite }, needsApproval: true },
        ({ amount }) => `sent ${amount}`
      )
      const careful = ReAct.make("question -> answer", { tools: [send] })
      const lm = yield* ScriptedLM.make([
        ScriptedLM.toolCalls([{ name: "send", arguments: { amount: 100 } }]),
        done,
        ScriptedLM.chat({ reasoning: "r", answer: "a" })
      ])
      const events = yield* Streaming.streamify(careful)({ question: "?" }).pipe(
        Stream.runCollect,
        Effect.provide([lm.layer, Approval.layer(() => Effect.succeed(Approval.approve({ amount: 5 })))])
      )
      const answered = events.flatMap((event) => event._tag === "ApprovalAnswered" ? [event] : [])
      assert.deepStrictEqual(answered.map(({ approved, inputs }) => ({ approved, inputs })), [
        { approved: true, inputs: { amount: 5 } }
      ])
      const last = predictionIn(events)
      const [call] = last.trajectory[0]!.calls
      assert.deepStrictEqual([call!.arguments, call!.changedTo], [{ amount: 100 }, { amount: 5 }])
      const told = textAt((yield* lm.requests)[1], -1)
      assert.include(told, "sent 5")
      assert.include(told, "{\"amount\":5}")
    }))
})
