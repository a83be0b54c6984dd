/**
 * What one request of a run has brought so far: read while the answer arrives, and after its end, however that came. A request is
 * one reading, and one more for each retry and each model in reserve.
 */
import type { LMError } from "../lm/LMError.ts"
import { isNotice, type LMEvent, type Notice } from "../lm/LMEvent.ts"
import type { LMRequest } from "../lm/LMRequest.ts"
import type { LMResponse } from "../lm/LMResponse.ts"
import * as Usage from "../lm/Usage.ts"

// Models

/** Reads what a request has brought so far. */
export interface Meter {
  readonly request: LMRequest
  /** What each attempt of the request has brought, the latest last. There is at least one. */
  readonly readings: () => readonly [Reading, ...ReadonlyArray<Reading>]
  /** Milliseconds from the request to the first piece of its answer; `undefined` where none has come, or the answer came whole. */
  readonly firstChunkMillis: () => number | undefined
}

/** What one attempt to answer a request has brought. */
export interface Reading {
  /** Who was asked: `openai/gpt-4o-mini`. */
  readonly model: string
  readonly state: State
  /** What its provider says that it used; `undefined` where it has said nothing. */
  readonly usage: Usage.Usage | undefined
  /** Characters of text, thoughts and tool calls that have come. */
  readonly characters: number
  /** Why it has failed. */
  readonly error?: LMError | undefined
}

/**
 * `givenAgain`: its answer, or its failure, was given before, and has cost nothing this time. `unsent`: it was interrupted before it
 * was sent, as where a performer lets it wait.
 */
export type State = "running" | "answered" | "failed" | "interrupted" | "givenAgain" | "unsent"

/** What fills a meter. */
export interface Filling extends Meter {
  /** The request is sent. */
  readonly sent: () => void
  /** Takes what one network read brought. */
  readonly push: (events: ReadonlyArray<LMEvent>) => void
  readonly answered: (response: LMResponse) => void
  readonly failed: (error: LMError) => void
  readonly interrupted: () => void
}

// Constructors

/** The meter of a request that is sent now; `now` is the time in milliseconds. */
export const make = (model: string, request: LMRequest, now: () => number): Filling => {
  const begun = now()
  let isSent = false
  const readings: [Mutable, ...Array<Mutable>] = [running(model)]
  let last = readings[0]
  let firstChunkMillis: number | undefined
  /** What all readings before the last one have used: usages of an answer are told with those of the attempts before it. */
  let before = Usage.empty

  const told = (usage: Usage.Usage | undefined): void => {
    if (usage !== undefined) last.usage = Usage.subtract(usage, before)
  }
  const ended = (error: LMError): void => {
    // An attempt of which nothing was told adds nothing to what those before it have used.
    if (error.usage !== undefined && !isSame(error.usage, before)) told(error.usage)
    last.error = error
    last.state = error.givenAgain === true ? "givenAgain" : "failed"
  }
  const next = (notice: Extract<Notice, { readonly error: LMError }>): void => {
    ended(notice.error)
    if (last.usage !== undefined) before = Usage.add(before, last.usage)
    readings.push(last = running(notice._tag === "FellBack" ? notice.model : last.model))
  }
  return {
    request,
    readings: () => readings,
    firstChunkMillis: () => firstChunkMillis,
    sent: () => {
      isSent = true
    },
    push: (events) => {
      for (const event of events) {
        const characters = charactersOf(event)
        if (characters > 0) {
          last.characters += characters
          firstChunkMillis ??= now() - begun
        } else if (event._tag === "Usage") told(event.usage)
        else if (isNotice(event) && "error" in event) next(event)
      }
    },
    answered: ({ completions, givenAgain, usage }) => {
      told(usage)
      last.state = givenAgain === true ? "givenAgain" : "answered"
      if (last.characters > 0) return
      for (const { content } of completions) {
        for (const part of content) {
          last.characters += part._tag === "ToolCall" ? part.name.length + part.arguments.length : part.text.length
        }
      }
    },
    failed: ended,
    interrupted: () => {
      last.state = isSent ? "interrupted" : "unsent"
    }
  }
}

// Details

type Mutable = { -readonly [K in keyof Reading]: Reading[K] }

const running = (model: string): Mutable => ({ model, state: "running", usage: undefined, characters: 0 })

const charactersOf = (event: LMEvent): number => {
  switch (event._tag) {
    case "TextDelta":
    case "ReasoningDelta":
      return event.text.length
    case "ToolCallDelta":
      return event.name.length + event.argumentsDelta.length
    default:
      return 0
  }
}

const isSame = (self: Usage.Usage, that: Usage.Usage): boolean =>
  self.inputTokens === that.inputTokens && self.outputTokens === that.outputTokens
