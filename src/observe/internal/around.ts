/**
 * What is put around a call: its span, and at its end its metrics and its line in the log.
 */
import { Clock } from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { MinimumLogLevel } from "effect/References"
import * as Tracer from "effect/Tracer"
import type { Start } from "../../run/Observer.ts"
import * as Metrics from "./metrics.ts"
import { Attribute } from "./names.ts"
import * as Spans from "./spans.ts"
import { errorTypeOf, withheld } from "./withheld.ts"

/** Puts a span around a call. `recordsContent` says whether prompts and replies are on it. */
export const around = <A, E, R>(
  start: Start,
  self: Effect.Effect<A, E, R>,
  recordsContent: boolean
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock)
    const begun = clock.currentTimeMillisUnsafe()
    const { attributes, content, kind, name } = Spans.beginning(start)
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.makeSpan(name, { kind }), (span) => {
        set(span, attributes)
        if (recordsContent) set(span, content)
        return Effect.onExit(
          restore(Effect.provideService(self, Tracer.ParentSpan, span)),
          (exit) => {
            const over = overOf(start, attributes, exit, clock.currentTimeMillisUnsafe() - begun)
            set(span, () => ({
              ...(Exit.isSuccess(exit) ? Spans.ending(start, exit.value) : {}),
              ...(start._tag === "LMStart" ? Spans.metered(start.meter) : {}),
              [Attribute.errorType]: over.errorType
            }))
            if (recordsContent && Exit.isSuccess(exit)) set(span, () => Spans.content(start, exit.value))
            return Effect.andThen(Metrics.record(over), logged(over)).pipe(
              Effect.provideService(Tracer.ParentSpan, span),
              Effect.ensuring(
                Effect.sync(() => span.end(clock.currentTimeNanosUnsafe(), recordsContent ? exit : withheld(exit)))
              )
            )
          }
        )
      })
    )
  })

// Details

/** Sets attributes where the span is recorded: exporters would write `undefined` as a text. */
const set = (span: Tracer.Span, given: Spans.Attributes | (() => Spans.Attributes)): void => {
  if (!span.sampled) return
  for (const [name, value] of Object.entries(typeof given === "function" ? given() : given)) {
    if (value !== undefined) span.attribute(name, value)
  }
}

const overOf = (
  start: Start,
  attributes: Spans.Attributes,
  exit: Exit.Exit<unknown, unknown>,
  millis: number
): Metrics.Over => {
  const model = Exit.isSuccess(exit) ? Spans.ending(start, exit.value)[Attribute.responseModel] : undefined
  return {
    start,
    attributes,
    millis,
    errorType: errorTypeOf(exit),
    responseModel: model === undefined ? undefined : String(model)
  }
}

/** One line for a call that is over, with its place, where somebody reads such lines. */
const logged = ({ attributes, errorType, millis, start }: Metrics.Over): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const level = fiber.getRef(MinimumLogLevel)
    if (level !== "Debug" && level !== "Trace" && level !== "All") return Effect.void
    const what = start._tag === "LMStart" ? "model call" : start._tag === "ToolStart" ? "tool call" : "module"
    const how = errorType === undefined ? "is over" : `has failed (${errorType})`
    return Effect.annotateLogs(Effect.logDebug(`${what} ${start.call.name} ${how} after ${millis} ms`), {
      [Attribute.path]: attributes[Attribute.path],
      [Attribute.place]: attributes[Attribute.place]
    })
  })
