/**
 * Spans, metrics and debug logs of what programs do, through Effect's own tracer, registry and loggers.
 *
 * There is a span for each module, agent, model call and tool call, below the span of what called it. Names are those of the
 * OpenTelemetry conventions for generative AI. Prompts, replies, and what tools are given and give are recorded only where
 * `content` is true; without it the messages of errors are not recorded either, but for those of language models. Without this
 * layer nothing is built.
 *
 * @example
 * program(input).pipe(Effect.provide(Telemetry.layer()))
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { Flusher } from "effect/observability/OtlpExporter"
import { type Observer, Observers } from "../run/Observer.ts"
import * as Kinds from "../text/kinds.ts"
import { given, type Names, onlyKnown } from "../text/options.ts"
import { around } from "./internal/around.ts"
import type { EffectOrStream } from "./internal/effectOrStream.ts"
import { exporters } from "./internal/exporting.ts"
import { fieldTimes } from "./internal/fieldTimes.ts"
import { running, withReference } from "./internal/scoped.ts"

// Models

/** What is recorded. */
export interface Options {
  /** Whether prompts, replies, and what tools are given and give are on the spans; false by default. */
  readonly content?: boolean | undefined
}

/** Where telemetry goes, and how often. */
export interface OtlpOptions extends Options {
  /** Where the collector is: `http://localhost:4318`, without `/v1/traces`. */
  readonly url: string
  /** What the service is called; `effect-lm` by default. */
  readonly serviceName?: string | undefined
  readonly serviceVersion?: string | undefined
  /** More of what is known of the service, as `deployment.environment.name`. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
  /** Headers of each request, such as a key of the collector's. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How often it is sent; for each of spans, metrics and logs Effect has an own default, of 1 to 10 seconds. */
  readonly interval?: Duration.Input | undefined
}

// Constructors

/** The observer that makes spans, metrics and logs: for who puts observers together by hand. */
export const observer = (options: Options = {}): Observer => {
  const { content = false } = onlyKnown("Telemetry.observer", options, optionNames)
  return {
    // Streams are timed by what they show others: nothing streams for the sake of a metric.
    interest: () => ({ text: () => true, partial: () => false, toolCalls: false, ifStreamed: true }),
    onEvents: fieldTimes(),
    around: (start, self) => around(start, self, content)
  }
}

// Combinators

/**
 * Runs an Effect or a Stream with spans, metrics and logs.
 *
 * @example
 * program(input).pipe(Telemetry.observe({ content: true }))
 */
export const observe = (options: Options = {}): <S extends EffectOrStream>(self: S) => S => {
  const added = observer(options)
  return (self) => {
    given("Telemetry.observe", { self: running }, [self])
    return withReference(self, Observers, (observers) => Effect.succeed([...observers, added]))
  }
}

// Layers

/** Spans, metrics and logs of all programs that run with the layer. The tracer, the registry and the loggers are those of Effect. */
export const layer = (options: Options = {}): Layer.Layer<never> => {
  const added = observer(options)
  return Layer.effect(Observers, Effect.map(Observers, (observers) => [...observers, added]))
}

/**
 * The same, sent to an OpenTelemetry collector: OTLP over HTTP, as JSON. Needs an `HttpClient`. What is left is sent when the layer is
 * released, or where `OtlpExporter.Flusher` is asked to. If a batch could not be sent it is lost, and nothing is sent for a minute:
 * this is one warning, at most once a minute.
 *
 * @example
 * const telemetry = Telemetry.layerOtlp({ url: "http://localhost:4318", serviceName: "research" }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 */
export const layerOtlp = (options: OtlpOptions): Layer.Layer<Flusher, never, HttpClient> => {
  const { attributes, content, headers, interval, serviceName = "effect-lm", serviceVersion, url } = onlyKnown(
    "Telemetry.layerOtlp",
    options,
    otlpNames
  )
  return Layer.merge(
    layer({ content }),
    exporters({
      baseUrl: url,
      resource: { serviceName, serviceVersion, attributes: { ...attributes } },
      headers,
      tracerExportInterval: interval,
      metricsExportInterval: interval,
      loggerExportInterval: interval
    })
  )
}

const optionNames: Names<Options> = { content: Kinds.flag }

const otlpNames: Names<OtlpOptions> = {
  ...optionNames,
  url: Kinds.needed(Kinds.make("the address of a collector, as \"http://localhost:4318\"", isAddress)),
  serviceName: Kinds.text,
  serviceVersion: Kinds.text,
  attributes: Kinds.object,
  headers: Kinds.recordOf("headers", Kinds.text),
  interval: Kinds.time
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) && /^https?:/.test(value)
}
