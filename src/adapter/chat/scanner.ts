/**
 * Reads replies in sections: each begins with its marker, `[[ ## name ## ]]`.
 *
 * At the start of a line a marker counts, also in a heading, a list, a quote, in bold or in backticks:
 *
 * - The marker of an output field that has not been seen begins the field.
 * - The marker of anything else, alone on its line, ends the field before it. What follows is nobody's, and ignored.
 * - `completed` ends the field before it. After it fields that are still missing count. The marker of a field that has been
 *   seen begins the reply anew, corrected. Once a marker of an input follows, the model has begun to play the next turn, and
 *   nothing counts any more.
 * - The marker of a field that has been seen is merely there twice where no text stands between. Behind words that take the
 *   text back it begins the reply anew. Else it could mean two things, and the reply is asked for again.
 * - In a code fence that is closed every marker is content.
 *
 * Behind text on its line, the marker of a missing field counts where it does not look like a mere mention. If the field's
 * marker follows at the start of a line, it was a mention after all: the reply is taken back, and read again without it.
 *
 * `</think>` without a `<think>` ends a thought. If a field that was begun in the thought begins again after it, the thought
 * held a draft: everything up to `</think>` is taken back. A thought that the reply or a field begins with is skipped.
 *
 * A reply that lacks something at its end may be read in another way, see `again.ts`.
 *
 * A JSON object in place of the sections is read as one. Only what may still become a marker is kept back.
 */
import type * as Signature from "../../signature/Signature.ts"
import { isSpace, skipAny } from "../../text/characters.ts"
import { RareSet } from "../../text/rareSet.ts"
import {
  closeIn,
  closingAt,
  LeadingThoughts,
  longestClosing,
  type Opened,
  openingAt,
  triangle
} from "../../text/thoughts/inReply.ts"
import { inputSpellingsOf, outputNamesOf, spellingsOf } from "../internal/perSignature.ts"
import { followingOf } from "../internal/reply/following.ts"
import { SeenText } from "../internal/reply/seenText.ts"
import { hasJson, JsonProbe } from "../json/reply.ts"
import { jsonScanner } from "../json/scanner.ts"
import type { Scanner, Sink } from "../Scanner.ts"
import { FieldFences } from "./fences.ts"
import {
  clauseEnds,
  isBlank,
  isInline,
  isSpaceAfter,
  isWord,
  leads,
  mirrored,
  pairs,
  quotes,
  takesBack,
  withoutNumbers
} from "./lines.ts"
import {
  blanks,
  closersOf,
  type Counted,
  decoration,
  isBreak,
  isCutMarker,
  marks,
  maybe,
  mayDecorate,
  mostDecoration,
  mostMarks,
  mostSpace,
  type Names,
  readMarker
} from "./marker.ts"
import { backtick, isDecoration, lineBehind } from "./pieces.ts"
import { placeholdersOf } from "./placeholders.ts"
import { Thoughts } from "./thoughts.ts"

/** A reply in which something was not found. */
export interface Lacking {
  readonly signature: Signature.Any
  readonly text: string
  readonly fields: ReadonlySet<string>
  /** Whether the last marker was found. */
  readonly isEnded: boolean
  /** Whether markers stood in code fences, and how the last fence is. */
  readonly fence: "none" | "closed" | "open"
}

/** How a reply is to be read that lacks something: in another way, or with doubts about some fields. */
export interface Other {
  readonly instead?: { readonly scanner: Scanner; readonly text: string } | undefined
  readonly doubts: Iterable<string>
  /** The reply may end at something that is nearly the last marker. */
  readonly mayEnd: boolean
}

export interface Options {
  /** Finds another way to read a reply that lacks something. If left out, such a reply is not read again. */
  readonly readAgain?: (lacking: Lacking) => Other
  /** Markers count in code fences too. */
  readonly ignoresFences?: boolean
}

