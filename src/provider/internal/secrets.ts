/**
 * Secrets, in all the forms in which a server may repeat them: as they were sent, in capitals or without, without the scheme
 * before them, decoded or encoded in base64 (once or twice, in lines or in one), as hexadecimal digits, and with any of their
 * characters escaped as JSON, URLs and HTML escape characters.
 */
import * as Redacted from "effect/Redacted"
import { isRecord } from "../../text/json/values.ts"
import * as Encodings from "./encodings.ts"

/** The text without the secrets. */
export const hide = (text: string, secrets: ReadonlyArray<string>): string => {
  const forms = formsOf(secrets)
  if (forms.length === 0) return text
  const found = readings(text).flatMap((reading) => placesOf(forms, reading)).sort(([a], [b]) => a - b)
  let shown = ""
  let at = 0
  for (const [start, end] of found) {
    if (start >= at && end > start) shown += `${text.slice(at, start)}<redacted>`
    at = Math.max(at, end)
  }
  return shown + text.slice(at)
}

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

/**
 * What is shorter is a word that a local server does not look at, and may well be in a message. To take out a secret of a few
 * letters would take these letters out of everything.
 */
const shortest = 6

/** Whether a text is long enough to be looked for. */
export const isSecret = (text: string): boolean => text.length >= shortest

const known = new WeakMap<ReadonlyArray<string>, ReadonlyArray<string>>()

/** The secrets as they are looked for: in plain, without capitals. */
const formsOf = (secrets: ReadonlyArray<string>): ReadonlyArray<string> => {
  let forms = known.get(secrets)
  if (forms === undefined) {
    const plain = secrets.flatMap(plainForms).filter(isSecret)
    const spaced = plain.filter((form) => form.includes(" ")).map((form) => form.replaceAll(" ", "+"))
    forms = [...new Set([...plain, ...spaced].map((form) => Encodings.plain(form).bytes.toLowerCase()))]
    known.set(secrets, forms)
  }
  return forms
}

/** What the text may say: as it is, and what is encoded in it, up to twice. */
const readings = (text: string): ReadonlyArray<Encodings.Reading> => {
  const plain = Encodings.plain(text)
  const once = Encodings.ofBase64(plain)
  return [plain, ...Encodings.ofHex(plain), ...once, ...once.flatMap(Encodings.ofBase64)]
}

/** Where the text stands for a secret. */
const placesOf = (
  forms: ReadonlyArray<string>,
  { bytes, ends, starts }: Encodings.Reading
): ReadonlyArray<readonly [start: number, end: number]> => {
  const said = bytes.toLowerCase()
  return forms.flatMap((form) => {
    const places: Array<readonly [number, number]> = []
    for (let at = said.indexOf(form); at !== -1; at = said.indexOf(form, at + form.length)) {
      places.push([starts[at]!, ends[at + form.length - 1]!])
    }
    return places
  })
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

/** Words that stand beside a secret in a header, and are no secrets. */
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
