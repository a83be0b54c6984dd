/**
 * Reads replies in which each output field is an element, `<name>value</name>`.
 *
 * Inside a field's element everything is content until its closing tag: other tags as they are, entities and CDATA
 * sections decoded. What stands between the fields' elements is ignored, an element around all of them too.
 *
 * - A closing tag may itself be content: it was, if the same closing tag follows with no opening tag in between. What
 *   follows a closing tag is kept until that is known, which is at the latest where another field begins or the reply ends.
 * - A tag in the middle of prose may be a mention: it was, if a tag of the field follows that looks more like the beginning
 *   of an element. Then the reply is taken back, and read again without it.
 * - A field that is written again may correct the reply: what was found is taken back, and the reply's end tells
 *   ({@link Rounds}). Of a list, elements that are no lists themselves are its items.
 * - Comments between elements are none of the reply, nor is what stands in an example, a draft or a thought ({@link Aside}).
 * - Elements inside the element of a field that is no text are lists and objects.
 * - `</think>` ends a thought. If a field that was begun in the thought begins again after it, the thought held a draft:
 *   everything up to `</think>` is taken back. What was said in a thought only is none.
 * - Once all fields were read, the element of an input begins the model's next turn: nothing counts any more.
 *
 * What could be read in two ways is an issue. A JSON object in place of the elements is read as one, and a reply in which all
 * markup is escaped as what it is without that.
 */
import type { Field } from "../../signature/Field.ts"
import type * as Signature from "../../signature/Signature.ts"
import { isSpace, skipSpace } from "../../text/characters.ts"
import { closeIn, longestClosing, openingAt } from "../../text/thoughts/inReply.ts"
import { outputsOf } from "../internal/perSignature.ts"
import { followingOf } from "../internal/reply/following.ts"
import { SeenText } from "../internal/reply/seenText.ts"
import { targetOf } from "../internal/values/target.ts"
import { hasJson, JsonProbe } from "../json/reply.ts"
import { jsonScanner } from "../json/scanner.ts"
import type { Make, Scanner, Sink } from "../Scanner.ts"
import { type Aside, asideOf, skipAside } from "./asides.ts"
import { Element, type Item, type Items, type Mode } from "./element.ts"
import { beginsMarked, Elements, isList } from "./elements.ts"
import { decodeEntities, readEntity } from "./entities.ts"
import { Mentions } from "./mentions.ts"
import { nearlyThere } from "./nearly.ts"
import { ampersand, lineBehind } from "./pieces.ts"
import { Rounds, twoLists } from "./rounds.ts"
import {
  type AsideOpening,
  cdataEnd,
  type Closing,
  closingAt,
  commentAt,
  greater,
  isNameStart,
  type Known,
  knownOf,
  less,
  maybe,
  type Opening,
  openingAt as openingTagAt,
  sectionAt,
  type Strength,
  strengthOf,
  strong,
  type Tag,
  weak
} from "./tags.ts"

