/**
 * Markers as prompts have them over their inputs, in the words around a reply's object: there a prompt is repeated, or the next
 * question made up.
 */

export class PromptMarkers {
  readonly #resolve: (spelling: string) => string | undefined
  /** The end of the words so far, which may be the beginning of a marker. */
  #words = ""

  constructor(resolve: (spelling: string) => string | undefined) {
    this.#resolve = resolve
  }

  /** Takes the next words: whether a marker of something else than an output is whole in them. */
  hasOther(text: string): boolean {
    const words = this.#words + text
    let begun = -1
    for (let at = words.indexOf(begins); at !== -1; at = words.indexOf(begins, at + 1)) {
      const found = marker.exec(words.slice(at, at + mostMarker))
      if (found !== null && this.#resolve(found[1]!) === undefined) return true
      if (words.length - at < mostMarker && cutMarker.test(words.slice(at))) begun = at
    }
    // What may become a marker is looked at again with what follows it.
    const last = words.lastIndexOf("[")
    const from = begun !== -1 ? begun : words[last - 1] === "[" ? last - 1 : last
    this.#words = from !== -1 && (begun !== -1 || begins.startsWith(words.slice(from))) ? words.slice(from) : ""
    return false
  }
}

const begins = "[[ ##"
const marker = /^\[\[ ##[ \t]*([^#[\]\r\n]+?)[ \t]*##[ \t]*\]\]/
const cutMarker = /^\[\[ ##[^#[\]\r\n]*#{0,2}[ \t]*\]?$/
const mostMarker = 200
