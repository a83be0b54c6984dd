/**
 * How a predictor asks for tool calls: natively, where tools are a part of the request and calls one of the response, or in the
 * adapter's form, where tools are an input and calls an output.
 */
import type * as Effect from "effect/Effect"
import type * as Adapter from "../../../adapter/Adapter.ts"
import { chatScanner } from "../../../adapter/chat/again.ts"
import { jsonScanner } from "../../../adapter/json/scanner.ts"
import { plainBeside } from "../../../adapter/plain/beside.ts"
import type * as LM from "../../../lm/LM.ts"
import type { LMRequest, ReplyShape, ToolSpec } from "../../../lm/LMRequest.ts"
import type { Field } from "../../../signature/Field.ts"
import type * as Signature from "../../../signature/Signature.ts"
import { specOf, toolsIn } from "../../../signature/ToolSpec.ts"
import type { JsonRecord } from "../../../text/json/values.ts"
import type { Settings } from "../../Predict.ts"
import type { Question } from "../ask.ts"
import { type Calling, callingOf } from "./fields.ts"
import * as Reader from "./reader.ts"
import * as Refusals from "./refusals.ts"
import * as Shape from "./shape.ts"

// Models

/** How one call is asked. */
export interface Manner {
  readonly isNative: boolean
  /** What the model is asked for in the adapter's form. */
  readonly signature: Signature.Any
  readonly adapter: (current: Adapter.Adapter) => Adapter.Adapter
  /** What the adapter sees of the call, whose inputs are these as JSON. */
  readonly asks: (inputs: JsonRecord) => Partial<Adapter.AdapterCall> & Pick<Adapter.AdapterCall, "inputs">
  /** What a model that can be held to a form is held to. */
  readonly shape: (shape: ReplyShape) => ReplyShape
  /** What the request has beside what the adapter writes. */
  readonly sends: Pick<LMRequest, "tools">
  readonly reader: Effect.Effect<Reader.CallsReader>
}

// Guards

/** Whether a call that is refused for its tools is made again in text. */
export const mayAskInText = ({ settings: { toolCalls = "auto" }, signature }: Question): boolean =>
  toolCalls === "auto" && callingOf(signature) !== undefined

// Constructors

/** The manner of a call; nothing where no output is tool calls. Throws a `TypeError` at tools that are no input. */
export const of = (
  { inputs, options, settings, signature }: Question,
  lm: LM.Service | undefined
): Manner | undefined => {
  const calling = callingOf(signature)
  if (calling === undefined) return undefined
  if (options.tools !== undefined) {
    throw new TypeError(
      `a call of ${settings.name} takes its tools as the input ${
        calling.tools.map(({ name }) => `\`${name}\``).join(" or ")
      }`
    )
  }
  const specs = calling.tools.flatMap(({ name }) => toolsIn(inputs[name]).map(specOf))
  const offer = offered(specs, options.toolChoice)
  const isNative = specs.length > 0 && isNatively(settings.toolCalls, calling, lm)
  return isNative ? natively(signature, calling, specs, offer) : inText(signature, calling, offer)
}

// Details

/** What the model says beside its calls is said plainly. This adapter knows the forms that every predictor loads anyway. */
const plain = plainBeside([chatScanner, jsonScanner])

const isNatively = (
  toolCalls: Settings["toolCalls"],
  { isNativeEnough }: Calling,
  lm: LM.Service | undefined
): boolean =>
  toolCalls === "native" ||
  (toolCalls !== "text" && isNativeEnough && lm !== undefined && Refusals.takesTools(lm))

const natively = (
  signature: Signature.Any,
  calling: Calling,
  specs: ReadonlyArray<ToolSpec>,
  offer: Reader.Offer
): Manner => {
  const { field, native, saying } = calling
  return {
    isNative: true,
    signature: native,
    adapter: (current) => saying === undefined ? current : plain,
    asks: (inputs) => ({
      signature: native,
      inputs: only(native.inputFields, inputs),
      offersTools: saying === undefined,
      called: { field: field.name, isNative: true }
    }),
    // Held to the form, a model could not call.
    shape: (shape) => shape,
    sends: { tools: specs },
    reader: Reader.make(signature, calling, native, offer)
  }
}

const inText = (signature: Signature.Any, calling: Calling, offer: Reader.Offer): Manner => {
  const { field, inText: asked, listed } = calling
  return {
    isNative: false,
    signature: asked,
    adapter: (current) => current,
    asks: (inputs) => ({
      signature: asked,
      inputs: {
        ...only(asked.inputFields, inputs),
        ...(listed === undefined ? undefined : { [listed]: offer.specs })
      },
      called: { field: field.name, isNative: false }
    }),
    shape: (shape) => Shape.ofCalls(shape, field.name, offer.specs),
    sends: {},
    reader: Reader.make(signature, calling, asked, offer)
  }
}

/** What a model may call, by the choice of whoever calls. */
const offered = (specs: ReadonlyArray<ToolSpec>, choice: LMRequest["toolChoice"]): Reader.Offer => {
  return {
    specs: choice === "none"
      ? []
      : typeof choice === "object"
      ? specs.filter(({ name }) => name === choice.name)
      : specs,
    mustCall: choice === "required" || typeof choice === "object"
  }
}

const only = (fields: ReadonlyArray<Field>, values: JsonRecord): JsonRecord =>
  Object.fromEntries(fields.flatMap(({ name }) => Object.hasOwn(values, name) ? [[name, values[name]]] : []))
