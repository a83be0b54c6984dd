/**
 * The tags that models put around their thoughts, in the text. This is the one list of them.
 *
 * The list has them in small letters. Readers take capital letters too.
 *
 * Four readers beside this file look for these tags, each in texts of another kind: `splitter.ts` in what a server sends,
 * with `loneClosing.ts` for a thought that nothing opens; `inReply.ts` in replies that a scanner reads; `beforeObject.ts`
 * in replies that are JSON.
 */

/** A tag that opens a thought, and the one that closes it. */
export interface ThoughtTag {
  readonly opening: string
  readonly closing: string
}

/** Tags that no answer begins with. Templates of many models open one in the prompt, so that only its end is in the text. */
export const all: ReadonlyArray<ThoughtTag> = [
  { opening: "<think>", closing: "</think>" },
  { opening: "<thinking>", closing: "</thinking>" },
  { opening: "<thought>", closing: "</thought>" },
  { opening: "<seed:think>", closing: "</seed:think>" },
  { opening: "<|begin_of_thought|>", closing: "<|end_of_thought|>" },
  { opening: "[think]", closing: "[/think]" },
  { opening: "◁think▷", closing: "◁/think▷" },
  { opening: "<|channel>thought", closing: "<channel|>" },
  { opening: "<unused94>thought", closing: "<unused95>" }
]

/** An element that may be one of an answer too: what stands in it is a thought only where a form has no such element. */
export const element: ThoughtTag = { opening: "<reasoning>", closing: "</reasoning>" }

/** The channels of gpt-oss, where its server has left them in the text: models write all of them themselves. */
export const channels: ReadonlyArray<ThoughtTag> = ["", "<|start|>assistant"].map((before) => ({
  opening: `${before}<|channel|>analysis<|message|>`,
  closing: "<|end|>"
}))

/** What stands before an answer in its own channel, and what may stand behind it. */
export const answers: ReadonlyArray<string> = ["", "<|start|>assistant"].map((before) =>
  `${before}<|channel|>final<|message|>`
)
export const answerEnds: ReadonlyArray<string> = ["<|return|>", "<|end|>"]

/** The closing tags. */
export const closings: ReadonlyArray<string> = all.map(({ closing }) => closing)

/** The pattern that finds a tag, in small letters or not where it is matched so. */
export const patternOf = (tag: string): string => tag.replaceAll(/[|[\]]/g, "\\$&")

/** How long the longest closing tag is. */
export const longestClosing = Math.max(...closings.map(({ length }) => length))
