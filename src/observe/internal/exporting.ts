/**
 * Effect's OTLP exporters, and a word where they lose something: they drop a batch that could not be sent, and are then silent for
 * a minute, which they say at debug level alone.
 */
import * as Cause from "effect/Cause"
import { Clock } from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Otlp from "effect/observability/Otlp"
import type { Flusher } from "effect/observability/OtlpExporter"
import * as References from "effect/References"
import { errorType } from "./withheld.ts"

/** What Effect's exporters take. */
export type Options = Parameters<typeof Otlp.layerJson>[0]

/** The exporters of spans, metrics and logs, loaded when they are used. */
export const exporters = (options: Options): Layer.Layer<Flusher, never, HttpClient.HttpClient> =>
  Layer.effectContext(Effect.gen(function*() {
    const { layerJson } = yield* Effect.promise(() => import("effect/observability/Otlp"))
    const outside = yield* Effect.context<never>()
    const loggers = yield* References.CurrentLoggers
    const built = yield* Layer.build(layerJson({ ...options, loggerMergeWithExisting: false })).pipe(
      // The exporters say nothing to the program's loggers, and what they say at debug level is heard.
      Effect.provideService(References.CurrentLoggers, new Set([listening(options.baseUrl, outside)])),
      Effect.provideService(References.MinimumLogLevel, "Debug")
    )
    return Context.add(
      built,
      References.CurrentLoggers,
      new Set([...loggers, ...Context.get(built, References.CurrentLoggers)])
    )
  }))

// Details

const minute = 60_000

/** The logger of the exporters themselves: a log with a cause is of a batch that was dropped. */
const listening = (baseUrl: string, outside: Context.Context<never>): Logger.Logger<unknown, void> => {
  const clock = Context.get(outside, Clock)
  const where = URL.canParse(baseUrl) ? new URL(baseUrl).origin : baseUrl
  let last = -Infinity
  return Logger.make(({ cause }) => {
    const now = clock.currentTimeMillisUnsafe()
    if (cause.reasons.length === 0 || now - last < minute) return
    last = now
    Effect.runForkWith(outside)(
      Effect.logWarning(
        `telemetry could not be sent to ${where} (${
          reasonOf(Cause.squash(cause))
        }): what was gathered is lost, and nothing is ` +
          "sent for a minute; see whether the collector is up, and takes OTLP over HTTP there"
      )
    )
  })
}

/** The status of the answer, or why there was none. Messages of HTTP clients have the whole address, which may hold a secret. */
const reasonOf = (error: unknown): string => {
  const { reason } = error as { readonly reason?: { readonly response?: { readonly status?: number } } }
  const status = reason?.response?.status
  return status === undefined ? errorType(error) : `status ${status}`
}
