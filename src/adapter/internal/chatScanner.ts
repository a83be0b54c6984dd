/**
 * Reads replies in sections: each begins with its marker, `[[ ## name ## ]]`.
 *
 * At the start of a line a marker counts, also in a heading, a list, a quote, in bold or in backticks:
 *
 * - The marker of an output field that has not been seen begins the field.
 * - The marker of anything else, alone on its line, ends the field before it. What follows is nobody's, and ignored.
 * - `completed` ends the field before it. After it only fields that are still missing count; once a marker of an input
 *   follows, the model has begun to play the next turn, and nothing counts any more.
 * - The marker of a field that has been seen is content, unless a thought has ended in between, see below.
 *
 * Behind text on its line, the marker of a missing field counts where it does not look like a mere mention. If the field's
 * marker follows at the start of a line, it was a mention after all: the reply is taken back, and read again without it.
 *
 * `</think>` without a `<think>` ends a thought. If a field that was begun in the thought begins again after it, the thought
 * held a draft: everything up to `</think>` is taken back.
 *
 * A JSON object in place of the sections is read as one. Only what may still become a marker is kept back.
 */
import type * as Signature from "../../signature/Signature.ts"
import type { Scanner, Sink } from "../Scanner.ts"
import { isSpace, skipAny } from "./characters.ts"
import {
  blanks,
  closersOf,
  type Counted,
  decoration,
  decorations,
  isBreak,
  isCutMarker,
  marks,
  maybe,
  mostDecoration,
  mostMarks,
  mostSpace,
  type Names,
  readMarker
} from "./chatMarker.ts"
import { hasJson, JsonProbe } from "./jsonReply.ts"
import { jsonScanner } from "./jsonScanner.ts"
import { inputSpellingsOf, spellingsOf } from "./perSignature.ts"
import { SeenText } from "./seenText.ts"

export const chatScanner = (signature: Signature.Any): Scanner => new ChatScanner(signature)

/**
 * Where the reading is: before the first section, in a field's, in one that nobody asked for, behind `completed` while
 * fields are missing, behind `completed` when none is, or in the next turn.
 */
type Section = "none" | "field" | "other" | "completed" | "done" | "over"

class ChatScanner implements Scanner {
  readonly #signature: Signature.Any
  readonly #outputs: Names
  readonly #isInput: (spelling: string) => boolean
  /** Everything since the reply began or began anew. */
  readonly #seen = new SeenText()
  /** What is being read: what was kept back, and the newest piece. Where its next `[` and `<` are. */
  #text = ""
  #bracket = -1
  #angle = -1
  /** What may be the beginning of a marker. */
  #held = ""
  /** The last character on the line that is no white space, before what is read next; 0 if there is none. */
  #line = 0
  /** What may follow the last marker and still belongs to it: the other half of its decoration, and a colon. */
  #tail = ""
  #section: Section = "none"
  /** The section is a field's, nothing is kept back, and nothing is waited for. */
  #isFlowing = false
  /** A section was there that nobody asked for. */
  #hasOther = false
  /** Whether text stands on the same line as the section's marker, once that is known. */
  #isInline: boolean | undefined
  #fence: Fence = { at: 0, isOpen: false }
  /** The fields that markers behind text have begun, and those for which such markers are mentions. */
  readonly #behindText = new Set<string>()
  readonly #mentioned = new Set<string>()
  /** The thought that has ended last. */
  #thought: Thought | undefined
  #hasThought = false
  #probe: JsonProbe | undefined
  #json: Scanner | undefined

  constructor(signature: Signature.Any) {
    const { longest, resolve } = spellingsOf(signature)
    this.#signature = signature
    const all = signature.outputFields.map((field) => field.name)
    this.#outputs = { resolve, longest, all, unseen: new Set(all) }
    const inputs = inputSpellingsOf(signature)
    this.#isInput = (spelling) => inputs.resolve(spelling) !== undefined
    this.#probe = new JsonProbe(signature)
  }

