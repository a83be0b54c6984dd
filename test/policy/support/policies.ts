/** What tests of policies share: two failures, both ways to ask, and clocks that go on by themselves. */
import { Effect, Fiber, Random } from "effect"
import { type LM, LMReason, type LMRequest, LMResponse } from "effect-lm"
import type { ScriptedLM } from "effect-lm/testing"
import { TestClock } from "effect/testing"
import { asking } from "../../support/requests.ts"

/** What is asked. */
export const request = asking("Why?")

/** A failure that says to come back. */
export const busy = new LMReason.RateLimited({ description: "busy" })

/** A failure on the way. */
export const cut = new LMReason.Transport({ description: "cut" })

/** How often a model was asked. */
export const asked = (lm: ScriptedLM.ScriptedLM) => Effect.map(lm.requests, (all) => all.length)

/** Both ways to ask, each folded. */
export const ways = {
  stream: (service: LM["Service"]) => LMResponse.collect(service.stream(request)),
  generate: (service: LM["Service"]) => service.generate(request),
  /** The same for any request. */
  of: (way: "stream" | "generate") => (service: LM["Service"], asked: LMRequest.LMRequest) =>
    way === "stream" ? LMResponse.collect(service.stream(asked)) : service.generate(asked)
}

/** Runs with the clock going on by itself, and without chance. */
export const hurried = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(self)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  }).pipe(Random.withSeed("retry"))

/** For requests that go through promises: the clock is moved on until all is over. */
export const hurriedLive = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(self)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("1 minute")
    }
    return yield* Fiber.join(fiber)
  })
