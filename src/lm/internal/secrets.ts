/**
 * Secrets, in all the forms in which a server may repeat them: as they were sent, without the scheme before them, decoded or
 * encoded in base64, and escaped as JSON, URLs and HTML escape characters.
 */
import * as Redacted from "effect/Redacted"
import { isRecord } from "./json.ts"

/** The text without the secrets. */
export const hide = (text: string, secrets: ReadonlyArray<string>): string =>
  patterns(secrets).reduce((shown, pattern) => shown.replace(pattern, "<redacted>"), text)

/** The value as it is sent: redacted values, at any depth, are in it as they are. */
export const reveal = (value: unknown): unknown => withRedacted(value, (secret) => Redacted.value(secret))

/** The redacted texts in a value, at any depth; of a redacted object or list each text that it holds. */
export const within = (value: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  withRedacted(value, (secret) => {
    const text = Redacted.value(secret)
    found.push(...texts(text), ...(typeof text === "string" ? [] : [JSON.stringify(reveal(text)) ?? ""]))
    return undefined
  })
  return found
}

const texts = (value: unknown): ReadonlyArray<string> => {
  const shown = reveal(value)
  if (typeof shown === "string") return [shown]
  return Array.isArray(shown) || isRecord(shown) ? Object.values(shown).flatMap(texts) : []
}

// Details

/** A copy with the redacted values replaced; the value itself where it has none. Throws at a cycle. */
const withRedacted = (value: unknown, f: (secret: Redacted.Redacted<unknown>) => unknown): unknown => {
  const inside = new Set<unknown>()
  const copy = (value: unknown): unknown => {
    if (Redacted.isRedacted(value)) return f(value)
    if (!Array.isArray(value) && !isPlain(value)) return value
    if (inside.has(value)) throw new TypeError("it contains itself")
    inside.add(value)
    const entries = Object.entries(value).map(([name, member]) => [name, copy(member)] as const)
    inside.delete(value)
    if (entries.every(([name, member]) => (value as Readonly<Record<string, unknown>>)[name] === member)) return value
    return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries)
  }
  return copy(value)
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)

/** What is shorter is a word that a local server does not look at, and may well be in a message. */
const shortest = 6

const known = new WeakMap<ReadonlyArray<string>, ReadonlyArray<RegExp>>()

/** One pattern for each form, the longest first: it may hold a shorter one. */
const patterns = (secrets: ReadonlyArray<string>): ReadonlyArray<RegExp> => {
  let made = known.get(secrets)
  if (made === undefined) {
    const plain = [...new Set(secrets.flatMap(plainForms))].filter((form) => form.length >= shortest)
    const forms = new Map([
      ...plain.flatMap(base64Forms).map((form) => [form, inBase64] as const),
      ...plain.map((form) => [form, escaped] as const)
    ])
    made = [...forms]
      .sort(([a], [b]) => b.length - a.length)
      .map(([form, write]) => new RegExp(Array.from(form, write).join(""), "gu"))
    known.set(secrets, made)
  }
  return made
}

/**
 * The secret, what follows its scheme (`Bearer`), what that is in plain (`Basic` holds `user:password`), and the parts of what
 * has several: cookies, `Token token="..."`.
 */
const plainForms = (secret: string): ReadonlyArray<string> => {
  const text = secret.trim()
  const bare = /^[\w-]+\s+(\S.*)$/s.exec(text)?.[1] ?? ""
  const decoded = decode(bare === "" ? text : bare)
  // An object is no list of secrets: the texts in it are, and they are here by themselves.
  const parts = /^[{[]/.test(text) ? [] : text.split(/[\s;,=:"']+/).filter((part) => !common.has(part.toLowerCase()))
  return [text, bare, decoded, decoded.slice(decoded.indexOf(":") + 1), ...parts]
}

/** What stands beside a secret in a header and is none. */
const common: ReadonlySet<string> = new Set([
  "bearer",
  "digest",
  "negotiate",
  "authorization",
  "api-key",
  "api_key",
  "apikey",
  "access_token",
  "session",
  "sessionid",
  "session_id",
  "session-id",
  "cookie",
  "secret",
  "tokens",
  "username",
  "password",
  "signature",
  "credential",
  "expires",
  "max-age",
  "domain",
  "secure",
  "httponly",
  "samesite",
  "strict"
])

/** The text that is encoded in base64, if it is one. */
const decode = (base64: string): string => {
  if (!/^[A-Za-z0-9+/_-]{8,}=*$/.test(base64)) return ""
  const standard = base64.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/")
  if (standard.length % 4 === 1) return ""
  const latin = atob(standard)
  const text = new TextDecoder().decode(Uint8Array.from(latin, (byte) => byte.charCodeAt(0)))
  return [text, latin].find((text) => /^[^\p{Cc}\u{fffd}]+$/u.test(text)) ?? ""
}

/**
 * The secret in base64: alone, and in the middle of something else, where its letters depend on how many bytes come before
 * it. Those that share bits with what is around the secret are left out.
 */
const base64Forms = (secret: string): ReadonlyArray<string> => {
  const bytes = String.fromCharCode(...new TextEncoder().encode(secret))
  const alone = btoa(bytes)
  return [
    alone,
    alone.replace(/=+$/, ""),
    ...[0, 1, 2].map((before) =>
      btoa("\0".repeat(before) + bytes).slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6))
    )
  ]
}

/** A letter of base64, whose last two are written in two ways. */
const inBase64 = (letter: string): string =>
  letter === "+" ? `(?:${escaped("+")}|-)` : letter === "/" ? `(?:${escaped("/")}|_)` : escaped(letter)

/** A character as it is, or as JSON, URLs and HTML write it; each JSON text in a JSON text adds backslashes. */
const escaped = (character: string): string => {
  if (/^[a-z0-9]$/i.test(character)) return character
  const units = Array.from({ length: character.length }, (_, at) => hex(character.charCodeAt(at), 4))
  const bytes = Array.from(new TextEncoder().encode(character), (byte) => hex(byte, 2))
  const point = character.codePointAt(0)!
  return `(?:${
    [
      `\\\\{0,8}\\u{${point.toString(16)}}`,
      `${units.map((unit) => `\\\\{1,8}u${unit}`).join("")}`,
      `${bytes.map((byte) => `%(?:25)?${byte}`).join("")}`,
      `&#(?:${point}|[xX]0*${hex(point, 1)});`,
      ...(names[character] ?? [])
    ].join("|")
  })`
}

const names: Readonly<Record<string, ReadonlyArray<string>>> = {
  " ": ["\\+"],
  "\n": ["\\\\{1,8}n"],
  "\r": ["\\\\{1,8}r"],
  "\t": ["\\\\{1,8}t"],
  "\"": ["&quot;"],
  "'": ["&apos;"],
  "&": ["&amp;"],
  "<": ["&lt;"],
  ">": ["&gt;"]
}

/** A number in hexadecimal digits of either case. */
const hex = (value: number, digits: number): string =>
  value.toString(16).padStart(digits, "0").replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