/**
 * Where the reading is: before the first section, in a field's, in one that nobody asked for, behind `completed` while
 * fields are missing, behind `completed` when none is, or in the next turn.
 */
type Section = "none" | "field" | "other" | "completed" | "done" | "over"

export class ChatScanner implements Scanner {
  readonly #signature: Signature.Any
  readonly #options: Options
  /** Waits for the reply's first word behind thoughts. */
  #lead: LeadingThoughts | undefined = new LeadingThoughts()
  readonly #outputs: Names
  /** Everything since the reply began or began anew. */
  readonly #seen = new SeenText()
  /** What is being read: what was kept back, and the newest piece. Where its next `[`, `<` and triangle are. */
  #text = ""
  #bracket = -1
  #angle = -1
  #triangle = -1
  /** What may be the beginning of a marker. */
  #held = ""
  /** The last character on the line that is no white space, before what is read next; 0 if there is none. */
  #line = 0
  /** What may follow the last marker and still belongs to it: the other half of its decoration, a colon, one more bracket. */
  #tail = ""
  #section: Section = "none"
  /** The section is a field's, nothing is kept back, and nothing is waited for. */
  #isFlowing = false
  /** The field that was begun last, where its text begins, and whether it is all white space so far. */
  #field = ""
  #fieldAt = 0
  #isBlank = true
  /** What decorates its marker. */
  #opening = ""
  /** Words stand before the first section, and the field of that section while it is the only one. */
  #isLed = false
  #first = ""
  /** Whether the reply has a section that is no output field. */
  #hasOther = false
  /** Where the last marker ended the reply. */
  #endedAt = 0
  /** Where the next turn began. */
  #overAt = Infinity
  /** Whether text stands on the same line as the section's marker, once that is known. */
  #isInline: boolean | undefined
  /** The code fences of the field; whether a marker stood in one. */
  #fences = new FieldFences(0)
  #hasFenced = false
  /** Whether a marker that ends replies was taken for content, in a fence or at the end of a line. */
  #hasQuotedEnd = false
  /** The fields that the model left as the prompt shows them: their text is the placeholder. */
  readonly #unfilled = new RareSet<string>()
  /** The fields that the reply had before it was corrected. */
  readonly #before = new RareSet<string>()
  /** The fields that began in two places. */
  readonly #twice = new RareSet<string>()
  /** The thoughts inside of fields. */
  readonly #thoughts = new Thoughts()
  /** The fields that markers behind text have begun, and those for which such markers are mentions. */
  readonly #behindText = new RareSet<string>()
  readonly #mentioned = new RareSet<string>()
  /** The thought that has ended last. */
  #thought: Thought | undefined
  #hasThought = false
  #probe: JsonProbe | undefined
  #json: Scanner | undefined

  constructor(signature: Signature.Any, options: Options) {
    const { longest, resolve } = spellingsOf(signature)
    this.#signature = signature
    this.#options = options
    const all = outputNamesOf(signature)
    this.#outputs = { resolve, longest, all, unseen: new Set(all) }
    this.#probe = new JsonProbe(signature)
  }

