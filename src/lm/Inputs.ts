/**
 * Content of a request that is no text, and the models that do not take it.
 */
import type { Capabilities, Input } from "./LM.ts"
import type { Media, Part } from "./LMContent.ts"
import * as LMError from "./LMError.ts"
import type { LMRequest } from "./LMRequest.ts"

/** What a model has to take for content of this kind. */
export const inputOf: Readonly<Record<Media["_tag"], Input>> = { Image: "images", Audio: "audio", File: "files" }

/** Whether a model that can do this takes such content. What is not known is tried. */
export const takes = ({ inputs }: Capabilities, kind: Media["_tag"]): boolean =>
  inputs === undefined || inputs.includes(inputOf[kind])

/** Why a model does not take a request, where something in it is of a kind that it does not read. */
export const refusal = (
  { messages, replyShape }: LMRequest,
  capabilities: Capabilities,
  model: string
): LMError.NotSupported | undefined => {
  if (capabilities.inputs === undefined) return undefined
  for (const { content } of [...messages, ...replyShape?.prompt ?? []]) {
    const part = mediaIn(content).find(({ _tag }) => !takes(capabilities, _tag))
    if (part !== undefined) return notTaken(part._tag, `${model} reads ${listOf(capabilities.inputs)}`)
  }
  return undefined
}

/** The reason for a kind of content that is not taken; `why` is its beginning. */
export const notTaken = (kind: Media["_tag"], why: string): LMError.NotSupported => {
  const feature = inputOf[kind]
  return new LMError.NotSupported({
    feature,
    description: `${why}: leave ${feature} out, or name a model that takes them`
  })
}

/** What a model takes, in words. */
export const listOf = (inputs: ReadonlyArray<Input>): string =>
  inputs.length === 0 ? "text alone" : `text and ${inputs.join(", ")}`

/** The content of parts that is no text, of tools' results too. */
export const mediaIn = (parts: ReadonlyArray<Part>): ReadonlyArray<Media> =>
  parts.flatMap((part): ReadonlyArray<Media> =>
    part._tag === "ToolResult"
      ? mediaIn(part.content)
      : part._tag === "Image" || part._tag === "Audio" || part._tag === "File"
      ? [part]
      : []
  )
