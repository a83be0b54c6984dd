/**
 * A request on its way to a sender, and the response while it is being read. All senders look alike: Node's own HTTP,
 * `fetch`, Effect's `HttpClient`, a client of the `openai` SDK.
 */
import type * as Context from "effect/Context"

/** A POST of JSON. */
export interface Outgoing {
  readonly url: string
  /** By their names in lower case. The same object for all requests of a service that have the same. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The services of the fiber that asks, for senders that run an Effect. */
  readonly context: Context.Context<never>
}

/** Sends a request. The promise rejects if no response comes; one that is no success is a response. */
export type Sender = (outgoing: Outgoing, abort: Abort) => Promise<Reply>

/** A response that is being read. */
export interface Reply {
  readonly status: number
  /** Names and values in turn, as they came. Most headers are never looked at, so no object is made of them. */
  readonly headers: ReadonlyArray<string>
  /**
   * All bytes that have come since the last read; waits for some, and gives nothing at the end of the body. While nobody reads
   * the server has to wait.
   */
  readonly read: () => Promise<Uint8Array | undefined>
  /** The whole body as text. */
  readonly text: () => Promise<string>
  /** Closes the connection. */
  readonly cancel: () => void
}

/** The value of a header, by its name in lower case; several values are joined, as `Headers` joins them. */
export const header = ({ headers }: Pick<Reply, "headers">, name: string): string | null => {
  let found: string | null = null
  for (let at = 0; at < headers.length; at += 2) {
    const candidate = headers[at]!
    if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue
    found = found === null ? headers[at + 1]! : `${found}, ${headers[at + 1]!}`
  }
  return found
}

/**
 * Ends a request, whatever it is doing. An `AbortController` would do the same and costs more, so one is made only for
 * senders that need a signal.
 */
export class Abort {
  isAborted = false
  #leave: (() => void) | undefined

  abort(): void {
    if (this.isAborted) return
    this.isAborted = true
    this.#leave?.()
  }

  /** Sets what closes the connection that is in use now. The connection before it is over. */
  onAbort(leave: () => void): void {
    this.#leave = leave
    if (this.isAborted) leave()
  }

  /** A signal for this request. */
  signal(): AbortSignal {
    const controller = new AbortController()
    this.onAbort(() => controller.abort())
    return controller.signal
  }
}
