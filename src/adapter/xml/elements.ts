/**
 * Reads what stands in the element of a field that is no text, as it arrives: the elements in it, and what they say.
 *
 * The value is JSON text ({@link toJson}). A list is written by its items.
 */
import type { Field } from "../../signature/Field.ts"
import { foldName } from "../internal/spelling.ts"
import { type Target, targetOf } from "../internal/values/target.ts"
import { isItem, itemKey, itemNames, type Node, toJson } from "./elementValues.ts"

// Models

/** An element that is open. */
interface Frame {
  readonly name: string
  readonly tag: string
  readonly children: Array<Node>
  raw: string
  /** The text behind the last element in it. */
  between: string
  isMixed: boolean
}

// Reading

/** Reads what stands in one field's element. */
export class Elements {
  readonly #target: Target
  readonly #isOwn: (spelling: string) => boolean
  readonly #stack: Array<Frame> = []
  readonly #root: Frame = frame("", "")
  /** The tag, comment or section that is open: its beginning, its last characters, and all of it. */
  #head = ""
  #last = ""
  #markup: Array<string> = []
  /** For a list: the name of its elements, once the first has been read, and the JSON that can be written. */
  #item: string | undefined
  #written = ""
  isClosed = false
  /** The elements do not fit together, or not to the schema. */
  isBroken = false

  constructor(field: Field, isOwn: (spelling: string) => boolean) {
    this.#target = targetOf(field)
    this.#isOwn = isOwn
  }

  /** Reads on from `at`: up to where the field's element is closed, or what follows does not fit. */
  push(text: string, at: number): number {
    while (at < text.length && !this.isClosed && !this.isBroken) {
      at = this.#head === "" ? this.#inText(text, at) : this.#inMarkup(text, at)
    }
    return at
  }

  /** JSON text that can be written now. */
  take(): string {
    const written = this.#written
    this.#written = ""
    return written
  }

  /** Whether a list is being written. */
  get isList(): boolean {
    return this.#item !== undefined
  }

  /** Nothing follows: gives the rest of the value, or undefined if the elements make no value. */
  end(): string | undefined {
    if (this.isBroken || this.#stack.length > 0 || this.#head !== "") return undefined
    const root = node(this.#root)
    if (root.isMixed) return undefined
    return this.#item !== undefined ? `${this.take()}]` : toJson(root, this.#target)
  }

  get #top(): Frame {
    return this.#stack.at(-1) ?? this.#root
  }

  #inText(text: string, from: number): number {
    const end = text.indexOf("<", from)
    const until = end === -1 ? text.length : end
    if (until > from) this.#text(text.slice(from, until))
    if (end === -1) return until
    this.#head = "<"
    this.#last = ""
    this.#markup = ["<"]
    return end + 1
  }

  #text(text: string): void {
    const top = this.#top
    top.raw += text
    top.between += text
  }

  #inMarkup(text: string, from: number): number {
    // A `<` before a character that begins no tag and no comment is text.
    if (this.#head === "<" && !mayFollow.test(text[from]!)) {
      this.#head = ""
      this.#text("<")
      return from
    }
    const end = text.indexOf(">", from)
    const until = end === -1 ? text.length : end + 1
    const piece = text.slice(from, until)
    if (this.#head.length < cdata.length) this.#head = (this.#head + piece).slice(0, cdata.length)
    this.#last = (this.#last + piece).slice(-3)
    this.#markup.push(piece)
    if (end === -1) return until
    const isWhole = this.#head.startsWith("<!--")
      ? this.#last === "-->"
      : this.#head !== cdata || this.#last === "]]>"
    if (isWhole) this.#endMarkup(this.#markup.join(""))
    return until
  }

  #endMarkup(markup: string): void {
    const isSection = this.#head === cdata
    this.#head = ""
    this.#markup = []
    if (isSection) return this.#text(markup.slice(cdata.length, -3).replaceAll("&", "&amp;").replaceAll("<", "&lt;"))
    if (markup[1] === "!" || markup[1] === "?") return
    const name = tagName.exec(markup)?.[1]
    if (name === undefined) this.isBroken = true
    else if (markup[1] === "/") this.#close(name, markup)
    else {
      endBetween(this.#top)
      this.#stack.push(frame(name, markup))
      if (markup.endsWith("/>")) this.#pop("")
      else this.isBroken = this.#stack.length > mostDepth
    }
  }

  #close(name: string, markup: string): void {
    if (this.#stack.length === 0) {
      this.isClosed = this.#isOwn(name)
      this.isBroken = !this.isClosed
    } else if (foldName(name) === foldName(this.#top.name)) this.#pop(markup)
    else this.isBroken = true
  }

  #pop(closing: string): void {
    const closed = this.#stack.pop()!
    const parent = this.#top
    parent.raw += closed.tag + closed.raw + closing
    parent.children.push(node(closed))
    if (this.#stack.length === 0) this.#child(parent.children.at(-1)!)
  }

  /** An element of the outermost level was read: of a list it is written at once. */
  #child(child: Node): void {
    const { array, object } = this.#target
    const { children, isMixed } = this.#root
    if (array === undefined || object !== undefined) return
    if (this.#item === undefined) {
      if (isMixed || children.length > 1 || isItem(child, array) !== true) return
      this.#item = child.name
    } else if (itemKey(child.name) !== itemKey(this.#item)) {
      this.isBroken = true
      return
    }
    const json = toJson(child, array.at(children.length - 1))
    if (json === undefined) this.isBroken = true
    else this.#written += `${children.length === 1 ? "[" : ","}${json}`
    // What was written need not be kept.
    this.#root.raw = ""
  }
}

const cdata = "<![CDATA["
/** What follows the bracket of a tag; half a surrogate pair may be a letter. */
const mayFollow = /[\p{L}\p{Nl}\p{Cs}_/!?]/u
const tagName = /^<\/?\s*([\p{L}\p{Nl}_][^\s<>/=]*)[^<]*>$/u
const mostDepth = 100

const frame = (name: string, tag: string): Frame => ({
  name,
  tag,
  children: [],
  raw: "",
  between: "",
  isMixed: false
})

/** What stands between elements separates them, or else the element is text with markup in it. */
const endBetween = (frame: Frame): void => {
  const between = frame.between.trim()
  frame.between = ""
  frame.isMixed ||= between !== "" && !(between.length <= mostSeparator && separator.test(between))
}

const separator = /^[[\]]?[,;]?\s*(?:[-*•]|\d{1,3}[.)])?[[\]]?$/
const mostSeparator = 16

const node = (closed: Frame): Node => {
  const { children, name, raw, tag } = closed
  if (children.length > 0) endBetween(closed)
  return { name, tag, raw, children, isMixed: closed.isMixed }
}

/** Whether the field's value is a list, and nothing else. */
export const isList = (field: Field): boolean => {
  if (field.kind !== "json") return false
  const { array, isAny, isText, object } = targetOf(field)
  return array !== undefined && object === undefined && !isText && !isAny
}

/** Whether items in elements begin there that have marks before them: `- <item>`, `[<item>`; undefined if that is not known. */
export const beginsMarked = (text: string, at: number): boolean | undefined => {
  const window = text.slice(at, at + mostMark)
  const found = marked.exec(window)
  if (found === null) return at + window.length === text.length && maybeMarked.test(window) ? undefined : false
  return itemNames.has(found[1]!.toLowerCase())
}

const marked = /^[[*\-•]\s{0,4}<([A-Za-z]{1,8})[\s/>]/
const maybeMarked = /^[[*\-•]\s{0,4}(?:<[A-Za-z]{0,8})?$/
const mostMark = 16
