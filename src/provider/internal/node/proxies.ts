/**
 * Which proxy the environment names for an address: `HTTPS_PROXY` and `HTTP_PROXY`, but for what `NO_PROXY` excludes, each in
 * capitals or not. What runs on this machine is asked without one.
 */

export interface Proxy {
  /** The variable that names it. */
  readonly variable: string
  /** Its address. */
  readonly url: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** The proxy for an address, if there is to be one. */
export const of = (url: URL, environment: Environment): Proxy | undefined => {
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy"
  const variable = [name, name.toUpperCase()].find((name) => (environment[name] ?? "").trim() !== "")
  if (variable === undefined || isLocal(url.hostname)) return undefined
  const excluded = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
  if (excluded.split(/[\s,]+/).some((entry) => excludes(entry.toLowerCase(), url))) return undefined
  const given = environment[variable]!.trim()
  return { variable, url: given.includes("://") ? given : `http://${given}` }
}

const isLocal = (hostname: string): boolean =>
  hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname)

/** `example.com` and `.example.com` are for the hosts below them too; `*` is for all; a port is for that port only. */
const excludes = (entry: string, { hostname, port, protocol }: URL): boolean => {
  if (entry === "" || entry === "*") return entry === "*"
  const [, host = entry, only] = /^(.*?)(?::(\d+))?$/.exec(
    entry.startsWith("[") || !/:.*:/.test(entry) ? entry : `[${entry}]`
  )!
  if (only !== undefined && only !== (port || (protocol === "https:" ? "443" : "80"))) return false
  const bare = host.replace(/^\*?\./, "")
  return hostname === bare || hostname.endsWith(`.${bare}`)
}
