/**
 * Which of the values that a server is given are secrets, by what they are called and by how they look. A server may repeat
 * what it was given, and what it found in its environment; words like `exit`, which it was given too, are words all the same.
 *
 * A provider is told which values are secrets, and hides them in every encoding (`provider/internal/secrets.ts`). Here they are
 * guessed, so they are hidden only as they were given: more would take words out of errors that are no secrets.
 */
import * as Redacted from "effect/Redacted"
import { escape } from "effect/RegExp"

export type Value = string | Redacted.Redacted<string>

export const plain = (value: Value): string => Redacted.isRedacted(value) ? Redacted.value(value) : value

/** The secrets in a value that goes by this name: a header, a variable, a flag. One that is redacted is one. */
export const secretsIn = (value: Value, name?: string): ReadonlyArray<string> => {
  const text = plain(value)
  const isSecret = Redacted.isRedacted(value) || (name !== undefined && isSecretName(name))
  const named = isSecret ? [text, bare(text)].filter((secret) => secret.length >= shortest) : []
  return [...named, ...pairsIn(text), ...randomIn(text)]
}

/** The secrets in the arguments of a program: what follows a flag goes by the flag's name. */
export const secretsInArguments = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.flatMap((arg, index) => {
    const flag = args[index - 1]
    return secretsIn(arg, flag?.startsWith("-") === true && !arg.startsWith("-") ? flag : undefined)
  })

/** The text without these, and without the credentials of any URL in it: the password of a proxy. */
export const hide = (text: string, secrets: ReadonlyArray<string>): string =>
  [...new Set(secrets)]
    // Longer secrets first: one that stands in another would take a part out of it.
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(placeOf(secret), "<secret>"), text)
    .replace(/:\/\/[^\s/@]+@/g, "://<secret>@")

// Details

/** A short one may be in the middle of a word, and one of a few letters is in any text. */
const placeOf = (secret: string): RegExp => {
  const text = escape(secret)
  return new RegExp(secret.length < 8 ? `(?<!\\w)${text}(?!\\w)` : text, "g")
}

const shortest = 4

/** Whether a name, as `API_KEY`, `--auth-token` or `x-password`, is that of a secret; `AUTH_TYPE` and `KEY_FILE` are not. */
const isSecretName = (name: string): boolean => {
  const words = name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase()).filter((word) =>
    word !== ""
  )
  return words.some((word) => secretWord.test(word)) && !about.has(words.at(-1) ?? "")
}

const secretWord =
  /^(?:key|pass|pwd|auth|authorization|pat|pin|sig|signature|dsn|jwt|cookie|bearer|private|credentials?)$|(?:apikey|token|secret|secrets|password|passwd|passphrase)$/

/** Last words of names that say something about a secret, and name none: `token_type`. */
const about: ReadonlySet<string> = new Set(
  "type mode method kind scheme file path dir url uri endpoint host name id header limit ttl expiry timeout count length provider"
    .split(" ")
)

/** Without the scheme before it, as in `Bearer ...`. */
const bare = (text: string): string => text.replace(/^\w+ +/, "")

/** What a text gives names to: `--token=...`, `Authorization: Bearer ...`, `?key=...`, `{"apiKey": "..."}`. */
const pairsIn = (text: string): ReadonlyArray<string> =>
  [
    ...Array.from(text.matchAll(pair)).flatMap(([, name = "", value = ""]) =>
      isSecretName(name) ? [value, bare(value)] : []
    ),
    ...Array.from(text.matchAll(/:\/\/[^\s/@:]*:([^\s/@]+)@/g)).map(([, password = ""]) => password)
  ].filter((secret) => secret.length >= shortest)

const pair = /(?<![\w.-])([\w.-]{1,100})["']?\s*[=:]\s*["']?((?:(?:bearer|basic|token)\s+)?[^\s"',;&/][^\s"',;&]*)/gi

/** Texts that a machine made: long ones with letters and digits that alternate, or with the beginning of a well-known token. */
const randomIn = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/[\w~+=-]{16,}/g), ([token]) => token).filter((token) =>
    tokens.test(token) || (token.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g) ?? []).length >= 3
  )

const tokens = /^(?:sk|pk|rk|gh[pousr]|github_pat|glpat|xox[a-z]|hf|npm|ntn)[-_]|^(?:AKIA|AIza|eyJ)/
