/**
 * Metrics of calls, in Effect's own registry: whoever exports that, exports them.
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Meter } from "../../run/Meter.ts"
import type { Start } from "../../run/Observer.ts"
import { Attribute, Metric as Name, Operation } from "./names.ts"
import type { Attributes } from "./spans.ts"
import { spentOf } from "./spent.ts"

/** A call that is over. */
export interface Over {
  readonly start: Start
  /** What its span has begun with, of which metrics have what takes few different values. */
  readonly attributes: Attributes
  readonly millis: number
  readonly errorType: string | undefined
  /** Where the call was one of a model that answered: who says that it did. */
  readonly responseModel: string | undefined
}

/** Takes what is known of a call that is over. */
export const record = ({ attributes, errorType, millis, responseModel, start }: Over): Effect.Effect<void> => {
  const common = kept({
    ...pick(attributes, shared),
    [Attribute.responseModel]: responseModel,
    [Attribute.errorType]: errorType
  })
  const seconds = millis / 1000
  if (start._tag === "LMStart") return ofModel(start.meter, seconds, common)
  const duration = durations.get(attributes[Attribute.operation])
  return duration === undefined ? Effect.void : update(duration, common, seconds)
}

/** Takes how long the first piece of a field took. */
export const recordField = (path: string, field: string, millis: number): Effect.Effect<void> =>
  update(timeToField, { [Attribute.path]: path, [Attribute.field]: field }, millis / 1000)

// Details

type Tags = Record<string, string>

const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]

const inSeconds = (name: string, description: string) =>
  Metric.histogram(name, { description, boundaries: seconds, attributes: { unit: "s" } })

const duration = inSeconds(Name.duration, "How long a model call took")
const timeToFirstChunk = inSeconds(Name.timeToFirstChunk, "How long the first piece of an answer took")
const timeToField = inSeconds(Name.timeToField, "How long the first piece of an output field took")
const durations: ReadonlyMap<unknown, Metric.Histogram<number>> = new Map([
  [Operation.invokeWorkflow, inSeconds(Name.workflowDuration, "How long a program took")],
  [Operation.invokeAgent, inSeconds(Name.agentDuration, "How long an agent took")],
  [Operation.executeTool, inSeconds(Name.toolDuration, "How long a tool call took")]
])
const tokens = Metric.histogram(Name.tokens, {
  description: "How many tokens a model call has used",
  boundaries: Array.from({ length: 14 }, (_, power) => 4 ** power),
  attributes: { unit: "{token}" }
})
const retries = Metric.counter(Name.retries, {
  description: "Attempts of model calls that failed and were followed by another one",
  incremental: true,
  attributes: { unit: "{attempt}" }
})
const givenAgain = Metric.counter(Name.givenAgain, {
  description: "Model calls that were answered from a cache or a store",
  incremental: true,
  attributes: { unit: "{call}" }
})

/** Of the attributes of a span those that take few different values. */
const shared = [
  Attribute.operation,
  Attribute.provider,
  Attribute.requestModel,
  Attribute.workflow,
  Attribute.agent,
  Attribute.tool
]

const ofModel = (meter: Meter, seconds: number, common: Tags): Effect.Effect<void> => {
  const readings = meter.readings()
  const first = meter.firstChunkMillis()
  const isGivenAgain = readings.at(-1)!.state === "givenAgain"
  const updates = [update(duration, common, seconds)]
  if (first !== undefined) updates.push(update(timeToFirstChunk, common, first / 1000))
  if (readings.length > 1) updates.push(update(retries, common, readings.length - 1))
  if (isGivenAgain) updates.push(update(givenAgain, common, 1))
  // What is estimated is not what the provider counts: it is no part of the metric.
  const spent = spentOf(meter).filter(({ isEstimated, reading }) => !isEstimated && reading.usage !== undefined)
  if (spent.length > 0 && !isGivenAgain) {
    for (const [type, key] of [["input", "inputTokens"], ["output", "outputTokens"]] as const) {
      const sum = spent.reduce((all, { usage }) => all + usage[key], 0)
      updates.push(update(tokens, { ...common, [Attribute.tokenType]: type }, sum))
    }
  }
  return Effect.all(updates, { discard: true })
}

const update = <State>(metric: Metric.Metric<number, State>, attributes: Tags, value: number): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(metric, attributes), value)

const pick = (attributes: Attributes, names: ReadonlyArray<string>): Attributes =>
  Object.fromEntries(names.map((name) => [name, attributes[name]]))

const kept = (attributes: Attributes): Tags =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]])
  )