  push(chunk: string, sink: Sink): void {
    if (this.#json !== undefined) return this.#json.push(chunk, sink)
    if (this.#lead !== undefined) return this.#begin(this.#lead.push(chunk), sink)
    this.#seen.push(chunk)
    if (this.#isFlowing) {
      const line = lineBehind(chunk, this.#line)
      if (line !== undefined) {
        this.#line = line
        return sink.write(chunk)
      }
    }
    this.#isFlowing = false
    this.#read(this.#held === "" ? chunk : this.#held + chunk)
    for (let at = 0; at < this.#text.length;) at = this.#scan(at, sink)
  }

  #begin(text: string | undefined, sink: Sink): void {
    if (text === undefined) return
    this.#lead = undefined
    this.push(text, sink)
  }

  end(sink: Sink): void {
    this.#begin(this.#lead?.end(), sink)
    if (this.#json === undefined) this.#endText(sink)
    this.#json?.end(sink)
  }

  #endText(sink: Sink): void {
    const held = this.#held
    this.#held = ""
    this.#text = ""
    if (this.#thoughts.inside === undefined) {
      const isCut = isCutMarker(held, this.#outputs, this.#line === 0)
      this.#emit(isCut ? this.#beforeCut(held, sink) : held, sink)
    }
    if (this.#json !== undefined) return
    const isRead = this.#hasOther || (this.#hasBegun && this.#thought === undefined)
    if (!isRead && this.#probe !== undefined && hasJson(this.#signature, this.#seen.since(this.#start))) {
      this.#toJson(sink)
      return
    }
    this.#leave(0)
    this.#isFenced(0)
    const isOpen = this.#section === "field" && this.#fences.isOpenAtEnd()
    const isEnded = this.#section === "completed" || this.#section === "done" || this.#section === "over"
    // Without any section of its own it is no reply in this form, but perhaps a prompt that is repeated.
    const isReply = this.#hasBegun || (isEnded && !this.#hasOther)
    const isWhole = isEnded && this.#outputs.unseen.size === 0
    const other = !isReply || isWhole ? undefined : this.#options.readAgain?.({
      signature: this.#signature,
      text: this.#thoughts.without(this.#seen, this.#start, this.#overAt),
      fields: this.#outputs.unseen,
      isEnded,
      fence: this.#hasFenced ? isOpen ? "open" : "closed" : "none"
    })
    if (other?.mayEnd === true) this.#hasQuotedEnd = true
    if (other?.instead === undefined) return this.#tellProblems(other?.doubts ?? [], isEnded, isOpen, sink)
    if (this.#hasBegun) sink.takeBack()
    other.instead.scanner.push(other.instead.text, sink)
    other.instead.scanner.end(sink)
  }

  /** The text was kept back as a cut last marker: gives the part of it that belongs to the field. */
  #beforeCut(held: string, sink: Sink): string {
    const at = held.indexOf("[")
    const opening = held.slice(0, at)
    const closers = closersOf(opening)
    const isPaired = closers !== "" && held.trimEnd().endsWith(mirrored(closers))
    if (this.#line !== 0 || !decoration.test(opening)) return isPaired ? "" : opening
    if (!isPaired) this.#checkOpening(opening, this.#positionOf(0) - held.length, sink)
    return ""
  }

  /** What could be read in two ways. */
  #tellProblems(doubts: Iterable<string>, isEnded: boolean, isOpen: boolean, sink: Sink): void {
    const { unseen } = this.#outputs
    for (const name of doubts) sink.issue(`has no marker that could not be something else: ${howToWrite}`, name)
    for (const name of this.#before) {
      if (unseen.has(name)) sink.issue("is missing where the reply is corrected: write all sections again", name)
    }
    for (const name of this.#unfilled) {
      if (!unseen.has(name)) {
        sink.issue("is empty, or only the form's placeholder: write the value behind the marker", name)
      }
    }
    if (this.#thoughts.inside !== undefined || this.#thoughts.hasStray(this.#seen)) {
      sink.issue("holds a part of a thought: write nothing but the value", this.#field)
    }
    if ((this.#hasQuotedEnd && !isEnded) || (this.#hasFenced && isOpen)) {
      sink.issue(`may end at a marker in its text: ${howToWrite}`, this.#field)
    }
  }

  // Each step reads up to the next marker or tag that counts, or keeps what may become one.

  #scan(start: number, sink: Sink): number {
    const text = this.#text
    if (this.#thoughts.inside !== undefined) return this.#skipThought(start, this.#thoughts.inside)
    const from = this.#skipTail(start)
    for (let at = from; at < text.length;) {
      if (this.#bracket < at) this.#bracket = indexOf(text, "[", at)
      if (this.#angle < at) this.#angle = indexOf(text, "<", at)
      if (this.#triangle < at) this.#triangle = indexOf(text, triangle, at)
      const stop = Math.min(this.#bracket, this.#angle, this.#triangle)
      if (stop === text.length) break
      const found = this.#tag(stop, from) ?? (stop === this.#bracket ? this.#marker(stop, from, sink) : undefined)
      if (found === maybe) return this.#keep(from, this.#decorated(stop, from), sink)
      if (found !== undefined) {
        const isTag = "isEnd" in found
        this.#emit(text.slice(from, isTag && found.isEnd ? found.end : found.start), sink)
        if (this.#json !== undefined) return text.length
        return isTag ? this.#followTag(found) : this.#follow(found, sink)
      }
      at = stop + 1
    }
    return this.#keep(from, this.#decorated(text.length, from), sink)
  }

  /** Reads on in another text. */
  #read(text: string): void {
    this.#text = text
    this.#held = ""
    this.#bracket = this.#angle = this.#triangle = -1
    this.#fences.note(text, 0)
  }

  /** Writes what is content, and keeps the rest until more is known. */
  #keep(from: number, until: number, sink: Sink): number {
    const text = this.#text
    this.#line = this.#lineBefore(until, from)
    this.#held = text.slice(until)
    if (until > from) this.#emit(text.slice(from, until), sink)
    this.#isFlowing = this.#section === "field" && this.#held === "" && this.#tail === "" &&
      !this.#isBlank && this.#isInline !== undefined && this.#probe === undefined
    return text.length
  }

  #emit(text: string, sink: Sink): void {
    if (text === "") return
    if (this.#isInline === undefined) this.#isInline = isInline(text)
    if (this.#isBlank) this.#isBlank = isBlank(text)
    if (this.#section === "field") sink.write(text)
    else if (this.#section === "none" && !this.#isLed) this.#isLed = !isBlank(text)
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

  // Thoughts

  /** The tag at `at`, unless it is quoted: the end of a thought, or a thought that a field begins with. */
  #tag(at: number, from: number): Tag | typeof maybe | undefined {
    const text = this.#text
    const isBegin = this.#section === "field" && this.#isBlank && isBlank(text.slice(from, at))
    const opened = isBegin ? openingAt(text, at) : undefined
    const closed = opened === undefined ? closingAt(text, at) : undefined
    if (opened === maybe || closed === maybe) return maybe
    if (opened === undefined && closed === undefined) return undefined
    const before = this.#lineBefore(at, from)
    if (before === backtick || quotes.includes(String.fromCharCode(before)) || this.#isFenced(at)) return undefined
    return opened === undefined
      ? { isEnd: true, start: at, end: at + closed!, beginsLine: before === 0 }
      : { isEnd: false, start: at, end: at + opened.length, opened }
  }

  #followTag(tag: Tag): number {
    if (tag.isEnd) return this.#endThought(tag)
    this.#thoughts.begin(this.#positionOf(tag.start), tag.opened.close)
    return tag.end
  }

  #skipThought(start: number, close: RegExp): number {
    const text = this.#text.slice(start)
    const end = closeIn(text, close)
    if (end === undefined) {
      this.#held = text.slice(-longestClosing)
      return this.#text.length
    }
    this.#line = 0
    this.#thoughts.end(this.#positionOf(start + end))
    return start + end
  }

  #endThought(tag: Tag & { readonly isEnd: true }): number {
    const end = this.#positionOf(tag.end)
    if (this.#section === "field" || this.#section === "completed" || this.#section === "done") {
      this.#thoughts.addStray({ at: end, beginsLine: tag.beginsLine })
    }
    // A thought that ends in the next turn is not this reply's, unless this reply's has had no end.
    if (this.#section !== "over" || !this.#hasThought) {
      this.#hasThought = true
      const begun = new Set(this.#outputs.all.filter((name) => !this.#outputs.unseen.has(name)))
      this.#thought = { begun, end }
      this.#probe = new JsonProbe(this.#signature)
      this.#isLed = false
    }
    this.#line = 0
    return tag.end
  }

  // Markers

  /** The marker whose first bracket is at `at`, if it counts. */
  #marker(at: number, from: number, sink: Sink): Counted | typeof maybe | undefined {
    const text = this.#text
    let start = this.#decorated(at, from, true)
    let before = this.#lineBefore(start, from)
    const found = readMarker(text, at, this.#outputs, before === 0)
    if (found === undefined || found === maybe) return found
    const closers = closersOf(text.slice(start, at))
    const isPaired = closers !== "" && pairs(text, found.end, closers)
    if (isPaired === maybe) return maybe
    // A decoration (`**`) that opens behind text and does not close behind the marker belongs to the text.
    if (before !== 0 && !isPaired) {
      start = at
      before = this.#lineBefore(at, from)
    }
    const counted: Counted = {
      ...found,
      start,
      tail: `${closers}:]`,
      opening: isPaired ? "" : text.slice(start, at)
    }
    const counts = before === 0
      ? this.#atLineStart(counted, from, sink)
      : this.#behind(counted, before, from, sink)
    if (counts === undefined || counts === maybe || !this.#isFenced(start)) return counts
    if (counts.name !== undefined || counts.isLast) this.#hasFenced = true
    if (counts.isLast) this.#hasQuotedEnd = true
    return undefined
  }

  #atLineStart(marker: Counted, from: number, sink: Sink): Counted | typeof maybe | undefined {
    const text = this.#text
    if (marker.isClosed && marker.hasLeft && marker.name !== undefined && this.#mayBegin(marker.name)) return marker
    if (marker.isLast) {
      if (marker.isClosed && marker.hasLeft) return marker
      // Without its end it counts at the end of a line; without hashes it looks too much like a link, and counts at the
      // reply's end.
      if (marker.hasLeft) return isBreak(text.charCodeAt(marker.end)) ? marker : undefined
      return marker.isClosed && isSpaceAfter(text, marker.end) ? maybe : undefined
    }
    if (!marker.isClosed || !marker.hasLeft || !marker.hasRight) return undefined
    if (marker.name !== undefined) return this.#repeated(marker, marker.name, from, sink)
    if (this.#isInlineBefore(marker.start, from) || this.#section === "completed" || this.#section === "done") {
      return marker
    }
    const end = skipAny(text, skipAny(text, marker.end, marker.tail, mostDecoration), blanks, mostSpace)
    if (end === text.length) return maybe
    return isBreak(text.charCodeAt(end)) ? marker : undefined
  }

  /**
   * The marker of a field that the reply has had, at the start of a line: the reply begins anew behind `completed`, and where
   * words before the marker take back what was there. Where the field has no text yet, the marker is merely there twice.
   */
  #repeated(marker: Counted, name: string, from: number, sink: Sink): Counted | typeof maybe | undefined {
    const isEnded = this.#section === "completed" || this.#section === "done"
    if (!isEnded && this.#section !== "field") return undefined
    const text = this.#text
    const next = skipAny(text, marker.end, marker.tail, mostDecoration)
    const end = skipAny(text, next, blanks, mostSpace)
    if (end === text.length) return maybe
    const isWhole = isBreak(text.charCodeAt(end)) || this.#isInlineBefore(marker.start, from)
    const isMention = clauseEnds.includes(text[next]!) || !"[\\*".includes(text[marker.start]!)
    if (!isWhole && isMention) return undefined
    if (this.#section === "field") {
      const isBlankField = this.#isBlank && isBlank(text.slice(from, marker.start))
      if (isBlankField && name === this.#field) return { ...marker, isRepeat: true }
      if (this.#isFenced(marker.start)) return marker
    }
    if (isWhole) {
      const follows = this.#hasTextAt(end)
      if (follows === maybe) return maybe
      if (isEnded) return follows ? this.#behindEnd(marker, name, sink) : undefined
      if (follows && this.#isTakenBack(marker.start)) return { ...marker, isAnew: true }
    }
    this.#tellTwice(name, sink)
    return undefined
  }

  /** The marker of a field that the reply has had, behind the reply's end: the reply once more, or something else. */
  #behindEnd(marker: Counted, name: string, sink: Sink): Counted | undefined {
    const end = this.#positionOf(marker.start)
    const between = this.#seen.since(this.#endedAt).slice(0, end - this.#endedAt)
    switch (followingOf(between, this.#signature)) {
      case "anew":
        return { ...marker, isAnew: true }
      case "turn":
        return { ...marker, isTurn: true }
      case "other":
        this.#tellTwice(name, sink)
        return undefined
    }
  }

  /** Whether text follows that is no other marker: else markers are merely listed. */
  #hasTextAt(end: number): boolean | typeof maybe {
    const text = this.#text
    let at = end
    while (at < text.length && at - end < mostSpace && isSpace(text.charCodeAt(at))) at++
    for (const most = at + mostDecoration; at < most && isDecoration(text.charCodeAt(at));) at++
    if (at === text.length) return maybe
    if (text[at] !== "[") return true
    const next = readMarker(text, at, this.#outputs, true)
    return next === maybe ? maybe : next?.isClosed !== true || !next.hasLeft
  }

  /** Whether the field says in the end that it was wrong, or all that was written so far are placeholders. */
  #isTakenBack(at: number): boolean {
    this.#leave(at)
    const { all, unseen } = this.#outputs
    if (this.#unfilled.size === all.length - unseen.size) return true
    const end = this.#positionOf(at)
    const begin = Math.max(this.#fieldAt, end - mostLead)
    const [last = ""] = this.#seen.since(begin).slice(0, end - begin).trimEnd().split(/[\r\n]/).slice(-1)
    return takesBack.test(last)
  }

  #tellTwice(name: string, sink: Sink): void {
    if (this.#twice.has(name)) return
    this.#twice.add(name)
    sink.issue(`begins in two places: ${howToWrite}`, name)
  }

  /** Behind text a marker may be a mention. */
  #behind(marker: Counted, before: number, from: number, sink: Sink): Counted | typeof maybe | undefined {
    const text = this.#text
    if (marker.isLast) return this.#lastBehind(marker, from)
    if (!marker.isClosed || !marker.hasLeft || !marker.hasRight || marker.name === undefined) return undefined
    const isEnded = this.#section === "completed" || this.#section === "done"
    const isAgain = isEnded && leads.includes(String.fromCharCode(before)) && !this.#mayBegin(marker.name)
    if (!isAgain && (!this.#mayBegin(marker.name) || this.#mentioned.has(marker.name))) return undefined
    const next = skipAny(text, marker.end, marker.tail, mostDecoration)
    const end = skipAny(text, next, blanks, mostSpace)
    if (end === text.length) return maybe
    if (isAgain) {
      const follows = isBreak(text.charCodeAt(end)) && this.#hasTextAt(end)
      return follows === true ? this.#behindEnd(marker, marker.name, sink) : follows === maybe ? maybe : undefined
    }
    if (this.#isQuoted(marker.start, before) || clauseEnds.includes(text[next]!)) return undefined
    const counts = isBreak(text.charCodeAt(end)) || this.#isInlineBefore(marker.start, from) || !isWord(before)
    if (!counts) return undefined
    if (this.#outputs.unseen.has(marker.name) || this.#thought?.begun.has(marker.name) === true) {
      return { ...marker, isBehind: true }
    }
    if (this.#isFenced(marker.start)) return marker
    this.#tellTwice(marker.name, sink)
    this.#mentioned.add(marker.name)
    return undefined
  }

  /** Whether a quote opens right before the marker. A straight one may be the end of a quotation, before a space. */
  #isQuoted(at: number, before: number): boolean {
    const quote = String.fromCharCode(before)
    if (!quotes.includes(quote)) return false
    return !"\"'".includes(quote) || this.#seen.since(this.#positionOf(at) - 1).startsWith(quote)
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
    if (!this.#isInlineBefore(marker.start, from)) return this.#quotedEnd(tail)
    let at = tail
    while (at < text.length && at - tail < mostSpace && isSpace(text.charCodeAt(at))) at++
    for (const most = at + mostDecoration; at < most && isDecoration(text.charCodeAt(at));) at++
    if (at === text.length) return maybe
    const next = text[at] === "[" ? readMarker(text, at, this.#outputs, false) : undefined
    if (next === maybe) return maybe
    const isNext = next?.isClosed === true && next.hasLeft && next.name !== undefined
    return isNext ? marker : this.#quotedEnd(tail)
  }

  /** A last marker at the end of a line that is content, unless no other one comes. */
  #quotedEnd(tail: number): undefined {
    if (isBreak(this.#text.charCodeAt(skipAny(this.#text, tail, blanks, mostSpace)))) this.#hasQuotedEnd = true
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
    if (marker.isTurn === true) {
      this.#section = "over"
      this.#overAt = this.#positionOf(marker.start)
      return end
    }
    if (marker.isAnew === true) this.#correct(marker.start, sink)
    else if (name !== undefined && marker.isRepeat !== true && !this.#outputs.unseen.has(name)) {
      if (this.#thought?.begun.has(name) === true) return this.#again(this.#start, sink)
      this.#mentioned.add(name)
      return this.#again(0, sink)
    }
    this.#line = behindMarker
    this.#tail = tail
    if (marker.isRepeat === true) {
      this.#isInline = undefined
      return end
    }
    this.#leave(marker.start)
    if (marker.isAnew !== true) this.#checkOpening(marker.opening, this.#positionOf(marker.start), sink)
    if (name !== undefined && this.#outputs.unseen.delete(name)) {
      if (this.#outputs.unseen.size === this.#outputs.all.length - 1) this.#first = name
      sink.open(name, { bare: true })
      if (marker.isBehind === true) this.#behindText.add(name)
      this.#section = "field"
      this.#isInline = this.#probe = undefined
      this.#field = name
      this.#opening = withoutNumbers(marker.opening)
      this.#fieldAt = this.#positionOf(end)
      this.#isBlank = true
      this.#fences = new FieldFences(this.#fieldAt)
      this.#fences.note(this.#text, end)
      return end
    }
    sink.close()
    if (marker.isLast) this.#endSections(end)
    else if (this.#section === "completed" || this.#section === "done") {
      if (inputSpellingsOf(this.#signature).resolve(marker.spelling) !== undefined) {
        this.#section = "over"
        this.#overAt = this.#positionOf(end)
      }
    } else if (this.#section !== "over") {
      this.#section = "other"
      this.#hasOther = true
      this.#probe = undefined
    }
    return end
  }

  /**
   * Reports a value that may be ended in the middle. Two things leave a doubt: the value before the marker is empty and the marker
   * is decorated (`**`), so the decoration may be the value; or the marker's line has other signs before it, which may be the end
   * of the value.
   */
  #checkOpening(opening: string, position: number, sink: Sink): void {
    if (this.#section !== "field") return
    const begin = Math.max(this.#fieldAt, position - mostDecoration)
    const [line] = this.#seen.since(begin).slice(0, position - begin).split(/[\r\n]/).slice(-1)
    const sign = withoutNumbers(opening)
    const isValue = this.#isBlank && sign !== "" && sign !== this.#opening
    if (isValue || onlySigns.test(line!)) {
      sink.issue(`may end with what stands before the next marker: ${howToWrite}`, this.#field)
    }
  }

  #endSections(at: number): void {
    if (this.#section === "over") return
    this.#section = this.#outputs.unseen.size === 0 ? "done" : "completed"
    this.#endedAt = this.#positionOf(at)
  }

  /** Notes whether a field whose text ends at `at` has only what the form has in its place. */
  #leave(at: number): void {
    if (this.#section !== "field") return
    if (this.#isBlank && this.#isLed && this.#field === this.#first) this.#unfilled.add(this.#field)
    const length = this.#positionOf(at) - this.#fieldAt
    if (length > mostPlaceholder) return
    const text = this.#seen.since(this.#fieldAt).slice(0, length).trim()
    if (placeholdersOf(this.#signature).get(this.#field)!.includes(text)) this.#unfilled.add(this.#field)
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

  /** Takes back what was found, and reads the reply again: all of it, or what stands behind the thought. */
  #again(start: number, sink: Sink): number {
    const text = this.#seen.since(start)
    if (start > 0) {
      this.#mentioned.clear()
      this.#before.clear()
    }
    this.#forget(text, sink)
    this.#line = 0
    this.#tail = ""
    this.#section = "none"
    this.#probe = new JsonProbe(this.#signature)
    this.#read(text)
    return 0
  }

  /** Takes back what was found: the reply begins anew at `at`. */
  #correct(at: number, sink: Sink): void {
    for (const name of this.#outputs.all) {
      if (!this.#outputs.unseen.has(name) && !this.#unfilled.has(name)) this.#before.add(name)
    }
    this.#mentioned.clear()
    this.#forget(this.#text.slice(at), sink)
  }

  #forget(text: string, sink: Sink): void {
    sink.takeBack()
    for (const name of this.#outputs.all) this.#outputs.unseen.add(name)
    this.#behindText.clear()
    this.#unfilled.clear()
    this.#twice.clear()
    this.#thoughts.clear()
    this.#seen.restart(text)
    this.#overAt = Infinity
    this.#hasOther =
      this.#hasFenced =
      this.#hasQuotedEnd =
      this.#isLed =
        false
    this.#thought = this.#isInline = undefined
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
  #decorated(at: number, from: number, isMarker = false): number {
    const text = this.#text
    const least = Math.max(from, at - mostDecoration)
    let start = at
    while (start > least && isDecoration(text.charCodeAt(start - 1))) start--
    if (start === at) return at
    if (this.#lineBefore(start, from) === 0) {
      while (start < at && isSpace(text.charCodeAt(start))) start++
      if (start === at || (isMarker ? decoration : mayDecorate).test(text.slice(start, at))) return start
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
    return this.#section === "field" && this.#options.ignoresFences !== true &&
      this.#fences.isOpenAt(this.#positionOf(at), this.#seen)
  }

  /** Where a place in the text is, in what was seen of the reply. */
  #positionOf(at: number): number {
    return this.#seen.length - this.#text.length + at
  }
}

/** The fields that were begun in a thought, and where it ends. */
interface Thought {
  readonly begun: ReadonlySet<string>
  readonly end: number
}

/** A tag around a thought: its end, or the beginning of one that a field begins with. */
type Tag =
  | { readonly isEnd: true; readonly start: number; readonly end: number; readonly beginsLine: boolean }
  | { readonly isEnd: false; readonly start: number; readonly end: number; readonly opened: Opened }

/** What stands on a marker's line before its text: the marker's last bracket. */
const behindMarker = 93

const mostLead = 300
const mostPlaceholder = 500
const howToWrite = "write its marker once, on a line of its own"
/** Signs that are no decoration, and a space, on the line of a marker. */
const onlySigns = /^(?:(?:\p{S}|\u200d|\ufe0f)+[ \t]+)+$/u

const indexOf = (text: string, char: string, at: number): number => {
  const found = text.indexOf(char, at)
  return found === -1 ? text.length : found
}
