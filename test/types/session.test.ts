/** Types of sessions: their inputs lack the history, the rest is the program's. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { History, type LM, Predict, Session, Streaming, StreamListener } from "effect-lm"
import { type Equal, same } from "./support/equal.ts"

describe("a session", () => {
  const program = Predict.make("text, limit?: int, log: History -> score: float")

  it.effect("has the types of its program, without the history", () =>
    Effect.gen(function*() {
      const chat = yield* Session.make(program)
      same<
        Equal<
          typeof chat,
          Session.Session<
            { readonly text: string; readonly limit?: number },
            { readonly score: number },
            Predict.PredictError,
            LM,
            { readonly self: (typeof program)["signature"] }
          >
        >
      >()
      // @ts-expect-error the session fills in the history
      void (() => chat({ text: "?", log: History.empty }))
      // @ts-expect-error an input of another type
      void (() => chat({ text: 1 }))
      // @ts-expect-error a field that no predictor has
      void (() => Streaming.streamify(chat, { streamListeners: [StreamListener.make({ signatureFieldName: "x" })] }))
    }))

  it.effect("fails of what its rule fails of", () =>
    Effect.gen(function*() {
      const keep = (history: History.History) => Effect.fail("no" as const).pipe(Effect.as(history))
      const chat = yield* Session.make(program, { keep })
      const call: Effect.Effect<unknown, Predict.PredictError | "no", LM> = chat({ text: "?" })
      // @ts-expect-error it may fail of what the function fails of
      const narrower: Effect.Effect<unknown, Predict.PredictError, LM> = call
      assert.strictEqual(call, narrower)
    }))
})
