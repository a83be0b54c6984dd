/**
 * The short way through chunks that differ in their text alone.
 *
 * Nearly all chunks of a stream are the same JSON with another `content`. Once one of them has been parsed, another that
 * begins and ends as it did can be read without parsing it: what stands between is the body of a JSON string, or the
 * chunk takes the long way. The place of that string is not guessed: the chunk is parsed once more with a mark in it, and
 * the mark has to come back as the content.
 */
import * as Result from "effect/Result"
import { parse } from "../../../../text/json/values.ts"
import { bracket, less, triangle } from "../../../../text/thoughts/places.ts"
import { copied } from "./copied.ts"
import { onlyText } from "./only.ts"

/** Remembers a chunk that is nothing but text. */
export interface TextTemplate {
  /** The text of a chunk that differs from the remembered one in nothing else, or `undefined`. */
  readonly read: (data: string) => string | undefined
  /** Whether the last text that was read is known to hold neither a backtick nor what a tag begins with. */
  readonly plain: () => boolean
  /** The completion that the remembered chunk belongs to. */
  readonly index: () => number
  /** Remembers a chunk, if it is nothing but text. `chunk` is what `data` says. */
  readonly learn: (data: string, chunk: unknown) => void
}

export const make = (): TextTemplate => {
  let before = ""
  let after = ""
  let index = 0
  let plain = false
  /** A stream of ever new shapes is parsed, not learned: each lesson has to pay before there are more. */
  let lessons = patience

  return {
    read: (data) => {
      const end = data.length - after.length
      if (before === "" || end < before.length) return undefined
      // Equality of slices is several times faster than startsWith and endsWith.
      if (data.slice(0, before.length) !== before || data.slice(end) !== after) return undefined
      const body = data.slice(before.length, end)
      const kind = kindOf(body)
      plain = kind === "plain"
      const text = kind === "escaped" ? unescaped(body) : copied(body)
      if (text !== undefined) lessons = patience
      return text
    },
    plain: () => plain,
    index: () => index,
    learn: (data, chunk) => {
      if (lessons === 0 || onlyText(chunk) === undefined) return
      lessons--
      const [start, end] = firstString(data, data.indexOf(`"content"`) + 9)
      const head = data.slice(0, start)
      const tail = data.slice(end)
      const marked = onlyText(Result.getOrUndefined(parse(`${head}${mark}${tail}`)))
      if (marked?.text !== mark) return
      before = head
      after = tail
      index = marked.index
    }
  }
}

const mark = "effect-lm"

const patience = 8

/** Where the body of the first JSON string from there on begins and ends. */
const firstString = (data: string, from: number): readonly [start: number, end: number] => {
  const start = data.indexOf("\"", from) + 1
  let end = start
  while (end < data.length && data.charCodeAt(end) !== quote) end += data.charCodeAt(end) === backslash ? 2 : 1
  return [start, end]
}

/** What the body of a JSON string holds. */
const kindOf = (body: string): "plain" | "marked" | "escaped" => {
  let marked = false
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at)
    // Letters, which nearly all characters are.
    if (code > backtick && code !== triangle) continue
    if (code === quote || code === backslash || code < space) return "escaped"
    if (code === backtick || code === less || code === bracket || code === triangle) marked = true
  }
  return marked ? "marked" : "plain"
}

/** The string with this body, or `undefined` if it is no body of a JSON string. */
const unescaped = (body: string): string | undefined => {
  const string = parse(`"${body}"`)
  return Result.isSuccess(string) && typeof string.success === "string" ? string.success : undefined
}

const backtick = 96
const quote = 34
const backslash = 92
const space = 32
