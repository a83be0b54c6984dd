/**
 * What a span says of a call: at its begin, and at its end.
 */
import type { LMRequest } from "../../lm/LMRequest.ts"
import type { LMResponse } from "../../lm/LMResponse.ts"
import type { Meter } from "../../run/Meter.ts"
import type { Start } from "../../run/Observer.ts"
import type { LMStart, ModuleStart, ToolStart } from "../../run/RunEvent.ts"
import * as Content from "./content.ts"
import { Attribute, modelOf, Operation } from "./names.ts"
import { spentOf } from "./spent.ts"

/** Attributes by name; `undefined` is left out. */
export type Attributes = Readonly<Record<string, unknown>>

/** A call, as a span begins with it. */
export interface Beginning {
  readonly name: string
  readonly kind: "client" | "internal"
  readonly attributes: Attributes
  /** The content of what goes in, made where it is recorded. */
  readonly content: () => Attributes
}

/** How a span of this call begins. */
export const beginning = (start: Start): Beginning => {
  switch (start._tag) {
    case "LMStart":
      return ofModel(start)
    case "ToolStart":
      return ofTool(start)
    case "ModuleStart":
      return ofModule(start)
  }
}

/** What a call that has succeeded adds; `value` is its result. */
export const ending = (start: Start, value: unknown): Attributes =>
  start._tag === "LMStart"
    ? ofResponse(value as LMResponse) // what a language model call gives
    : {}

/** What is known of a model call however it ends. */
export const metered = (meter: Meter): Attributes => {
  const readings = meter.readings()
  const { state } = readings.at(-1)!
  const first = meter.firstChunkMillis()
  const spent = spentOf(meter).filter(({ isEstimated }) => !isEstimated)
  const sum = (key: "inputTokens" | "outputTokens" | "cachedInputTokens" | "cacheWriteTokens" | "reasoningTokens") =>
    spent.reduce((all, { usage }) => all + usage[key], 0)
  return {
    [Attribute.timeToFirstChunk]: first === undefined ? undefined : first / 1000,
    [Attribute.retries]: readings.length === 1 ? undefined : readings.length - 1,
    [Attribute.givenAgain]: state === "givenAgain" ? true : undefined,
    ...(spent.length === 0 ? {} : {
      [Attribute.inputTokens]: sum("inputTokens"),
      [Attribute.outputTokens]: sum("outputTokens"),
      [Attribute.cacheReadTokens]: sum("cachedInputTokens") || undefined,
      [Attribute.cacheWriteTokens]: sum("cacheWriteTokens") || undefined,
      [Attribute.reasoningTokens]: sum("reasoningTokens") || undefined
    })
  }
}

/** The content of what comes out. */
export const content = (start: Start, value: unknown): Attributes => {
  switch (start._tag) {
    case "LMStart":
      return Content.ofResponse(value as LMResponse) // what a language model call gives
    case "ToolStart":
      return { [Attribute.toolResult]: Content.text(value) }
    case "ModuleStart":
      return {}
  }
}

// Details

const placeOf = ({ call: { iteration, path, place } }: Start): Attributes => ({
  [Attribute.path]: path,
  [Attribute.place]: place,
  [Attribute.iteration]: iteration
})

const ofModel = (start: LMStart): Beginning => {
  const { provider, model } = modelOf(start.call.name)
  return {
    name: `${Operation.chat} ${model}`,
    kind: "client",
    attributes: {
      [Attribute.operation]: Operation.chat,
      [Attribute.provider]: provider,
      [Attribute.requestModel]: model,
      ...ofRequest(start.request),
      ...placeOf(start),
      [Attribute.attempt]: start.attempt
    },
    content: () => Content.ofRequest(start.request)
  }
}

const ofRequest = ({ config, responseFormat }: LMRequest): Attributes => ({
  [Attribute.outputType]: responseFormat._tag === "Text" ? "text" : "json",
  [Attribute.temperature]: config.temperature,
  [Attribute.topP]: config.topP,
  [Attribute.topK]: config.topK,
  [Attribute.maxTokens]: config.maxTokens,
  [Attribute.stop]: config.stop,
  [Attribute.seed]: config.seed,
  [Attribute.choices]: config.n === undefined || config.n === 1 ? undefined : config.n
})

const ofResponse = ({ completions, id, model }: LMResponse): Attributes => ({
  [Attribute.responseId]: id,
  [Attribute.responseModel]: model,
  [Attribute.finishReasons]: completions.map(({ finish }) => Content.finishOf(finish))
})

const ofTool = (start: ToolStart): Beginning => ({
  name: `${Operation.executeTool} ${start.call.name}`,
  kind: "internal",
  attributes: {
    [Attribute.operation]: Operation.executeTool,
    [Attribute.tool]: start.call.name,
    [Attribute.toolType]: "function",
    [Attribute.toolCallId]: start.toolCallId,
    ...placeOf(start)
  },
  content: () => ({ [Attribute.toolArguments]: Content.text(start.inputs) })
})

/** The outermost module of a program is a workflow. The conventions have no operation for the others, but for agents. */
const ofModule = (start: ModuleStart): Beginning => {
  const { name, parent, path } = start.call
  const attributes = placeOf(start)
  const none = () => ({})
  if (start.isAgent) {
    return {
      name: `${Operation.invokeAgent} ${name}`,
      kind: "internal",
      attributes: { [Attribute.operation]: Operation.invokeAgent, [Attribute.agent]: name, ...attributes },
      content: none
    }
  }
  if (parent === undefined || parent.isOutside) {
    return {
      name: `${Operation.invokeWorkflow} ${name}`,
      kind: "internal",
      attributes: { [Attribute.operation]: Operation.invokeWorkflow, [Attribute.workflow]: name, ...attributes },
      content: none
    }
  }
  return { name: `${name} ${path}`, kind: "internal", attributes, content: none }
}
