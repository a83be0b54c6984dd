/**
 * What a response says of itself beside its body: its headers, and the name under which the provider's support knows the request.
 */

export interface ResponseInfo {
  readonly requestId?: string
  readonly headers: Readonly<Record<string, string>>
}

/** The headers by their names in lower case, each value as `clean` leaves it. A cookie is a secret, and is left out. */
export const of = (headers: Headers, clean: (value: string) => string): ResponseInfo => {
  const told: Record<string, string> = {}
  for (const [name, value] of headers) if (!secret.has(name)) told[name] = clean(value)
  const id = names.find((name) => Object.hasOwn(told, name))
  return id === undefined ? { headers: told } : { requestId: told[id]!, headers: told }
}

const secret: ReadonlySet<string> = new Set(["set-cookie", "authorization", "proxy-authenticate", "www-authenticate"])

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
