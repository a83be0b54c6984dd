/**
 * What a request has spent, told by its provider or estimated: a token is four characters.
 */
import type * as Content from "../../lm/LMContent.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import * as Usage from "../../lm/Usage.ts"
import type { Meter, Reading } from "../../run/Meter.ts"

/** What a request has spent with one model. */
export interface Spent {
  readonly model: string
  readonly usage: Usage.Usage
  /** The provider has not said all of it, or not yet. */
  readonly isEstimated: boolean
  readonly reading: Reading
}

/** What each attempt of a request has spent. The request is one call, of the model that was asked last. */
export const spentOf = (meter: Meter): ReadonlyArray<Spent> => {
  const readings = meter.readings()
  const last = readings.at(-1)!
  return readings.map((reading) => {
    const { isEstimated, usage } = usageOf(meter.request, reading)
    const calls = reading === last && wasSent(reading) ? 1 : 0
    return { model: reading.model, usage: { ...usage, calls }, isEstimated, reading }
  })
}

/** The tokens of what is sent, by its characters. */
export const inputTokensOf = (request: LMRequest): number => {
  let tokens = estimates.get(request)
  if (tokens === undefined) estimates.set(request, tokens = estimated(request))
  return tokens
}

/** Whether an attempt has cost anything: an answer that is given again has not, nor a request that was refused or given up before. */
export const wasSent = ({ error, state }: Reading): boolean =>
  state !== "givenAgain" && state !== "unsent" && error?.reason._tag !== "OverBudget"

// Details

/** Requests are immutable, and asked about more than once. */
const estimates = new WeakMap<LMRequest, number>()

const charactersPerToken = 4

/** What a picture, a sound or a file is taken to be: its bytes say nothing of it. */
const tokensPerMedium = 1000

const usageOf = (request: LMRequest, reading: Reading): Pick<Spent, "usage" | "isEstimated"> => {
  const { characters, state, usage } = reading
  if (!wasSent(reading)) return { usage: Usage.empty, isEstimated: false }
  if (usage !== undefined && (state === "answered" || state === "failed")) return { usage, isEstimated: false }
  // A server that refuses a request, or fails before it has begun to answer, is not paid.
  if (state === "failed" && characters === 0 && reading.error?.reason._tag !== "Timeout") {
    return { usage: Usage.empty, isEstimated: false }
  }
  const said = Math.ceil(characters / charactersPerToken)
  return {
    usage: {
      ...(usage ?? { ...Usage.empty, inputTokens: inputTokensOf(request) }),
      outputTokens: Math.max(usage?.outputTokens ?? 0, said)
    },
    isEstimated: true
  }
}

const estimated = ({ messages, tools }: LMRequest): number => {
  let characters = tools === undefined ? 0 : JSON.stringify(tools).length
  let media = 0
  const add = (part: Content.Part): void => {
    switch (part._tag) {
      case "Text":
      case "Reasoning":
        characters += part.text.length
        break
      case "ToolCall":
        characters += part.name.length + part.arguments.length
        break
      case "ToolResult":
        for (const result of part.content) add(result)
        break
      default:
        media++
    }
  }
  for (const { content } of messages) for (const part of content) add(part)
  return Math.ceil(characters / charactersPerToken) + media * tokensPerMedium
}
