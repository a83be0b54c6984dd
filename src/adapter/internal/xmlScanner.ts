/**
 * Reads replies in which each output field is an element, `<name>value</name>`.
 *
 * Inside a field's element everything is content until its closing tag: other tags as they are, entities and CDATA
 * sections decoded. What stands between the fields' elements is ignored, an element around all of them too.
 */
import type * as Signature from "../../signature/Signature.ts"
import type { Scanner, Sink } from "../Scanner.ts"
import { isNameCharacter, isSpace, skipName, skipSpace } from "./characters.ts"
import { spellingsOf } from "./perSignature.ts"

export const xmlScanner = (signature: Signature.Any): Scanner => new XmlScanner(signature)

type State = "outside" | "tag" | "content" | "cdata"

class XmlScanner implements Scanner {
  readonly #resolve: (spelling: string) => string | undefined
  readonly #longest: number
  #state: State = "outside"
  /** The field whose element is open. */
  #name = ""
  /** The last character of the opening tag so far, and the quote of the attribute that is open in it. */
  #last = ""
  #quote = ""
  /** What may be the beginning of a tag, an entity or a section's end. */
  #held = ""

  constructor(signature: Signature.Any) {
    const { longest, resolve } = spellingsOf(signature)
    this.#resolve = resolve
    this.#longest = longest
  }

  push(chunk: string, sink: Sink): void {
    const text = this.#held === "" ? chunk : this.#held + chunk
    this.#held = ""
    let at = 0
    while (at < text.length) at = this.#step(text, at, sink)
  }

  end(sink: Sink): void {
    if (this.#state === "cdata" || (this.#state === "content" && !this.#held.startsWith("</"))) sink.write(this.#held)
  }

  #step(text: string, at: number, sink: Sink): number {
    switch (this.#state) {
      case "outside":
        return this.#outside(text, at)
      case "tag":
        return this.#inTag(text, at, sink)
      case "content":
        return this.#inContent(text, at, sink)
      case "cdata":
        return this.#inSection(text, at, sink)
    }
  }

  #keep(text: string, at: number): number {
    this.#held = text.slice(at)
    return text.length
  }

  #outside(text: string, from: number): number {
    const start = text.indexOf("<", from)
    if (start === -1) return text.length
    const end = skipName(text, start + 1, this.#longest + 1)
    if (end === text.length && end - start <= this.#longest + 1) return this.#keep(text, start)
    const name = this.#resolve(text.slice(start + 1, end))
    if (name !== undefined && "/> \t\r\n".includes(text[end]!)) {
      this.#state = "tag"
      this.#name = name
      this.#last = this.#quote = ""
    }
    return end
  }

  /** The rest of an opening tag: attributes do not matter. */
  #inTag(text: string, from: number, sink: Sink): number {
    for (let at = from; at < text.length; at++) {
      const char = text[at]!
      if (this.#quote !== "") {
        if (char === this.#quote) this.#quote = ""
      } else if (char === ">") {
        sink.open(this.#name, { bare: true })
        this.#state = this.#last === "/" ? "outside" : "content"
        if (this.#last === "/") sink.close()
        return at + 1
      } else if ((char === "\"" || char === "'") && this.#last === "=") {
        this.#quote = char
      }
      if (!isSpace(char.charCodeAt(0))) this.#last = char
    }
    return text.length
  }

  #inContent(text: string, from: number, sink: Sink): number {
    let written = from
    let tag = -1
    let entity = -1
    for (let at = from; at < text.length;) {
      if (tag < at) tag = indexOf(text, "<", at)
      if (entity < at) entity = indexOf(text, "&", at)
      const stop = Math.min(tag, entity)
      if (stop === text.length) break
      const found = stop === tag ? this.#tag(text, stop) : readEntity(text, stop)
      if (found === undefined) {
        at = stop + 1
        continue
      }
      if (stop > written) sink.write(text.slice(written, stop))
      if (found === maybe) return this.#keep(text, stop)
      if (found.is === "end") {
        sink.close()
        this.#state = "outside"
        return found.end
      }
      if (found.is === "cdata") {
        this.#state = "cdata"
        return found.end
      }
      sink.write(found.text)
      written = at = found.end
    }
    if (text.length > written) sink.write(text.slice(written))
    return text.length
  }

  /** The field's closing tag, or the beginning of a CDATA section. */
  #tag(text: string, start: number): Found | typeof maybe | undefined {
    const rest = text.slice(start, start + this.#longest + mostSpace + 3)
    if (cdata.startsWith(rest)) return maybe
    if (rest.startsWith(cdata)) return { is: "cdata", end: start + cdata.length }
    if (!rest.startsWith("</")) return undefined
    const end = skipName(rest, 2, this.#longest + 1)
    const name = rest.slice(2, end)
    if (end === rest.length) return this.#name.toLowerCase().startsWith(name.toLowerCase()) ? maybe : undefined
    if (this.#resolve(name) !== this.#name) return undefined
    const close = skipSpace(rest, end)
    if (close === rest.length) return close - end < mostSpace ? maybe : undefined
    return rest[close] === ">" ? { is: "end", end: start + close + 1 } : undefined
  }

  #inSection(text: string, from: number, sink: Sink): number {
    const end = text.indexOf(cdataEnd, from)
    if (end !== -1) {
      sink.write(text.slice(from, end))
      this.#state = "content"
      return end + cdataEnd.length
    }
    const until = text.endsWith("]]") && text.length - from >= 2
      ? text.length - 2
      : text.endsWith("]")
      ? text.length - 1
      : text.length
    sink.write(text.slice(from, until))
    return this.#keep(text, until)
  }
}

/** Markup inside a field's element, whole. */
type Found =
  | { readonly is: "end"; readonly end: number }
  | { readonly is: "cdata"; readonly end: number }
  | { readonly is: "text"; readonly text: string; readonly end: number }

/** The text ends before it is known. */
const maybe = "maybe"

const cdata = "<![CDATA["
const cdataEnd = "]]>"
/** How much white space a closing tag may have, and how long an entity may be: so much is kept back. */
const mostSpace = 16
const mostEntity = 12

const readEntity = (text: string, start: number): Found | typeof maybe | undefined => {
  const isNumber = text[start + 1] === "#"
  const nameAt = start + (isNumber ? 2 : 1)
  let end = nameAt
  while (end < text.length && end - start <= mostEntity && isNameCharacter(text.charCodeAt(end))) end++
  const name = text.slice(nameAt, end)
  if (end === text.length) {
    if (end - start > mostEntity) return undefined
    return (isNumber ? numberPrefix.test(name) : names.some((known) => known.startsWith(name))) ? maybe : undefined
  }
  if (text[end] !== ";") return undefined
  const decoded = isNumber ? fromNumber(name) : entities.get(name)
  return decoded === undefined ? undefined : { is: "text", text: decoded, end: end + 1 }
}

const fromNumber = (digits: string): string | undefined => {
  const code = decimal.test(digits) ? Number(digits) : hexadecimal.test(digits) ? Number(`0${digits}`) : Number.NaN
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

const decimal = /^\d+$/
const hexadecimal = /^[xX][\da-fA-F]+$/
const numberPrefix = /^(?:\d*|[xX][\da-fA-F]*)$/

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", "\""],
  ["apos", "'"]
])
const names = [...entities.keys()]

const indexOf = (text: string, char: string, at: number): number => {
  const found = text.indexOf(char, at)
  return found === -1 ? text.length : found
}
