/**
 * What went wrong between us and a provider, as an error of ours.
 */
import * as Schema from "effect/Schema"
import * as LMError from "../../lm/LMError.ts"
import { asString, isRecord } from "../../text/json/values.ts"
import * as Told from "./responseInfo.ts"
import * as Secrets from "./secrets.ts"
import * as TlsFailure from "./tlsFailure.ts"

/** Who was asked, and the secrets that must not be repeated. */
export interface Origin {
  /** As errors name it: `openai/gpt-4o-mini`. */
  readonly model: string
  readonly baseUrl: string
  /** Texts that never appear in an error, whoever wrote it, in whatever form: see `secrets.ts`. */
  readonly secrets: ReadonlyArray<string>
}

/**
 * The error for a reason. A server that repeats the key in its message does not get it into ours, nor a part of it: what
 * is long is cut after that. The end stays, since it holds the advice.
 */
export const toError = (
  origin: Origin,
  reason: LMError.Reason,
  headers?: ReadonlyArray<string>
): LMError.LMError => {
  const told = headers === undefined ? {} : Told.of(headers, (value) => Secrets.hide(value, origin.secrets))
  const clean = Secrets.hide(reason.description, origin.secrets)
  const description = clean.length > 1200 ? `${clean.slice(0, 900)} ... ${clean.slice(-200)}` : clean
  if (description === reason.description) return new LMError.LMError({ model: origin.model, reason, ...told })
  const fields = Schema.encodeSync(LMError.Reason)(reason)
  return new LMError.LMError({
    model: origin.model,
    reason: Schema.decodeSync(LMError.Reason)({ ...fields, description }),
    ...told
  })
}

/** A request that cannot be sent, because of what is in it: thrown instead of sending it. */
export class Unsendable {
  readonly reason: LMError.InvalidRequest
  constructor(description: string) {
    this.reason = new LMError.InvalidRequest({ description })
  }
}

/** A response that is no success, and what it means: thrown in the place of the response. */
export class Refused {
  readonly reason: LMError.Reason
  /** Names and values in turn. */
  readonly headers: ReadonlyArray<string> | undefined
  constructor(reason: LMError.Reason, headers?: ReadonlyArray<string>) {
    this.reason = reason
    this.headers = headers
  }
}

/** The reason for what was thrown: the provider's answer if there was one, else what the network did. */
export const fromThrown = (origin: Origin, thrown: unknown): LMError.Reason => {
  if (thrown instanceof Unsendable || thrown instanceof Refused) return thrown.reason
  const chain = causes(thrown)
  const codes = chain.map((cause) => asString(cause["code"]))
  const place = address(origin.baseUrl)
  const said = chain.map((cause) => asString(cause["message"])).filter((message) => message !== "")
  const description = `${said.length === 0 ? String(thrown) : [...new Set(said)].join(": ")} (${place})`
  if (codes.some((code) => refusedHere.has(code)) || said.includes("bad port")) {
    return new LMError.InvalidRequest({
      description: `nothing was sent: ${description}. Check the headers and the base URL`
    })
  }
  for (const code of codes) {
    const untrusted = TlsFailure.describe(code, said.at(-1) ?? code, place)
    if (untrusted !== undefined) return new LMError.InvalidRequest({ description: untrusted })
  }
  if (codes.some((code) => /^(?:Z_|ERR_(?:_ERROR_FORMAT|BROTLI|ZLIB))/.test(code))) {
    return new LMError.InvalidResponse({
      description: `the server's answer is not compressed in the way that it says (content-encoding): ${description}`
    })
  }
  if (codes.includes("HPE_INVALID_CONSTANT") || codes.includes("HPE_INVALID_VERSION")) {
    return new LMError.InvalidResponse({ description: `what answers at ${place} speaks no HTTP: ${description}` })
  }
  if (codes.includes("ECONNREFUSED")) {
    return new LMError.Transport({ description: `nothing answers at ${place}: is the server running there?` })
  }
  if (codes.includes("ENOTFOUND") || codes.includes("EAI_AGAIN")) {
    return new LMError.Transport({
      description: `the host of ${place} is not known: check the base URL and the network`
    })
  }
  const timedOut = codes.some((code) => code.endsWith("_TIMEOUT") || code === "ETIMEDOUT") ||
    said.some((message) => message.startsWith("Request timed out"))
  return timedOut ? new LMError.Timeout({ description }) : new LMError.Transport({ description })
}

/** Codes for what is not sent. */
const refusedHere: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "ERR_INVALID_URL",
  "ERR_INVALID_CHAR",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_HTTP_INVALID_HEADER_VALUE",
  "ERR_UNESCAPED_CHARACTERS"
])

/** The error and what caused it, outermost first. */
const causes = (thrown: unknown): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const chain: Array<Readonly<Record<string, unknown>>> = []
  for (let cause = thrown; isRecord(cause) && chain.length < 8; cause = cause["cause"]) chain.push(cause)
  return chain
}

/** The base URL without what it may hold of credentials. */
const address = (baseUrl: string): string => {
  if (!URL.canParse(baseUrl)) return "the base URL"
  const { origin, pathname } = new URL(baseUrl)
  return `${origin}${pathname}`
}
