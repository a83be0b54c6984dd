/**
 * What a response says of itself beside its body: its headers, and the name under which the provider's support knows the request.
 */

export interface ResponseInfo {
  readonly requestId?: string
  readonly headers: Readonly<Record<string, string>>
}

/** The headers by their names in lower case, each value as `clean` leaves it. */
export const of = (headers: Headers, clean: (value: string) => string): ResponseInfo => {
  const told: Record<string, string> = {}
  for (const [name, value] of headers) if (!left.has(name)) told[name] = clean(value)
  const id = names.find((name) => Object.hasOwn(told, name))
  return id === undefined ? { headers: told } : { requestId: told[id]!, headers: told }
}

/** Headers that are left out: a cookie is a secret, and some speak of the connection alone. */
const left: ReadonlySet<string> = new Set(["set-cookie", "connection", "keep-alive", "transfer-encoding"])

/** What providers call the header that names the request, the most usual first. */
const names = [
  "x-request-id",
  "request-id",
  "x-amzn-requestid",
  "apim-request-id",
  "x-ms-request-id",
  "x-goog-request-id",
  "cf-ray"
]
