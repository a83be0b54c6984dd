/** A model that takes note of when a server sees each request, and what its limits owe to that. */
import { assert } from "@effect/vitest"
import { Clock, Effect, Stream } from "effect"
import type { LM, LMError, LMEvent, LMRequest } from "effect-lm"
import { LMResponse } from "effect-lm"
import { user } from "effect-lm/lm/LMRequest"

/** What a server has seen: which request, when, in milliseconds. */
export interface Seen {
  readonly text: string
  readonly at: number
}

/** How a server answers a request: after how many milliseconds it sees it, after how many more it answers, and what. */
export interface Answering {
  readonly transit?: number
  readonly takes?: number
  readonly events?: ReadonlyArray<LMEvent.LMEvent>
  readonly error?: LMError
}

const whole: ReadonlyArray<LMEvent.LMEvent> = [
  { _tag: "TextDelta", index: 0, text: "yes" },
  { _tag: "Finish", index: 0, reason: "stop" }
]

/** The model, and what its server has seen. */
export const make = (answering: (request: LMRequest.LMRequest, call: number) => Answering = () => ({})) => {
  const seen: Array<Seen> = []
  let underWay = 0
  let most = 0
  let calls = 0
  const stream = (request: LMRequest.LMRequest): Stream.Stream<LMEvent.LMEvent, LMError> =>
    Stream.unwrap(Effect.gen(function*() {
      const { error, events = whole, takes = 0, transit = 0 } = answering(request, calls++)
      most = Math.max(most, ++underWay)
      yield* Effect.addFinalizer(() => Effect.sync(() => underWay--))
      if (transit > 0) yield* Effect.sleep(transit)
      seen.push({ text: textOf(request), at: yield* Clock.currentTimeMillis })
      if (takes > 0) yield* Effect.sleep(takes)
      return error === undefined ? Stream.fromIterable(events) : Stream.fail(error)
    }))
  const service: LM["Service"] = {
    model: "timed/test",
    capabilities: { tools: true },
    stream,
    generate: (request) => LMResponse.collect(stream(request))
  }
  return { service, seen, underWay: () => underWay, most: () => most }
}

const textOf = ({ messages: [message] }: LMRequest.LMRequest): string => {
  const [part] = message!.content
  return part?._tag === "Text" ? part.text : ""
}

/** A request that says this. */
export const request = (text: string, config: LMRequest.GenerationConfig = {}): LMRequest.LMRequest => ({
  messages: [user(text)],
  config,
  responseFormat: { _tag: "Text" }
})

/** In no minute were there more than so many. */
export const assertWindows = (seen: ReadonlyArray<{ readonly at: number }>, most: number): void => {
  const times = seen.map(({ at }) => at).toSorted((a, b) => a - b)
  for (let at = most; at < times.length; at++) {
    assert.isAtLeast(times[at]! - times[at - most]!, 60_000, `requests ${at - most} and ${at}, of ${most} a minute`)
  }
}