  push(chunk: string, sink: Sink): void {
    if (this.#json !== undefined) return this.#json.push(chunk, sink)
    this.#seen.push(chunk)
    if (this.#isFlowing && this.#isPlain(chunk)) return sink.write(chunk)
    this.#isFlowing = false
    this.#read(this.#held === "" ? chunk : this.#held + chunk)
    for (let at = 0; at < this.#text.length;) at = this.#scan(at, sink)
  }

  end(sink: Sink): void {
    const held = this.#held
    this.#held = ""
    if (this.#json === undefined && !isCutMarker(held, this.#line === 0, this.#outputs)) this.#emit(held, sink)
    const isRead = this.#json !== undefined || this.#hasOther || (this.#hasBegun && this.#thought === undefined)
    if (!isRead && this.#probe !== undefined && hasJson(this.#signature, this.#seen.since(this.#start))) {
      this.#toJson(sink)
    }
    this.#json?.end(sink)
  }

  /** Whether all of a small piece is content, which is so of nearly all pieces: then only its line is looked at. */
  #isPlain(chunk: string): boolean {
    if (chunk.length > mostPlain) return false
    let line = this.#line
    let isDecorated = false
    let code = 0
    for (let i = 0; i < chunk.length; i++) {
      code = chunk.charCodeAt(i)
      if (code === 32) continue
      const kind = code < 128 ? kinds[code]! : isSpace(code) ? blank : plain
      if (kind === plain) isDecorated = false
      else if (kind === special) return false
      else if (kind === blank) continue
      else if (kind === lineBreak) {
        line = 0
        isDecorated = false
        continue
      } else if (line === 0) isDecorated = true
      line = code
    }
    if (isDecorated || (code < 128 && kinds[code] === mark)) return false
    this.#line = line
    return true
  }

  // Each step reads up to the next marker or tag that counts, or keeps what may become one.

  #scan(start: number, sink: Sink): number {
    const text = this.#text
    const from = this.#skipTail(start)
    for (let at = from; at < text.length;) {
      if (this.#bracket < at) this.#bracket = indexOf(text, "[", at)
      if (this.#angle < at) this.#angle = indexOf(text, "<", at)
      const stop = Math.min(this.#bracket, this.#angle)
      if (stop === text.length) break
      const found = stop === this.#angle ? this.#tag(stop, from) : this.#marker(stop, from, sink)
      if (found === maybe) return this.#keep(from, this.#decorated(stop, from), sink)
      if (found !== undefined) {
        const isTag = "isEnd" in found
        this.#emit(text.slice(from, isTag ? found.end : found.start), sink)
        if (this.#json !== undefined) return text.length
        return isTag ? this.#endThought(found) : this.#follow(found, sink)
      }
      at = stop + 1
    }
    return this.#keep(from, this.#decorated(text.length, from), sink)
  }

  /** Reads on in another text. */
  #read(text: string): void {
    this.#text = text
    this.#held = ""
    this.#bracket = this.#angle = -1
  }

  /** Writes what is content, and keeps the rest until more is known. */
  #keep(from: number, until: number, sink: Sink): number {
    const text = this.#text
    this.#line = this.#lineBefore(until, from)
    this.#held = text.slice(until)
    if (until > from) this.#emit(text.slice(from, until), sink)
    this.#isFlowing = this.#section === "field" && this.#held === "" && this.#tail === "" &&
      this.#isInline !== undefined && this.#probe === undefined
    return text.length
  }

  #emit(text: string, sink: Sink): void {
    if (text === "") return
    if (this.#isInline === undefined) this.#isInline = isInline(text)
    if (this.#section === "field") sink.write(text)
    if (this.#probe === undefined || this.#probe.isRefused) return
    if (this.#probe.push(text)) this.#toJson(sink)
  }

  /** The reply is a JSON object, from its beginning or from the end of the thought. */
  #toJson(sink: Sink): void {
    const text = this.#seen.since(this.#start)
    if (this.#hasBegun) sink.takeBack()
    this.#json = jsonScanner(this.#signature)
    this.#json.push(text, sink)
  }

  /** The tag at `at`, unless it is quoted. */
  #tag(at: number, from: number): Tag | typeof maybe | undefined {
    const found = readTag(this.#text, at)
    if (found === undefined) return undefined
    const before = String.fromCharCode(this.#lineBefore(at, from))
    return before === "`" || quotes.includes(before) ? undefined : found
  }

  // Markers

  /** The marker whose first bracket is at `at`, if it counts. */
  #marker(at: number, from: number, sink: Sink): Counted | typeof maybe | undefined {
    const text = this.#text
    const start = this.#decorated(at, from)
    const before = this.#lineBefore(start, from)
    const found = readMarker(text, at, this.#outputs, before === 0)
    if (found === undefined || found === maybe) return found
    const counted: Counted = { ...found, start, tail: `${closersOf(text.slice(start, at))}:` }
    return before === 0 ? this.#atLineStart(counted, from) : this.#behind(counted, before, from, sink)
  }

  #atLineStart(marker: Counted, from: number): Counted | typeof maybe | undefined {
    const text = this.#text
    if (marker.isClosed && marker.hasLeft && marker.name !== undefined && this.#mayBegin(marker.name)) return marker
    if (marker.isLast) {
      if (marker.isClosed && marker.hasLeft) return marker
      // Without its end it counts at the end of a line; without hashes it looks too much like a link, and counts at the
      // reply's end.
      if (marker.hasLeft) return isBreak(text.charCodeAt(marker.end)) ? marker : undefined
      return marker.isClosed && isSpaceAfter(text, marker.end) ? maybe : undefined
    }
    if (marker.name !== undefined || !marker.isClosed || !marker.hasLeft || !marker.hasRight) return undefined
    if (this.#isInlineBefore(marker.start, from) || this.#section === "completed" || this.#section === "done") {
      return marker
    }
    const end = skipAny(text, skipAny(text, marker.end, marker.tail, mostDecoration), blanks, mostSpace)
    if (end === text.length) return maybe
    return isBreak(text.charCodeAt(end)) && !this.#isFenced(marker.start) ? marker : undefined
  }

  /** Behind text a marker may be a mention. */
  #behind(marker: Counted, before: number, from: number, sink: Sink): Counted | typeof maybe | undefined {
    const text = this.#text
    if (marker.isLast) return this.#lastBehind(marker, from)
    if (!marker.isClosed || !marker.hasLeft || !marker.hasRight || marker.name === undefined) return undefined
    if (!this.#mayBegin(marker.name) || this.#mentioned.has(marker.name)) return undefined
    const next = skipAny(text, marker.end, marker.tail, mostDecoration)
    const end = skipAny(text, next, blanks, mostSpace)
    if (end === text.length) return maybe
    if (quotes.includes(String.fromCharCode(before)) || clauseEnds.includes(text[next]!)) return undefined
    const counts = isBreak(text.charCodeAt(end)) || this.#isInlineBefore(marker.start, from) || !isWord(before)
    if (!counts) return undefined
    if (this.#outputs.unseen.has(marker.name) || this.#thought?.begun.has(marker.name) === true) {
      return { ...marker, isBehind: true }
    }
    sink.issue("begins in two places: write its marker once, on a line of its own", marker.name)
    this.#mentioned.add(marker.name)
    return undefined
  }

  /**
   * Behind text the last marker counts if the reply ends there. Where sections begin on their marker's line, it also counts
   * before a missing field's marker.
   */
  #lastBehind(marker: Counted, from: number): Counted | typeof maybe | undefined {
    const text = this.#text
    if (!marker.hasLeft || (!marker.isClosed && !isBreak(text.charCodeAt(marker.end)))) return undefined
    const tail = skipAny(text, marker.end, marker.tail, mostDecoration)
    if (isSpaceAfter(text, tail)) return maybe
    if (this.#outputs.unseen.size === 0 || !this.#isInlineBefore(marker.start, from)) return undefined
    let at = tail
    while (at < text.length && at - tail < mostSpace && isSpace(text.charCodeAt(at))) at++
    for (const most = at + mostDecoration; at < most && isDecoration(text.charCodeAt(at));) at++
    if (at === text.length) return maybe
    const next = text[at] === "[" ? readMarker(text, at, this.#outputs, false) : undefined
    if (next === maybe) return maybe
    const name = next?.isClosed === true && next.hasLeft ? next.name : undefined
    return name !== undefined && this.#outputs.unseen.has(name) ? marker : undefined
  }

  /** Whether a marker of the field may count here. */
  #mayBegin(name: string): boolean {
    if (this.#thought?.begun.has(name) === true) return true
    if (this.#section === "over" || this.#section === "done") return false
    return this.#outputs.unseen.has(name) || (this.#behindText.has(name) && this.#section !== "completed")
  }

  /** What a marker that counts does: where the reading goes on. */
  #follow(marker: Counted, sink: Sink): number {
    const { end, name, tail } = marker
    if (name !== undefined && !this.#outputs.unseen.has(name)) {
      if (this.#thought?.begun.has(name) === true) return this.#again(this.#start, sink)
      this.#mentioned.add(name)
      return this.#again(0, sink)
    }
    this.#line = behindMarker
    this.#tail = tail
    if (name !== undefined && this.#outputs.unseen.delete(name)) {
      sink.open(name, { bare: true })
      if (marker.isBehind === true) this.#behindText.add(name)
      this.#section = "field"
      this.#isInline = this.#probe = undefined
      this.#fence = { at: this.#seen.length - this.#text.length + end, isOpen: false }
      return end
    }
    sink.close()
    if (marker.isLast) this.#section = this.#outputs.unseen.size === 0 ? "done" : "completed"
    else if (this.#section === "completed" || this.#section === "done") {
      if (this.#isInput(marker.spelling)) this.#section = "over"
    } else if (this.#section !== "over") {
      this.#section = "other"
      this.#hasOther = true
      this.#probe = undefined
    }
    return end
  }

  /** Whether the section's text begins on its marker's line, which says how this reply is written. */
  #isInlineBefore(at: number, from: number): boolean {
    return this.#section !== "none" && (this.#isInline ?? isInline(this.#text.slice(from, at))) === true
  }

  // The reply begins anew

  get #hasBegun(): boolean {
    return this.#outputs.unseen.size < this.#outputs.all.length
  }

  /** Where the reply begins, in what was seen of it: behind the thought, if one has ended. */
  get #start(): number {
    return this.#thought?.end ?? 0
  }

  #endThought(tag: Tag): number {
    // A thought that ends in the next turn is not this reply's, unless this reply's has had no end.
    if (this.#section !== "over" || !this.#hasThought) {
      this.#hasThought = true
      const begun = new Set(this.#outputs.all.filter((name) => !this.#outputs.unseen.has(name)))
      this.#thought = { begun, end: this.#seen.length - this.#text.length + tag.end }
      this.#probe = new JsonProbe(this.#signature)
    }
    this.#line = 0
    return tag.end
  }

  /** Takes back what was found, and reads the reply again: all of it, or what stands behind the thought. */
  #again(start: number, sink: Sink): number {
    sink.takeBack()
    const text = this.#seen.since(start)
    for (const name of this.#outputs.all) this.#outputs.unseen.add(name)
    if (start > 0) this.#mentioned.clear()
    this.#behindText.clear()
    this.#seen.restart(text)
    this.#line = 0
    this.#tail = ""
    this.#section = "none"
    this.#hasOther = false
    this.#thought = this.#isInline = undefined
    this.#probe = new JsonProbe(this.#signature)
    this.#read(text)
    return 0
  }

  // Lines

  /** The last character on the line before `at` that is no white space; 0 if there is none. */
  #lineBefore(at: number, from: number): number {
    for (let i = at - 1; i >= from; i--) {
      const code = this.#text.charCodeAt(i)
      if (isBreak(code)) return 0
      if (!isSpace(code)) return code
    }
    return this.#line
  }

  /** Where the decoration begins that stands before `at`: at the start of a line any, behind text only stars and the like. */
  #decorated(at: number, from: number): number {
    const text = this.#text
    const least = Math.max(from, at - mostDecoration)
    let start = at
    while (start > least && isDecoration(text.charCodeAt(start - 1))) start--
    if (start === at) return at
    if (this.#lineBefore(start, from) === 0) {
      while (start < at && isSpace(text.charCodeAt(start))) start++
      if (start === at || decoration.test(text.slice(start, at))) return start
    }
    start = at
    while (start > least && at - start < mostMarks && marks.includes(text[start - 1]!)) start--
    return start
  }

  #skipTail(from: number): number {
    let at = from
    while (this.#tail !== "" && at < this.#text.length) {
      const index = this.#tail.indexOf(this.#text[at]!)
      if (index === -1) this.#tail = ""
      else {
        this.#tail = this.#tail.slice(0, index) + this.#tail.slice(index + 1)
        at++
      }
    }
    return at
  }

  /** Whether a code fence is open in the field, where the text has reached `at`. */
  #isFenced(at: number): boolean {
    if (this.#section !== "field") return false
    const until = this.#seen.length - this.#text.length + at
    const text = this.#seen.since(this.#fence.at).slice(0, until - this.#fence.at)
    const count = text.match(fences)?.length ?? 0
    this.#fence = { at: until, isOpen: this.#fence.isOpen !== (count % 2 === 1) }
    return this.#fence.isOpen
  }
}

/** Up to where the field was looked through for code fences. */
interface Fence {
  readonly at: number
  readonly isOpen: boolean
}

/** The fields that were begun in a thought, and where it ends. */
interface Thought {
  readonly begun: ReadonlySet<string>
  readonly end: number
}

interface Tag {
  readonly isEnd: true
  readonly end: number
}

/** What stands on a marker's line before its text: the marker's last bracket. */
const behindMarker = 93

/** What characters are to a piece that may be content as it is. */
const plain = 0
const special = 1
const lineBreak = 2
const blank = 3
const decorative = 4
const mark = 5
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  if (isBreak(code)) return lineBreak
  if (isSpace(code)) return blank
  const char = String.fromCharCode(code)
  return "[<".includes(char) ? special : marks.includes(char) ? mark : decorations.includes(char) ? decorative : plain
})
const mostPlain = 64
const isDecoration = (code: number): boolean =>
  code < 128 ? kinds[code]! >= decorative || code === 32 || code === 9 : code === 0x2022

const quotes = "\"'“‘(«"
const clauseEnds = ".,;!?)\"'”’»"
const fences = /(?:^|[\r\n])[ \t]*(?:```|~~~)/g

/** Reads `</think>`. */
const readTag = (text: string, at: number): Tag | typeof maybe | undefined => {
  const tag = text.slice(at, at + longestEnd).toLowerCase()
  const end = thoughtEnds.find((end) => tag.startsWith(end))
  if (end !== undefined) return { isEnd: true, end: at + end.length }
  return at + longestEnd > text.length && thoughtEnds.some((end) => end.startsWith(tag)) ? maybe : undefined
}

/** The closing tags of thoughts. */
const thoughtEnds = ["</think>", "</thinking>", "</thought>"]
const longestEnd = 11

/** Whether text stands on the marker's line, if that can be told. */
const isInline = (text: string): boolean | undefined => {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isBreak(code)) return false
    if (!isSpace(code)) return true
  }
  return undefined
}

/** Letters and digits, and the comma, which no sentence ends with. */
const isWord = (code: number): boolean => /[\p{L}\p{N}_,]/u.test(String.fromCharCode(code))

const isSpaceAfter = (text: string, at: number): boolean =>
  text.length - at <= mostSpace && text.slice(at).trimStart() === ""

const indexOf = (text: string, char: string, at: number): number => {
  const found = text.indexOf(char, at)
  return found === -1 ? text.length : found
}
