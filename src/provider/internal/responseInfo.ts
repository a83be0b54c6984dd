/**
 * What a response says of itself beside its body: its headers, and the name under which the provider's support knows the request.
 */

export interface ResponseInfo {
  readonly requestId?: string
  readonly headers: Readonly<Record<string, string>>
}

/** The headers, from names and values in turn, by their names in lower case, each value as `clean` leaves it. */
export const of = (headers: ReadonlyArray<string>, clean: (value: string) => string): ResponseInfo => {
  const told: Record<string, string> = {}
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase()
    if (left.has(name)) continue
    const value = clean(headers[at + 1]!)
    told[name] = Object.hasOwn(told, name) ? `${told[name]}, ${value}` : value
  }
  const id = names.find((name) => Object.hasOwn(told, name))
  return id === undefined ? { headers: told } : { requestId: told[id]!, headers: told }
}

/** Headers that are left out: a cookie is a secret, and some speak of the connection alone. */
const left: ReadonlySet<string> = new Set([
  "set-cookie",
  "set-cookie2",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  // It would set the object's prototype.
  "__proto__"
])

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
