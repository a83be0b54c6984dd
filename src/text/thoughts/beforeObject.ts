/**
 * Finds the thought before a reply that is a JSON object: it ends with `</think>` or another closing tag, and the object
 * follows.
 *
 * Chat templates of thinking models open the thought in the prompt, so that only its closing tag is in the reply. The thought
 * may hold drafts of the object. A line break has to follow the tag. No string of JSON has one, so a tag before one cannot be
 * part of a value.
 */
import { closings, longestClosing } from "./inReply.ts"
import { patternOf } from "./tags.ts"

/** Looks for the end of a thought in a reply, as it comes. */
export class ThoughtBeforeObject {
  /** The end of the text, where it may be the beginning of the tag. */
  #cut = ""
  /** What has come behind the tag, as long as it is white space and a code fence. */
  #behind: string | undefined

  /** Whether only a text with `<` need be taken. */
  get isIdle(): boolean {
    return this.#cut === "" && this.#behind === undefined
  }

  /** Takes the next text. Where an object begins behind the end of a thought, the text from there on. */
  push(text: string): string | undefined {
    if (this.#behind !== undefined) {
      const behind = this.#behind + text
      this.#behind = undefined
      return this.#follow(behind, 0) ?? (this.#behind === undefined ? this.#find(behind) : undefined)
    }
    if (this.isIdle && !text.includes("<")) return undefined
    return this.#find(this.#cut + text)
  }

  #find(text: string): string | undefined {
    this.#cut = ""
    let answer: string | undefined
    for (const { 0: tag, index } of text.matchAll(anyTag)) {
      if (this.#behind !== undefined) break
      answer = this.#follow(text, index + tag.length) ?? answer
    }
    if (this.#behind === undefined) this.#cut = cutTag(text)
    return answer
  }

  /** Looks at what stands behind a tag. */
  #follow(text: string, from: number): string | undefined {
    const behind = text.slice(from, from + mostBetween)
    const brace = behind.indexOf("{")
    const between = brace === -1 ? behind : behind.slice(0, brace)
    if (!mayFollow.test(between.trim())) return undefined
    if (brace !== -1) return /[\r\n]/.test(between) ? text.slice(from + brace) : undefined
    if (behind.length < mostBetween) this.#behind = text.slice(from)
    return undefined
  }
}

/** The tags that begin with the character that texts are searched for. */
const tags = closings.filter((tag) => tag.startsWith("<"))
const anyTag = new RegExp(tags.map(patternOf).join("|"), "gi")
const mayFollow = /^(?:`{0,2}|```\w*)$/
const mostBetween = 200

/** The end of a text that may be the beginning of the tag. */
const cutTag = (text: string): string => {
  for (let at = Math.max(0, text.length - longestClosing); (at = text.indexOf("<", at)) !== -1; at++) {
    const end = text.slice(at).toLowerCase()
    if (tags.some((tag) => tag.startsWith(end))) return text.slice(at)
  }
  return ""
}