export const xmlScanner: Make = Object.assign(
  (signature: Signature.Any) => new XmlScanner(signature),
  // The characters with which a tag, an escaped tag or a JSON object may begin.
  { signs: () => /[<&{[\u25c1]/ }
)

/**
 * Where the reading is: between elements, at an element's first character, in its content, in a CDATA section, behind a
 * closing tag that may be content, in elements that are the value, in a thought that the value begins with, in an aside, or in
 * the next turn.
 */
type State = "outside" | "start" | "thought" | "content" | "cdata" | "closed" | "elements" | "aside" | "over"

class XmlScanner implements Scanner {
  readonly #signature: Signature.Any
  readonly #outputs: ReadonlyMap<string, Field>
  readonly #known: Known
  readonly #unseen: Set<string>
  /** Everything since the reply began or began anew. */
  readonly #seen = new SeenText()
  /** What is being read: what was kept back, and the newest piece. Where its next `<` and `&` are. */
  #text = ""
  #angle = -1
  #ampersand = -1
  /** What may be the beginning of a tag, an entity or a section's end. */
  #held = ""
  #isEnded = false
  #state: State = "outside"
  /** The content is written as it comes, and nothing is kept back. */
  #isFlowing = false
  /** The last character on the line that is no white space, before what is read next; 0 if there is none. */
  #line = 0
  /** The element that is open. */
  #element: Element = new Element("", strong, "void", 0)
  #elements: Elements | undefined
  /** What ends the thought. */
  #close: RegExp | undefined
  /** What follows the closing tag that may be content, with that tag: as it would be written. */
  #behind: Array<string> = []
  #isBlankBehind = true
  /** Where the last element ended. */
  #endedAt = 0
  /** Nothing but white space and tags stands between the last element and what is read. */
  #isBlankBetween = true
  /** What is skipped, and whether it stands behind a closing tag; whether any is. */
  #aside: Aside | undefined
  #hasAsides = true
  /** Where the last aside ends. */
  #asideEnd = 0
  /** Fields in which elements did not fit together: elements in them are text. */
  readonly #plain = new Set<string>()
  /** A list in elements that are its items. */
  #items: Items | undefined
  readonly #mentions = new Mentions()
  /** Fields come again: what they say is kept to the reply's end. */
  #isKept = false
  #rounds: Rounds
  /** Fields whose closing tag was behind text, and may turn out to have been content. */
  readonly #loose = new Set<string>()
  /** Fields with a tag that belongs to no element: it stands inside another field's element, or closes what was not open. */
  readonly #misplaced = new Set<string>()
  /** The reply's markup was escaped. */
  #isEscaped = false
  /** An element of an input was there. */
  #hasInput = false
  /** Where the first element begins, and the names of what is open around it. */
  #first = 0
  #wrappers: ReadonlySet<string> | undefined
  readonly #issued = new Set<string>()
  #thought: Thought | undefined
  #hasThought = false
  #probe: JsonProbe | undefined
  #json: Scanner | undefined

  constructor(signature: Signature.Any) {
    this.#signature = signature
    this.#outputs = outputsOf(signature)
    this.#known = knownOf(signature)
    this.#unseen = new Set(this.#outputs.keys())
    this.#probe = new JsonProbe(signature)
    this.#rounds = this.#newRounds()
  }

  push(chunk: string, sink: Sink): void {
    if (this.#json !== undefined) return this.#json.push(chunk, sink)
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
    this.#readAll(sink)
  }

  end(sink: Sink): void {
    if (this.#json === undefined) {
      this.#isEnded = true
      this.#read(this.#held)
      this.#readAll(sink)
      while (this.#readsAgain(sink)) this.#readAll(sink)
    }
    if (this.#json === undefined) this.#endReply(sink)
    this.#json?.end(sink)
  }

  /** Whether the reply's end shows that it has to be read in another way. */
  #readsAgain(sink: Sink): boolean {
    if (this.#isOpenMention) {
      this.#mentions.addUnclosed(this.#element.name)
      this.#again(sink)
      return true
    }
    if (this.#hasBegun || this.#json !== undefined) return false
    // An aside that never ends was none: the reply is read as if asides had no meaning.
    if (this.#state === "aside") {
      this.#hasAsides = false
      this.#again(sink)
      return true
    }
    const text = this.#isEscaped ? "" : this.#seen.since(this.#start)
    if (!escapedReply.test(text) || /[<>]/.test(text)) return false
    this.#isEscaped = true
    this.#seen.restart(decodeEntities(text))
    this.#again(sink)
    return true
  }

  #readAll(sink: Sink): void {
    for (let at = 0; at < this.#text.length;) at = this.#step(at, sink)
  }

  #endReply(sink: Sink): void {
    if (this.#state === "thought") this.#doubt(sink, "holds a thought that does not end")
    if (this.#state === "start" || this.#state === "content" || this.#state === "cdata") this.#checkUnclosed(sink)
    if (this.#element.name !== "" && this.#state !== "outside" && this.#state !== "over") this.#endElement(sink)
    this.#flush(sink)
    if (this.#isKept) this.#writeRounds(sink)
    const isRead = this.#hasInput || (this.#hasBegun && this.#thought === undefined)
    if (!isRead && this.#probe !== undefined && hasJson(this.#signature, this.#seen.since(this.#start))) {
      return this.#toJson(sink)
    }
    if (this.#hasBegun && this.#unseen.size > 0) {
      for (const name of nearlyThere(this.#seen.since(0), this.#unseen, this.#known)) this.#misplaced.add(name)
    }
    for (const name of this.#misplaced) {
      if (this.#unseen.has(name)) {
        this.#issue(sink, "has a tag, but no element of its own: write one behind the other", name)
      }
    }
    if (this.#thought === undefined || this.#thought.isInside) return
    for (const name of this.#thought.begun) {
      this.#issue(sink, "stands in a thought: write the reply behind it", name)
    }
  }

  #writeRounds(sink: Sink): void {
    for (const [name, { items, problem }] of this.#rounds.end()) {
      if (problem !== undefined) this.#issue(sink, problem, name)
      this.#writeItems(name, items, sink)
    }
  }

  /**
   * Checks an element that never ends. It is read to the reply's end. That is doubtful where it may hide something: the
   * element of a missing field, a misspelled closing tag, the end of a code fence, or a closing tag that stands elsewhere. An
   * element with nothing in it was cut.
   */
  #checkUnclosed(sink: Sink): void {
    const element = this.#element
    const text = this.#seen.since(element.start)
    const lost = [...this.#unseen].find((name) => name !== element.name && text.includes(`<${name}>`))
    if (lost !== undefined) return this.#doubt(sink, `has no closing tag, and <${lost}> in it`)
    const end = text.trimEnd()
    const isFenced = end.endsWith(fence) && this.#seen.since(0).slice(0, element.position).includes(fence)
    const isUnclear = !element.isCut && cutTag.test(end.slice(-mostCut))
    const isElsewhere = this.#seen.since(0).slice(0, element.position).includes(`</${element.name}>`)
    if (isFenced || isUnclear || isElsewhere || this.#state === "start") this.#doubt(sink, "has no closing tag")
  }

  #step(at: number, sink: Sink): number {
    switch (this.#state) {
      case "start":
        return this.#atStart(at, sink)
      case "thought":
        return this.#inThought(at)
      case "cdata":
        return this.#inSection(at, sink)
      case "elements":
        return this.#inElements(at, sink)
      case "aside":
        return this.#inAside(at)
      case "content":
      case "closed":
        return this.#inContent(at, sink)
      default:
        return this.#outside(at, sink)
    }
  }

  /** Reads on in another text. */
  #read(text: string): void {
    this.#text = text
    this.#held = ""
    this.#angle = this.#ampersand = -1
  }

  #keep(at: number): number {
    this.#held = this.#text.slice(at)
    return this.#text.length
  }

  #nextAngle(at: number): number {
    if (this.#angle < at) this.#angle = indexOf(this.#text, "<", at)
    return this.#angle
  }

  // Between elements

  #outside(from: number, sink: Sink): number {
    const text = this.#text
    for (let at = from; at < text.length;) {
      const stop = this.#nextAngle(at)
      const found = stop === text.length ? undefined : this.#tag(stop)
      if (found === undefined && stop < text.length) {
        at = stop + 1
        continue
      }
      this.#line = this.#lineBefore(stop, from)
      if (this.#isBlankBetween) this.#isBlankBetween = text.slice(from, stop).trim() === ""
      this.#probeText(from, stop, sink)
      if (this.#json !== undefined || stop === text.length) return text.length
      if (found === maybe) return this.#keep(stop)
      return this.#outsideTag(found!, stop, sink)
    }
    this.#line = this.#lineBefore(text.length, from)
    if (this.#isBlankBetween) this.#isBlankBetween = text.slice(from).trim() === ""
    this.#probeText(from, text.length, sink)
    return text.length
  }

  #outsideTag(tag: Tag, at: number, sink: Sink): number {
    if (tag.is === "think") return this.#endThought(tag.end, false)
    if (tag.is === "aside") return this.#beginAside(tag, at) ?? tag.end
    if (tag.is === "open" && this.#state !== "over") return this.#opening(tag, at, sink)
    const isLineStart = this.#line === 0
    this.#line = greater
    if (this.#state === "over") {
      return tag.is === "open" && this.#isDraft(tag.name) ? this.#again(sink, this.#start) : tag.end
    }
    if (tag.is === "input") {
      this.#hasInput = true
      this.#probe = undefined
      if (this.#unseen.size === 0 && isLineStart) this.#state = "over"
      return tag.end
    }
    if (tag.is === "close") this.#closedAgain(tag.name, sink)
    return tag.end
  }

  /**
   * A closing tag of a field that is not open. If the field was closed behind text, one of its two closing tags was content.
   */
  #closedAgain(name: string, sink: Sink): void {
    if (this.#unseen.has(name)) this.#misplaced.add(name)
    if (!this.#loose.has(name)) return
    this.#issue(sink, "has two closing tags: write `&lt;` for `<` where it is part of the value", name)
  }

  /** An opening tag between elements. */
  #opening(tag: Opening, at: number, sink: Sink): number {
    const { end, isEmpty, name } = tag
    const position = this.#positionOf(at)
    const before = this.#line
    const strength = strengthOf(tag, before)
    this.#line = inTag
    if (this.#mentions.has(name, strength, position)) return end
    if (this.#isDraft(name) && strength !== weak) return this.#again(sink, this.#start)
    const isSeen = !this.#unseen.has(name)
    if (isSeen && strength === weak) return end
    if (isSeen && this.#unseen.size === 0) {
      switch (followingOf(this.#seen.since(this.#endedAt).slice(0, position - this.#endedAt), this.#signature)) {
        case "turn":
          this.#state = "over"
          return end
        case "other":
          this.#issue(sink, "is there twice: write each element once", name)
      }
    }
    if (isSeen && !this.#isKept && this.#items?.name !== name) {
      this.#isKept = true
      return this.#again(sink)
    }
    if (this.#items !== undefined && this.#items.name !== name) this.#flush(sink)
    const mode: Mode = this.#isKept ? "kept" : this.#isList(name) ? "items" : "live"
    if (this.#element.name === "") this.#first = position
    this.#element = new Element(name, strength, mode, position)
    this.#element.start = this.#positionOf(end)
    this.#element.isAlone = this.#isBlankBetween
    this.#isBlankBetween = true
    this.#element.mark = marks.get(before) ?? ""
    this.#unseen.delete(name)
    this.#probe = undefined
    if (mode === "live") sink.open(name, { bare: true })
    this.#state = "start"
    if (isEmpty) {
      this.#element.isClosed = true
      this.#loose.add(name)
      this.#endedAt = this.#positionOf(end)
      this.#endElement(sink)
    }
    return end
  }

  // In an element

  #atStart(from: number, sink: Sink): number {
    const text = this.#text
    const at = skipSpace(text, from)
    if (at === text.length) return this.#isEnded ? at : this.#space(from)
    this.#line = this.#lineBefore(at, from)
    if (text[at] === this.#element.mark) this.#element.isDoubtful = true
    const field = this.#outputs.get(this.#element.name)!
    const opened = isScalar(field) ? openingAt(text, at) : undefined
    if (opened === maybe && !this.#isEnded) return this.#keep(at)
    if (opened !== undefined && opened !== maybe) {
      this.#state = "thought"
      this.#close = opened.close
      return at + opened.length
    }
    if (field.kind === "json" && !this.#plain.has(field.name)) {
      const isElements = this.#beginsElements(field, at)
      if (isElements === undefined && !this.#isEnded) return this.#keep(at)
      if (isElements === true) {
        this.#state = "elements"
        this.#elements = new Elements(field, (spelling) => this.#known.outputs.resolve(spelling) === field.name)
        this.#element.start = this.#positionOf(at)
        return at
      }
    }
    if (this.#element.mode === "items" && text[at] === "[") this.#openList(sink)
    this.#state = "content"
    return at
  }

  #inThought(from: number): number {
    const text = this.#text.slice(from)
    const end = closeIn(text, this.#close!)
    if (end === undefined) {
      return this.#isEnded
        ? this.#text.length
        : this.#keep(Math.max(from, this.#text.length - longestClosing))
    }
    this.#state = "start"
    return from + end
  }

  /** Whether the value begins with elements, or a comment before them; undefined if that is not known yet. */
  #beginsElements(field: Field, at: number): boolean | undefined {
    const text = this.#text
    if (text[at] !== "<") return isList(field) && beginsMarked(text, at)
    if (at + 2 >= text.length) return undefined
    return isNameStart(text.charCodeAt(at + 1)) || (text[at + 1] === "!" && text[at + 2] === "-") ||
      text[at + 1] === "?"
  }

  #space(from: number): number {
    this.#line = this.#lineBefore(this.#text.length, from)
    return this.#text.length
  }

  /** The element is the list itself. */
  #openList(sink: Sink): void {
    const { name } = this.#element
    if (this.#items !== undefined) {
      this.#issue(sink, twoLists, name)
      this.#items = undefined
    }
    this.#element.mode = sink.open(name, { bare: true }) ? "live" : "void"
  }

  #inContent(from: number, sink: Sink): number {
    const text = this.#text
    let written = from
    for (let at = from; at < text.length;) {
      if (this.#ampersand < at) this.#ampersand = indexOf(text, "&", at)
      const stop = Math.min(this.#nextAngle(at), this.#ampersand)
      if (stop === text.length) break
      const found = stop === this.#angle ? this.#tag(stop) : readEntity(text, stop)
      if (found === undefined || (found === maybe && this.#isEnded)) {
        at = stop + 1
        continue
      }
      this.#writeContent(written, stop, sink)
      if (this.#json !== undefined) return text.length
      written = stop
      if (found === maybe) return this.#keep(stop)
      if (!("is" in found)) {
        this.#write(found.text, sink)
        this.#line = ampersand
        written = at = found.end
        continue
      }
      const next = this.#contentTag(found, stop, sink)
      if (next !== undefined) return next
      // The tag is content.
      at = found.end
    }
    this.#writeContent(written, text.length, sink)
    this.#isFlowing = this.#state === "content" && this.#element.mode === "live" && this.#probe === undefined
    return text.length
  }

  #writeContent(from: number, until: number, sink: Sink): void {
    if (until === from) return
    this.#write(this.#text.slice(from, until), sink)
    this.#line = this.#lineBefore(until, from)
    if (this.#probe !== undefined) this.#probeText(from, until, sink)
  }

  /** A tag inside an element: where the reading goes on, or nothing if it is content. */
  #contentTag(tag: Tag, at: number, sink: Sink): number | undefined {
    const element = this.#element
    switch (tag.is) {
      case "cdata":
        this.#state = "cdata"
        element.isBehind = this.#behind.length > 0
        return tag.end
      case "think":
        this.#write(this.#text.slice(at, tag.end), sink)
        return this.#endThought(tag.end, this.#state === "content")
      case "aside":
        return this.#beginAside(tag, at)
      case "input":
        if (this.#state !== "closed" || this.#unseen.size > 0 || this.#line !== 0) return undefined
        this.#endElement(sink)
        this.#state = "over"
        return tag.end
      case "wrapper":
        this.#endElement(sink)
        return tag.end
      case "close":
        if (tag.name === element.name) return this.#closing(tag, at, sink)
        if (this.#state === "closed") this.#closedAgain(tag.name, sink)
        return undefined
      case "open":
        return this.#openingInside(tag, at, sink)
    }
  }

  /** The element's closing tag, which may be content. */
  #closing(tag: Closing, at: number, sink: Sink): number | undefined {
    const element = this.#element
    if (tag.isCut) {
      element.isCut = true
      return this.#text.length
    }
    if (this.#state === "closed") {
      if (element.weakBehind > 0 && !element.isNested) {
        element.isDoubtful = true
        return undefined
      }
      element.isDoubled = this.#isBlankBehind && !element.isNested && !element.hasReturned
      element.hasReturned = true
      this.#returnToContent(sink)
    }
    element.isClosed = true
    element.isNested = element.depth > 0
    if (element.isNested) element.depth--
    element.weakBehind = 0
    this.#state = "closed"
    this.#behind = [this.#text.slice(at, tag.end)]
    this.#isBlankBehind = true
    this.#line = greater
    this.#endedAt = this.#positionOf(tag.end)
    return tag.end
  }

  /** The closing tag was content. */
  #returnToContent(sink: Sink): void {
    const text = this.#behind.join("")
    this.#behind = []
    this.#state = "content"
    this.#write(text, sink)
  }

  /** An opening tag of an output field inside an element, or behind its closing tag. */
  #openingInside(tag: Opening, at: number, sink: Sink): number | undefined {
    const element = this.#element
    const { name } = tag
    const strength = strengthOf(tag, this.#line)
    const position = this.#positionOf(at)
    const isMention = this.#mentions.has(name, strength, position)
    if (!isMention && strength === strong && this.#isDraft(name)) return this.#again(sink, this.#start)
    if (this.#state === "content") {
      if (name !== element.name || isMention) {
        if (!isMention && strength === strong) this.#misplaced.add(name)
        return undefined
      }
      if (strength > element.strength) return this.#mentioned(tag, at, strength, sink)
      element.depth++
      if (strength === element.strength || strength !== weak || this.#line === inTag) element.isEven = true
      return undefined
    }
    if (isMention) return undefined
    if (name === element.name) {
      if (element.isNested) {
        this.#returnToContent(sink)
        element.depth++
        element.isEven = true
        return undefined
      }
      if (strength === weak) {
        element.weakBehind++
        return undefined
      }
    } else if (strength === weak && !this.#unseen.has(name)) return undefined
    // Behind nothing but white space the closing tag was no content.
    if (name !== element.name && !this.#isBlankBehind) this.#loose.add(element.name)
    this.#endElement(sink)
    return this.#opening(tag, at, sink)
  }

  /** The element's own opening tag was a mention, as this one shows. */
  #mentioned(tag: Opening, at: number, strength: Strength, sink: Sink): number {
    const { mode, name } = this.#element
    if (this.#mentions.add(name, strength, this.#positionOf(at))) return this.#again(sink)
    if (mode === "live") this.#isKept = true
    else {
      // It is read again for each field a few times at most. Of an element that is kept, nothing was shown.
      this.#element.mode = "void"
      this.#endElement(sink)
      return this.#opening(tag, at, sink)
    }
    return this.#again(sink)
  }

  /** A tag that may be a mention is one if its element has no end. */
  get #isOpenMention(): boolean {
    const { isClosed, mode, name, strength } = this.#element
    return mode !== "void" && strength === weak && !isClosed && !this.#mentions.isUnclosed(name)
  }

  #inSection(from: number, sink: Sink): number {
    const text = this.#text
    const end = text.indexOf(cdataEnd, from)
    if (end !== -1) {
      this.#write(text.slice(from, end), sink)
      this.#state = this.#element.isBehind ? "closed" : "content"
      return end + cdataEnd.length
    }
    const cut = this.#isEnded ? 0 : text.endsWith("]]") && text.length - from >= 2 ? 2 : text.endsWith("]") ? 1 : 0
    this.#write(text.slice(from, text.length - cut), sink)
    return this.#keep(text.length - cut)
  }

  // In an aside

  /** Skips the aside that begins there, unless its tag is merely mentioned. */
  #beginAside(tag: AsideOpening, at: number): number | undefined {
    if (this.#state === "over") return undefined
    if (tag.name !== undefined && strengthOf({ isSpaced: false, next: tag.next }, this.#line) === weak) return undefined
    if (this.#state === "closed") this.#behind.push(this.#text.slice(at, tag.end))
    this.#aside = asideOf(tag.name)
    this.#state = "aside"
    return tag.end
  }

  #inAside(from: number): number {
    const { at, isOver } = skipAside(this.#aside!, this.#text, from)
    const isBehind = this.#behind.length > 0
    if (isBehind) this.#behind.push(this.#text.slice(from, at))
    if (!isOver) return this.#isEnded ? this.#text.length : this.#keep(at)
    this.#state = isBehind ? "closed" : "outside"
    this.#line = greater
    this.#asideEnd = this.#positionOf(at)
    if (!this.#hasBegun) this.#probe = new JsonProbe(this.#signature)
    return at
  }

  // In elements

  #inElements(from: number, sink: Sink): number {
    const elements = this.#elements!
    const at = elements.push(this.#text, from)
    if (elements.isList && this.#element.mode === "items") this.#openList(sink)
    this.#write(elements.take(), sink)
    if (elements.isClosed) {
      this.#element.isClosed = true
      const rest = elements.end()
      if (rest === undefined) return this.#asText(sink)
      this.#endedAt = this.#positionOf(at)
      this.#endElements(rest, elements.isList, sink)
      return at
    }
    return elements.isBroken ? this.#asText(sink) : at
  }

  /** What looked like elements is text. */
  #asText(sink: Sink): number {
    const element = this.#element
    const hasBegun = this.#elements!.isList
    this.#elements = undefined
    this.#plain.add(element.name)
    element.isClosed = false
    if (hasBegun) {
      this.#doubt(sink, "has elements that do not fit together")
      if (element.mode === "kept") element.text.length = 0
      else element.mode = "void"
    }
    this.#read(this.#seen.since(element.start))
    this.#state = "start"
    return 0
  }

  #endElements(rest: string, isWhole: boolean, sink: Sink): void {
    const element = this.#element
    this.#elements = undefined
    this.#loose.add(element.name)
    if (element.mode === "items" && rest.startsWith("[")) {
      // The field is a list and the reply has one object in its place: the object is the list's one item.
      element.json = rest.slice(1, -1)
    } else if (element.mode === "kept" && !isWhole && this.#isList(element.name)) {
      element.json = rest.slice(1, -1)
    } else this.#write(rest, sink)
    this.#endElement(sink)
  }

  // Values

  #write(text: string, sink: Sink): void {
    if (text === "") return
    const { mode, text: pieces } = this.#element
    if (this.#state === "closed" || (this.#state === "cdata" && this.#element.isBehind)) {
      this.#behind.push(text)
      this.#isBlankBehind &&= text.trim() === ""
      return
    }
    if (this.#element.isBlank) this.#element.isBlank = text.trim() === ""
    if (mode === "live") sink.write(text)
    else if (mode !== "void") pieces.push(text)
  }

  /** The element is over. */
  #endElement(sink: Sink): void {
    const element = this.#element
    if (this.#elements !== undefined) {
      const { isList: isWhole } = this.#elements
      const rest = this.#elements.end()
      if (rest !== undefined) return this.#endElements(rest, isWhole, sink)
      this.#doubt(sink, "is cut off: the reply ends before the value does")
      if (element.mode === "items") element.mode = "void"
      this.#elements = undefined
    }
    const isBlankBehind = this.#behind.length === 0 || this.#isBlankBehind
    this.#behind = []
    this.#state = "outside"
    if (element.mode === "void") return
    this.#isBlankBetween = isBlankBehind
    const isBeside = element.isBlank && element.json === undefined && (!element.isAlone || !isBlankBehind)
    const isUnsure = isBeside || element.isDoubtful || element.isDoubled ||
      (element.isEven && (element.isNested || !element.isClosed)) ||
      (!element.isClosed && (element.strength === weak || this.#isKept))
    if (isUnsure) this.#doubt(sink, "cannot be told from what stands around it: write one element")
    const item = { text: element.text.join("").trim(), json: element.json }
    if (element.mode === "live") sink.close()
    else if (element.mode === "kept") this.#rounds.add(element.name, item, element.problem)
    else if (this.#items === undefined) this.#items = { name: element.name, all: [item] }
    else this.#items.all.push(item)
    element.mode = "void"
  }

  /** Reports that the element's field cannot be read. An element that is kept aside notes it, and reports it only if it counts in the end. */
  #doubt(sink: Sink, message: string): void {
    const element = this.#element
    if (element.mode === "kept") element.problem ??= message
    else this.#issue(sink, message, element.name)
  }

  /** Says once of a field that it cannot be read. */
  #issue(sink: Sink, message: string, name: string): void {
    if (!this.#issued.has(name)) sink.issue(message, name)
    this.#issued.add(name)
  }

  #flush(sink: Sink): void {
    if (this.#items !== undefined) this.#writeItems(this.#items.name, this.#items.all, sink)
    this.#items = undefined
  }

  #writeItems(name: string, items: ReadonlyArray<Item>, sink: Sink): void {
    if (!sink.open(name, { bare: true })) return
    const [first] = items
    const isList = this.#isList(name)
    const isEmpty = isList && items.some(({ json, text }) => json === undefined && text === "")
    if (items.length > 1 && items.some(({ text }) => text.startsWith("["))) this.#issue(sink, twoLists, name)
    // Nothing is an empty list, unless it may be null or one of the items.
    if (isEmpty && (items.length > 1 || this.#outputs.get(name)!.nullable)) {
      this.#issue(sink, "is empty: write a list in JSON", name)
    }
    const all = () => `[${items.map(({ json, text }) => json ?? JSON.stringify(text)).join(",")}]`
    sink.write(items.length > 1 || first!.json !== undefined ? all() : isEmpty ? "[]" : first!.text)
    sink.close()
  }

  #isList(name: string): boolean {
    return isList(this.#outputs.get(name)!)
  }

  #newRounds(): Rounds {
    return new Rounds((name) => this.#isList(name))
  }

  // The reply begins anew

  get #hasBegun(): boolean {
    return this.#unseen.size < this.#outputs.size
  }

  /** Where the reply begins, in what was seen of it: behind the thought or the aside, if one has ended. */
  get #start(): number {
    return Math.max(this.#thought?.end ?? 0, this.#hasBegun ? 0 : this.#asideEnd)
  }

  #positionOf(at: number): number {
    return this.#seen.length - this.#text.length + at
  }

  /** Whether what was begun in the thought that has ended was a draft, as the field's element behind it shows. */
  #isDraft(name: string): boolean {
    if (this.#thought === undefined) return false
    const { begun, isInside } = this.#thought
    return isInside ? begun.has(name) : begun.size > 0
  }

  #endThought(end: number, isInside: boolean): number {
    // A thought that ends in the next turn is not this reply's, unless this reply's has had no end.
    if (this.#state !== "over" || !this.#hasThought) {
      this.#hasThought = true
      const begun = new Set(this.#outputs.keys())
      for (const name of this.#unseen) begun.delete(name)
      this.#thought = { begun, end: this.#positionOf(end), isInside }
      this.#probe = new JsonProbe(this.#signature)
    }
    this.#line = 0
    return end
  }

  /** Takes back what was found, and reads the reply again: all of it, or what stands behind the thought. */
  #again(sink: Sink, start = 0): number {
    sink.takeBack()
    const text = this.#seen.since(start)
    if (start > 0) {
      this.#mentions.clear()
      this.#isKept = false
    }
    for (const name of this.#outputs.keys()) this.#unseen.add(name)
    this.#misplaced.clear()
    this.#rounds = this.#newRounds()
    this.#loose.clear()
    this.#issued.clear()
    this.#plain.clear()
    this.#items =
      this.#elements =
      this.#thought =
      this.#aside =
      this.#wrappers =
        undefined
    this.#behind = []
    this.#isBlankBetween = true
    this.#asideEnd = 0
    this.#element = new Element("", strong, "void", 0)
    this.#seen.restart(text)
    this.#line = 0
    this.#state = "outside"
    this.#hasInput = false
    this.#probe = new JsonProbe(this.#signature)
    this.#read(text)
    return 0
  }

  #probeText(from: number, until: number, sink: Sink): void {
    if (this.#probe === undefined || this.#probe.isRefused || until === from) return
    if (this.#probe.push(this.#text.slice(from, until))) this.#toJson(sink)
  }

  /** The reply is a JSON object, from its beginning or from the end of the thought. */
  #toJson(sink: Sink): void {
    const text = this.#seen.since(this.#start)
    if (this.#hasBegun) sink.takeBack()
    this.#json = jsonScanner(this.#signature)
    this.#json.push(text, sink)
  }

  /** The last character on the line before `at` that is no white space; 0 if there is none. */
  #lineBefore(at: number, from: number): number {
    for (let i = at - 1; i >= from; i--) {
      const code = this.#text.charCodeAt(i)
      if (code === 10 || code === 13) return 0
      if (!isSpace(code)) return code
    }
    return this.#line
  }

  // Tags

  /** The tag at `at`, if it is one that may count. */
  #tag(at: number): Tag | typeof maybe | undefined {
    const text = this.#text
    const isEnded = this.#isEnded
    let nameAt = at + 1
    while (text[nameAt] === " " && nameAt < at + mostSpace) nameAt++
    if (nameAt === text.length) return isEnded ? undefined : maybe
    const isInside = this.#state === "content" || this.#state === "closed"
    const hasAsides = this.#hasAsides && this.#state !== "content"
    if (text[at + 1] === "!") {
      const found = hasAsides ? commentAt(text, at, isEnded) : undefined
      return found ?? (isInside ? sectionAt(text, at, isEnded) : undefined)
    }
    if (text[nameAt] === "/") {
      nameAt++
      return closingAt(this.#known, text, at, nameAt, isEnded, {
        inside: isInside ? this.#element.name : undefined,
        isBetween: this.#state !== "content",
        wrappers: this.#wrappersHere()
      })
    }
    return isNameStart(text.charCodeAt(nameAt))
      ? openingTagAt(this.#known, text, at, nameAt, isEnded, hasAsides)
      : undefined
  }

  /** The elements around the fields' whose closing tag shows that the field's, right before it, was no content. */
  #wrappersHere(): ReadonlySet<string> {
    if (this.#state !== "closed" || !this.#isBlankBehind) return none
    const before = () => this.#seen.since(0).slice(0, this.#first)
    return this.#wrappers ??= new Set(Array.from(before().matchAll(anyOpening), ([, name]) => name!))
  }
}

/** The fields that were begun in a thought, and where it ends. */
interface Thought {
  readonly begun: ReadonlySet<string>
  readonly end: number
  /** It ends inside an element, so that its tag may be content. */
  readonly isInside: boolean
}

/** Behind the opening tag of an element: no line begins there, and no text stands before it. */
const inTag = 1

const anyOpening = /<([\p{L}\p{Nl}_][\p{L}\p{M}\p{N}_-]*)/gu
const none: ReadonlySet<string> = new Set()

/** What stands behind a tag, where the mark before it is one around it. */
const marks: ReadonlyMap<number, string> = new Map([
  ..."*_`~".split("").map((mark) => [mark.charCodeAt(0), mark] as const),
  [less, ">"] as const
])
/** Whether the field's value is no list or object, in which tags may stand. */
const isScalar = (field: Field): boolean => {
  if (field.kind === "text") return true
  const { array, isAny, object } = targetOf(field)
  return !isAny && array === undefined && object === undefined
}

const fence = "```"
/** The end of a text where a closing tag was begun, or ended, and is not whole: it may be no tag. */
const cutTag = /<\S*$|>$/
const mostCut = 64
/** A reply that is markup and nothing else, all of which is escaped. */
const escapedReply = /^\s*(?:```\w*\s*)?&lt;/
/** How much white space may stand before a tag's name. */
const mostSpace = 4

const indexOf = (text: string, char: string, at: number): number => {
  const found = text.indexOf(char, at)
  return found === -1 ? text.length : found
}
