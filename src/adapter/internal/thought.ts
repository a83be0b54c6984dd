/**
 * The end of a thought that stands in a reply: `</think>`, and behind it the reply's object.
 *
 * Chat templates of thinking models open the tag in the prompt, so that only its end is in the reply. What stands before it
 * may have drafts of the reply.
 */

/** Looks for the end of a thought in a reply, as it comes. */
export class Thought {
  /** The end of the text, where it may be the beginning of the tag. */
  #cut = ""
  /** What has come behind the tag, as long as it is white space and a code fence. */
  #behind: string | undefined

  /** Takes the next text. Where an object begins behind the end of a thought, the text from there on. */
  push(text: string): string | undefined {
    if (this.#behind !== undefined) return this.#follow(text)
    if (this.#cut === "" && !text.includes("<")) return undefined
    const seen = this.#cut === "" ? text : this.#cut + text
    const at = seen.indexOf(tag)
    this.#cut = at === -1 ? cutTag(seen) : ""
    return at === -1 ? undefined : this.#follow(seen.slice(at + tag.length))
  }

  #follow(text: string): string | undefined {
    const behind = (this.#behind ?? "") + text
    const brace = behind.indexOf("{")
    const between = brace === -1 ? behind : behind.slice(0, brace)
    if (!mayFollow.test(between.trim()) || between.length > mostBetween) {
      this.#behind = undefined
      // The text may have the tag once more.
      return this.push(behind)
    }
    this.#behind = brace === -1 ? behind : undefined
    return brace === -1 ? undefined : behind.slice(brace)
  }
}

const tag = "</think>"
const mayFollow = /^(?:`{0,2}|```\w*)$/
const mostBetween = 200

/** The end of a text that may be the beginning of the tag. */
const cutTag = (text: string): string => {
  const at = text.lastIndexOf("<")
  return at !== -1 && tag.startsWith(text.slice(at)) ? text.slice(at) : ""
}
