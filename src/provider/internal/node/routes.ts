/**
 * The ways to servers on Node: connections that are kept for the next request, directly or through the proxy that the
 * environment names. All services of a process share them.
 */
import type { Agent, ClientRequest, ClientRequestArgs } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as LMError from "../../../lm/LMError.ts"
import { Refused } from "../failure.ts"
import { header } from "../reply.ts"
import * as Proxies from "./proxies.ts"

/** The way to one address. */
export interface Route {
  /** Host and port, as the header `host` has them. */
  readonly authority: string
  /** Begins a request; one that is not kept has a connection of its own. */
  readonly request: (headers: ReadonlyArray<string>, isKept: boolean) => ClientRequest
  /** What went wrong on this way, as an error that says where. */
  readonly explain: (error: Error) => unknown
}

/** The way to a URL, looked for once. */
export const to = (url: string): Route => {
  let route = known.get(url)
  if (route === undefined) {
    // Addresses do not become many unless somebody makes them up: then the first ones are not asked for again.
    if (known.size >= 1000) known.clear()
    route = make(new URL(url))
    known.set(url, route)
  }
  return route
}

const known = new Map<string, Route>()

const make = (url: URL): Route => {
  const { hostname, host, pathname, port, protocol, search } = url
  const proxy = Proxies.of(url, process.env)
  if (proxy !== undefined) check(proxy)
  const secure = protocol === "https:"
  const { request } = process.getBuiltinModule(secure ? "node:https" : "node:http")
  const options = {
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port,
    path: pathname + search,
    method: "POST",
    // Without it, Node looks for a name in the headers of each request. An IP address is no such name.
    servername: secure && !isAddress(hostname) ? hostname : ""
  }
  return {
    authority: host,
    request: (headers, isKept) =>
      request({
        ...options,
        headers,
        agent: agentOf(proxy, { isSecure: secure, isKept })
      }),
    explain: (error) => proxy === undefined ? error : ofProxy(proxy, host, error)
  }
}

/** A proxy that cannot be gone through: to go around it would not be what its user wants. */
const check = ({ url, variable }: Proxies.Proxy): void => {
  const refuse = (description: string): never => {
    throw new Refused(new LMError.InvalidRequest({ description }))
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    refuse(`${variable} is no address of an HTTP proxy, such as http://127.0.0.1:3128: nothing was sent`)
  }
  // Node has this option since it can use proxies.
  if (!process.allowedNodeEnvironmentFlags.has("--use-env-proxy")) {
    refuse(
      `${variable} is set, and Node ${process.versions.node} cannot use a proxy by itself: nothing was sent. Use Node 22.21 or ` +
        "24.5, or newer; or give a `fetch` or an `httpClient` that goes through it; or exclude the host (NO_PROXY)"
    )
  }
}

/** What the proxy did, and not the server behind it. */
const ofProxy = ({ url, variable }: Proxies.Proxy, host: string, error: NodeError): unknown => {
  const proxy = `the proxy ${new URL(url).origin} (${variable})`
  if (error.code !== undefined && unreachable.has(error.code)) {
    return new Refused(new LMError.Transport({ description: `nothing answers at ${proxy}: is it running there?` }))
  }
  if (error.code !== "ERR_PROXY_TUNNEL") return error
  const description = `${proxy} does not connect to ${host}: ${error.message}`
  return new Refused(
    error.statusCode !== undefined && error.statusCode < 500
      ? new LMError.InvalidRequest({ description })
      : new LMError.Transport({ description })
  )
}

const unreachable: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ETIMEDOUT"
])

interface NodeError extends Error {
  readonly code?: string
  readonly statusCode?: number
}

const isAddress = (hostname: string): boolean => hostname.startsWith("[") || /^\d+(?:\.\d+){3}$/.test(hostname)

// Connections

/** How long a connection may take to be there, in milliseconds, whatever the clock of the program does. */
const patience = 10_000

/** How long a connection is kept for the next request, where the server does not say how long it keeps it. */
const idle = 30_000

/** How often connections are looked for that were kept long enough: a timer for each would cost every request two of them. */
const sweep = 1000

/** What is known of a connection. */
interface Known {
  /** How many bytes it had brought when it was taken for another request. */
  brought: number
  /** How long its server keeps it. */
  idle: number
  /** Since when nobody uses it. */
  free: number
}

