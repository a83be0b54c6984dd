/**
 * Answers that a service interrupts on its side, to go on with them when they are sent back: one answer, of several requests.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { LMError } from "../../lm/LMError.ts"
import type { LMEvent } from "../../lm/LMEvent.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import * as LMResponse from "../../lm/LMResponse.ts"
import * as Usage from "../../lm/Usage.ts"
import type { Protocol } from "../Protocol.ts"

/** How one request is sent. */
interface Asking {
  readonly stream: (request: LMRequest) => Stream.Stream<LMEvent, LMError>
  readonly generate: (request: LMRequest) => Effect.Effect<LMResponse.LMResponse, LMError>
}

/** Asks as often as the protocol goes on. */
export const of = (goOn: Protocol["goOn"], asking: Asking): Asking =>
  goOn === undefined ? asking : {
    stream: (request) => stream(goOn, asking, request, undefined, 1),
    generate: (request) => generate(goOn, asking, request, 1)
  }

type GoOn = NonNullable<Protocol["goOn"]>

/** An answer that is interrupted more often than this ends where it is. */
const mostTimes = 20

/** `used` is what was used before. */
const stream = (
  goOn: GoOn,
  asking: Asking,
  request: LMRequest,
  used: Usage.Usage | undefined,
  times: number
): Stream.Stream<LMEvent, LMError> =>
  Stream.suspend(() => {
    const response = LMResponse.builder()
    /** What says how it ended: it counts only where nothing follows. */
    let ends: ReadonlyArray<LMEvent> = []
    const kept = (event: LMEvent): ReadonlyArray<LMEvent> =>
      event._tag === "Finish" ? [] : event._tag === "Usage" ? [withUsage(event, used)] : [event]
    const told = Stream.transformPull(asking.stream(request), (pull) => {
      const next: typeof pull = Effect.flatMap(pull, (events) => {
        response.push(events)
        ends = [...ends, ...events.filter(({ _tag }) => _tag === "Finish")]
        const rest = events.flatMap(kept)
        return Arr.isReadonlyArrayNonEmpty(rest) ? Effect.succeed(rest) : next
      })
      return Effect.succeed(next)
    })
    const following = Stream.suspend(() => {
      const soFar = response.result()
      const next = times < mostTimes ? goOn(request, soFar) : undefined
      return next === undefined
        ? Stream.fromIterable(ends)
        : stream(goOn, asking, next, sum(used, soFar.usage), times + 1)
    })
    return Stream.concat(told, following)
  })

const generate = (
  goOn: GoOn,
  asking: Asking,
  request: LMRequest,
  times: number
): Effect.Effect<LMResponse.LMResponse, LMError> =>
  Effect.flatMap(asking.generate(request), (response) => {
    const next = times < mostTimes ? goOn(request, response) : undefined
    return next === undefined
      ? Effect.succeed(response)
      : Effect.map(generate(goOn, asking, next, times + 1), (rest) => joined(response, rest))
  })

const joined = (first: LMResponse.LMResponse, rest: LMResponse.LMResponse): LMResponse.LMResponse => {
  const usage = sum(first.usage, rest.usage)
  return {
    ...rest,
    completions: rest.completions.map((completion) => ({
      ...completion,
      content: [
        ...first.completions.filter(({ index }) => index === completion.index).flatMap(({ content }) => content),
        ...completion.content
      ]
    })),
    ...(usage === undefined ? {} : { usage })
  }
}

const withUsage = (event: Extract<LMEvent, { readonly _tag: "Usage" }>, used: Usage.Usage | undefined): LMEvent =>
  used === undefined ? event : { ...event, usage: Usage.add(used, event.usage) }

const sum = (self: Usage.Usage | undefined, that: Usage.Usage | undefined): Usage.Usage | undefined =>
  self === undefined ? that : that === undefined ? self : Usage.add(self, that)
