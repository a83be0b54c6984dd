/**
 * Requests that go through `fetch`: the platform's own where there is no Node, or one that a user gives.
 */
import type { Reply, Sender } from "./reply.ts"

/** Sends with a function like `fetch`; without one with the global one, as it is when a request is made. */
export const make = (given?: typeof globalThis.fetch): Sender => ({ body, headers, url }, abort) =>
  (given ?? globalThis.fetch)(url, {
    method: "POST",
    body,
    headers: { ...headers },
    // Redirects are followed by `redirects.ts`: `fetch` would make a GET of a POST, and send most keys to another origin.
    redirect: "manual",
    signal: abort.signal()
  }).then((response) => new FetchReply(response))

/** What is used of a web `Response`. */
export interface WebResponse extends Pick<Response, "status" | "text"> {
  readonly body: ReadableStream<Uint8Array> | null
  readonly headers: Iterable<readonly [name: string, value: string]>
}

/** A web `Response` that is being read. */
export class FetchReply implements Reply {
  readonly status: number
  readonly #response: WebResponse
  #headers: ReadonlyArray<string> | undefined
  #reader: ReadableStreamDefaultReader<Uint8Array> | null | undefined

  constructor(response: WebResponse) {
    this.status = response.status
    this.#response = response
  }

  get headers(): ReadonlyArray<string> {
    if (this.#headers === undefined) {
      const headers: Array<string> = []
      for (const [name, value] of this.#response.headers) headers.push(name, value)
      this.#headers = headers
    }
    return this.#headers
  }

  read(): Promise<Uint8Array | undefined> {
    const reader = this.#body()
    return reader === null ? ended : reader.read().then(valueOf)
  }

  text(): Promise<string> {
    return this.#response.text()
  }

  cancel(): void {
    this.#body()?.cancel().catch(() => {})
  }

  #body(): ReadableStreamDefaultReader<Uint8Array> | null {
    if (this.#reader === undefined) this.#reader = this.#response.body?.getReader() ?? null
    return this.#reader
  }
}

const ended = Promise.resolve(undefined)

const valueOf = ({ value }: ReadableStreamReadResult<Uint8Array>): Uint8Array | undefined => value
