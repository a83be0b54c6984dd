/**
 * What a text may stand for: read as JSON, URLs and HTML escape characters, as base64 and as hexadecimal digits.
 *
 * All is read as bytes in UTF-8, one for each character of a string, with the places in the text that stand for each. Every
 * reading takes one pass.
 */

/** Bytes, and for each where what stands for it begins and ends in the text. */
export interface Reading {
  readonly bytes: string
  readonly starts: ReadonlyArray<number>
  readonly ends: ReadonlyArray<number>
}

/** The text with all escapes taken back, however often they were made: it is the same for what one text may be escaped to. */
export const plain = (text: string): Reading => {
  const out = new Bytes()
  let at = 0
  let high: Unit | undefined
  const put = (unit: Unit): void => {
    if (high !== undefined && isLow(unit.code)) {
      out.text(String.fromCharCode(high.code, unit.code), high.start, unit.end)
      high = undefined
      return
    }
    if (high !== undefined) out.text("\ufffd", high.start, high.end)
    high = isHigh(unit.code) ? unit : undefined
    if (high !== undefined) return
    if (unit.code < 128) out.byte(unit.code, unit.start, unit.end)
    else out.text(String.fromCharCode(unit.code).toLowerCase(), unit.start, unit.end)
  }
  const raw = (end: number): void => {
    for (; at < end; at++) put({ code: text.charCodeAt(at), start: at, end: at + 1 })
  }
  escape.lastIndex = 0
  for (let found = escape.exec(text); found !== null; found = escape.exec(text)) {
    const [whole, unit, point, byte, letter, percent, decimal, hexadecimal, name] = found
    raw(found.index)
    const end = found.index + whole.length
    const code = Number.parseInt(
      unit ?? point ?? byte ?? percent ?? hexadecimal ?? decimal ?? "0",
      decimal === undefined ? 16 : 10
    )
    const one = letter ?? names[name?.toLowerCase() ?? ""]
    if (one !== undefined) put({ code: (controls[one.toLowerCase()] ?? one).charCodeAt(0), start: at, end })
    else if (percent !== undefined || byte !== undefined) out.byte(code, at, end)
    else if (unit !== undefined || point !== undefined || decimal !== undefined || hexadecimal !== undefined) {
      for (const part of code <= 0x10ffff ? String.fromCodePoint(code).split("") : "") {
        put({ code: part.charCodeAt(0), start: at, end })
      }
    } else put({ code: 92, start: at, end })
    at = end
  }
  raw(text.length)
  return out
}

/** What runs of letters of base64 hold, in lines or in one, wherever the first of their groups begins. */
export const ofBase64 = (reading: Reading): ReadonlyArray<Reading> => {
  const views = [0, 1, 2, 3].map(() => new Bytes())
  let run: Array<number> = []
  const { bytes, ends, starts } = reading
  for (let at = 0; at <= bytes.length; at++) {
    const code = at === bytes.length ? 0 : bytes.charCodeAt(at)
    if (code < 128 && sextets[code]! >= 0) run.push(at)
    else if (code !== 10 && code !== 13) {
      if (run.length >= shortestRun) {
        for (const [offset, view] of views.entries()) {
          // What follows another run is not its next byte.
          view.byte(0, starts[run[0]!]!, starts[run[0]!]!)
          let bits = 0
          let value = 0
          for (let index = offset; index < run.length; index++) {
            value = (value << 6 | sextets[bytes.charCodeAt(run[index]!)]!) & 0xffff
            bits += 6
            if (bits < 8) continue
            bits -= 8
            view.byte(value >> bits & 255, starts[run[index - 1]!]!, ends[run[index]!]!)
          }
        }
      }
      run = []
    }
  }
  return views
}

/** What runs of hexadecimal digits hold, which may have something between each two. */
export const ofHex = ({ bytes, ends, starts }: Reading): ReadonlyArray<Reading> => {
  const views = [new Bytes(), new Bytes()]
  for (const found of bytes.matchAll(/[0-9a-f]{2}(?:[: -]?[0-9a-f]{2}){5,}[0-9a-f]?/gi)) {
    const digits = Array.from(found[0], (_, index) => found.index + index).filter((at) => /[^: -]/.test(bytes[at]!))
    for (const [offset, view] of views.entries()) {
      view.byte(0, starts[found.index]!, starts[found.index]!)
      for (let index = offset; index + 1 < digits.length; index += 2) {
        const [first = 0, second = 0] = [digits[index], digits[index + 1]]
        view.byte(Number.parseInt(bytes[first]! + bytes[second]!, 16), starts[first]!, ends[second]!)
      }
    }
  }
  return views
}

// Details

interface Unit {
  readonly code: number
  readonly start: number
  readonly end: number
}

class Bytes implements Reading {
  readonly starts: Array<number> = []
  readonly ends: Array<number> = []
  readonly #pieces: Array<string> = []
  #joined: string | undefined
  get bytes(): string {
    return this.#joined ??= this.#pieces.join("")
  }
  byte(code: number, start: number, end: number): void {
    this.#pieces.push(String.fromCharCode(code))
    this.starts.push(start)
    this.ends.push(end)
  }
  text(text: string, start: number, end: number): void {
    for (const code of encoder.encode(text)) this.byte(code, start, end)
  }
}

const encoder = new TextEncoder()

const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00
const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000

/** Backslashes are doubled, and percent signs written as `%25`, each time that a text is put into another. */
const escape =
  /\\{1,64}(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2})|(["'/nrtbf])|)|%(?:25){0,3}([0-9a-f]{2})|&#(?:0{0,9}(\d{1,7})|x0{0,9}([0-9a-f]{1,6}));|&(quot|apos|amp|lt|gt);/gi

const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }
const names: Readonly<Record<string, string>> = { quot: "\"", apos: "'", amp: "&", lt: "<", gt: ">" }

/** A shorter run holds nothing that is looked for. */
const shortestRun = 8

/** What each letter of base64 stands for; the last two are written in two ways. */
const sextets: ReadonlyArray<number> = Array.from(
  { length: 128 },
  (_, code) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(
      String.fromCharCode(code).replace("-", "+").replace("_", "/")
    )
)
