/**
 * Pictures, sounds and files of a predictor: only inputs may have them, and not every model takes them.
 */
import * as Inputs from "../../lm/Inputs.ts"
import type * as LM from "../../lm/LM.ts"
import { isMedia, type Media } from "../../lm/LMContent.ts"
import type { NotSupported } from "../../lm/LMReason.ts"
import type { LMRequest } from "../../lm/LMRequest.ts"
import { words } from "../../signature/Content.ts"
import type * as Signature from "../../signature/Signature.ts"
import { SignatureError } from "../../signature/SignatureError.ts"
import type * as Toolbox from "../../tool/Toolbox.ts"

/** Throws a {@link SignatureError} where an output is a picture, a sound or a file: a model writes text. */
export const checkOutputs = (signature: Signature.Any): void => {
  const document = signature.outputFields.find(({ hasDocuments }) => hasDocuments)
  if (document !== undefined) {
    throw new SignatureError({
      reason:
        `'${document.name}' cannot be a document that a model gives: ask for its text (${document.name}: str), and make ` +
        "it one with Document.make",
      text: String(signature)
    })
  }
  const output = signature.outputFields.find(({ contents }) => contents.length > 0)
  if (output === undefined) return
  throw new SignatureError({
    reason:
      `'${output.name}' cannot be ${
        words[output.contents[0]!]
      } that a model gives: it writes text. Ask for an address ` +
      `(${output.name}: str), and make it one with ${output.contents[0]}.fromUrl`,
    text: String(signature)
  })
}

/** Why the model is not asked: the call has content that the model does not take. Names the input, if the content is in one. */
export const refusal = (
  signature: Signature.Any,
  inputs: Readonly<Record<string, unknown>>,
  request: LMRequest,
  { capabilities, model }: LM.Service
): NotSupported | undefined => {
  if (capabilities.inputs === undefined) return undefined
  for (const { contents, name } of signature.inputFields) {
    const kind = contents.find((kind) => !Inputs.takes(capabilities, kind) && holds(inputs[name], kind))
    if (kind !== undefined) {
      return Inputs.notTaken(
        kind,
        `the input '${name}' is ${words[kind]}, but ${model} reads ${Inputs.listOf(capabilities.inputs)}`
      )
    }
  }
  return Inputs.refusal(request, capabilities, model)
}

/** What a tool gave beside text. */
export const partsOf = (observation: Toolbox.Observation | undefined): ReadonlyArray<Media> =>
  observation?._tag === "Success" ? observation.parts ?? [] : []

/** The contents that a tool gave and that the model takes. For each other one the model is told that it was left out. */
export const asTaken = (observation: Toolbox.Observation, { capabilities, model }: LM.Service): Toolbox.Observation => {
  if (observation._tag === "Failure") return observation
  const parts = partsOf(observation)
  const taken = parts.filter(({ _tag }) => Inputs.takes(capabilities, _tag))
  return taken.length === parts.length ? observation : {
    ...observation,
    parts: taken,
    text: `${observation.text}\n[${parts.length - taken.length} of these were left out: ${model} reads ${
      Inputs.listOf(capabilities.inputs ?? [])
    }]`
  }
}

// Details

const holds = (value: unknown, kind: Media["_tag"]): boolean =>
  isMedia(value)
    ? value._tag === kind
    : typeof value === "object" && value !== null && Object.values(value).some((inner) => holds(inner, kind))