const connections = new WeakMap<object, Known>()

/** Takes note of how long the server keeps a connection: a request that comes later would find it closed. */
export const heard = (request: ClientRequest, headers: ReadonlyArray<string>): void => {
  const hint = header({ headers }, "keep-alive")
  const seconds = hint === null ? undefined : /timeout=(\d+)/.exec(hint)?.[1]
  const connection = request.socket === null || seconds === undefined ? undefined : connections.get(request.socket)
  if (connection !== undefined) connection.idle = Math.min(idle, Number(seconds) * 1000 - 2 * sweep)
}

/** Whether a request failed because its connection was closed while it was idle: nothing of a response has come. */
export const wasClosedIdle = (request: ClientRequest, { code }: NodeError): boolean =>
  request.reusedSocket && request.socket !== null && (code === "ECONNRESET" || code === "EPIPE") &&
  request.socket.bytesRead === connections.get(request.socket)?.brought

/** Through a proxy the socket is not the one that `createConnection` has opened. */
const knownOf = (socket: Socket): Known => {
  let connection = connections.get(socket)
  if (connection === undefined) {
    connection = { brought: 0, idle, free: 0 }
    connections.set(socket, connection)
  }
  return connection
}

const agents = new Map<string, Agent>()

const agentOf = (
  proxy: Proxies.Proxy | undefined,
  { isKept, isSecure }: { readonly isSecure: boolean; readonly isKept: boolean }
): Agent => {
  const name = `${isSecure} ${isKept} ${proxy?.url ?? ""}`
  let agent = agents.get(name)
  if (agent === undefined) {
    agent = new (keeping(process.getBuiltinModule(isSecure ? "node:https" : "node:http").Agent))({
      keepAlive: isKept,
      // As many as there were at once: what is closed has to be opened again.
      maxFreeSockets: 1024,
      ...(proxy === undefined ? {} : { proxyEnv: { [isSecure ? "https_proxy" : "http_proxy"]: proxy.url } })
    })
    agents.set(name, agent)
  }
  return agent
}

/** An agent of Node's that does not wait forever for a connection, and does not keep one longer than its server does. */
const keeping = (Base: typeof Agent): typeof Agent =>
  class extends Base {
    #sweeper: NodeJS.Timeout | undefined

    override createConnection(options: ClientRequestArgs, then?: Created): Duplex | null | undefined {
      const socket = super.createConnection(options, then)
      if (!isSocket(socket)) return socket
      connections.set(socket, { brought: 0, idle, free: 0 })
      const timer = setTimeout(() => {
        socket.destroy(
          Object.assign(new Error(`no connection within ${patience / 1000} seconds`), { code: "ETIMEDOUT" })
        )
      }, patience)
      const stop = () => clearTimeout(timer)
      // Through a proxy there is TLS only when the proxy has been reached.
      socket.once("encrypted" in socket ? "secureConnect" : "connect", stop).once("close", stop)
      return socket
    }

    override keepSocketAlive(socket: Duplex): boolean {
      const connection = isSocket(socket) ? knownOf(socket) : undefined
      if (!isSocket(socket) || connection === undefined || connection.idle <= 0) return false
      socket.unref()
      connection.free = performance.now()
      this.#sweeper ??= setInterval(() => this.#sweep(), sweep).unref()
      return true
    }

    override reuseSocket(socket: Duplex, request: ClientRequest): void {
      if (isSocket(socket)) knownOf(socket).brought = socket.bytesRead
      super.reuseSocket(socket, request)
    }

    /** Closes what was kept long enough. */
    #sweep(): void {
      const now = performance.now()
      let kept = 0
      for (const socket of Object.values(this.freeSockets).flatMap((sockets = []) => sockets)) {
        const { free, idle } = knownOf(socket)
        if (now - free >= idle) socket.destroy()
        else kept++
      }
      if (kept > 0) return
      clearInterval(this.#sweeper)
      this.#sweeper = undefined
    }

    /** All requests have the same settings: hosts are told apart by their names alone. */
    override getName(options?: ClientRequestArgs): string {
      return `${options?.host}:${options?.port}`
    }
  }

type Created = (error: Error | null, socket: Duplex) => void

const isSocket = (socket: Duplex | null | undefined): socket is Socket =>
  socket !== null && socket !== undefined && "bytesRead" in socket
