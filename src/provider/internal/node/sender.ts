/**
 * Requests that go through Node's own HTTP, which costs a third of what its `fetch` does. The modules of Node are asked for
 * when the first request is made: to import this library loads none.
 */
import type { ClientRequest, IncomingMessage } from "node:http"
import type { Readable } from "node:stream"
import type { ReadableStream as NodeReadableStream } from "node:stream/web"
import { header, type Outgoing, type Reply, type Sender } from "../reply.ts"
import { version } from "../version.ts"
import * as NodeInflate from "./inflate.ts"
import * as NodeRoutes from "./routes.ts"

/** The sender; none where a platform has not what Node has. */
export const sender = (): Sender | undefined =>
  typeof globalThis.process?.getBuiltinModule === "function" ? send : undefined

/** The body of the response, decompressed. Undefined where it was not compressed. */
export const inflated = (
  response: Pick<Reply, "status" | "headers">,
  body: ReadableStream<Uint8Array>
): Promise<Reply> | undefined => {
  if (header(response, "content-encoding") === null) return undefined
  const bytes = process.getBuiltinModule("node:stream").Readable.fromWeb(body as NodeReadableStream<Uint8Array>)
  return Promise.resolve(replyOf(response, bytes, () => bytes.destroy()))
}

// Sending

const send: Sender = (outgoing, abort) =>
  new Promise((resolve, reject) => {
    const route = NodeRoutes.to(outgoing.url)
    const headers = headersOf(outgoing, route.authority)
    const begin = (isKept: boolean): void => {
      const request = route.request(headers, isKept)
      let isAnswered = false
      request.on("response", (message) => {
        isAnswered = true
        resolve(replyTo(request, message))
      })
      request.on("error", (error) => {
        // An error of the response is told to its reader.
        if (isAnswered) return
        // The server had closed the connection while it was idle: of this request it has seen nothing.
        if (isKept && !abort.isAborted && NodeRoutes.wasClosedIdle(request, error)) begin(false)
        else reject(route.explain(error))
      })
      abort.onAbort(() => request.destroy())
      request.end(outgoing.body)
    }
    begin(true)
  })

const replyTo = (request: ClientRequest, message: IncomingMessage): Reply | Promise<Reply> => {
  NodeRoutes.heard(request, message.rawHeaders)
  const head = { status: message.statusCode ?? 0, headers: message.rawHeaders }
  return replyOf(head, message, () => request.destroy())
}

const replyOf = (
  head: Pick<Reply, "status" | "headers">,
  bytes: Readable,
  leave: () => void
): Reply | Promise<Reply> => {
  const encoding = header(head, "content-encoding")
  if (encoding === null) return new NodeReply(head, bytes, leave)
  return NodeInflate.inflate(bytes, encoding).then(
    (plain) => new NodeReply(head, plain, leave),
    (thrown: unknown) => {
      leave()
      throw thrown
    }
  )
}

/**
 * Names and values in turn, with the host and the length of the body: Node writes such a list as it is. What is the same for
 * all requests of a service is put together once.
 */
const headersOf = ({ body, headers }: Outgoing, authority: string): ReadonlyArray<string> => {
  let fixed = known.get(headers)
  if (fixed === undefined || fixed[1] !== authority) {
    const own = Object.entries(headers).filter(([name]) => name !== "host")
    fixed = [
      "host",
      authority,
      ...(headers["user-agent"] === undefined ? ["user-agent", `effect-lm/${version}`] : []),
      ...own.flat()
    ]
    known.set(headers, fixed)
  }
  return [...fixed, "content-length", String(Buffer.byteLength(body))]
}

const known = new WeakMap<Outgoing["headers"], ReadonlyArray<string>>()

// Reading

/** A body that comes from a stream of Node's. */
class NodeReply implements Reply {
  readonly status: number
  readonly headers: ReadonlyArray<string>
  readonly cancel: () => void
  readonly #bytes: Readable
  #isRead = false
  #isEnded = false
  #error: Error | undefined
  #resolve: ((bytes: Uint8Array | undefined) => void) | undefined
  #reject: ((error: Error) => void) | undefined

  constructor({ headers, status }: Pick<Reply, "status" | "headers">, bytes: Readable, leave: () => void) {
    this.status = status
    this.headers = headers
    this.cancel = leave
    this.#bytes = bytes
    bytes.on("error", (error) => {
      this.#error = error
      this.#reject?.(error)
    })
    bytes.on("end", () => {
      this.#isEnded = true
      this.#resolve?.(undefined)
    })
  }

  read(): Promise<Uint8Array | undefined> {
    if (!this.#isRead) {
      this.#isRead = true
      this.#bytes.on("readable", () => {
        if (this.#resolve === undefined) return
        const bytes = this.#take()
        if (bytes !== null) this.#settle(bytes)
      })
    }
    const bytes = this.#take()
    if (bytes !== null) return Promise.resolve(bytes)
    if (this.#error !== undefined) return Promise.reject(this.#error)
    return this.#isEnded ? ended : new Promise(this.#wait)
  }

  text(): Promise<string> {
    const pieces: Array<Buffer> = []
    this.#bytes.on("data", (piece: Buffer) => pieces.push(piece))
    return new Promise<Uint8Array | undefined>(this.#wait).then(() => {
      const text = (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)).toString("utf8")
      return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text
    })
  }

  /** All that has come. */
  #take(): Uint8Array | null {
    return this.#bytes.read()
  }

  #settle(bytes: Uint8Array): void {
    const resolve = this.#resolve
    this.#resolve = this.#reject = undefined
    resolve?.(bytes)
  }

  readonly #wait = (resolve: (bytes: Uint8Array | undefined) => void, reject: (error: Error) => void): void => {
    if (this.#error !== undefined) return reject(this.#error)
    this.#resolve = resolve
    this.#reject = reject
  }
}

const ended = Promise.resolve(undefined)

const byteOrderMark = 0xfeff
