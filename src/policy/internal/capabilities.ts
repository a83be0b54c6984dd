/**
 * What a model can do that is several in the place of one.
 */
import type * as LM from "../../lm/LM.ts"

/** Tools where all of them can; other content where one of them can: the others refuse it, and the next one is asked. */
export const ofAll = (all: LM.Made["of"]): LM.Capabilities => ({
  tools: all.every(({ capabilities }) => capabilities.tools),
  replyShape: all.some(({ capabilities }) => capabilities.replyShape === true),
  inputs: all.every(({ capabilities }) => capabilities.inputs !== undefined)
    ? [...new Set(all.flatMap(({ capabilities }) => capabilities.inputs ?? []))]
    : undefined
})
