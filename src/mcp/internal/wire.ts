/**
 * What carries the messages of one session: a program's standard streams, or requests over HTTP.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Failure } from "./failure.ts"
import type { Received, Request, Told } from "./message.ts"

export interface Wire {
  /**
   * Sends a request. Whatever comes is given to {@link Receive}; the effect ends only where no answer can come any more.
   * `headers` are for a server over HTTP.
   */
  readonly exchange: (request: Request, headers: Readonly<Record<string, string>>) => Effect.Effect<never, Failure>
  readonly tell: (message: Told) => Effect.Effect<void, Failure>
  /** Tells the server that nobody waits for the answer any more. */
  readonly cancel: (request: Request) => Effect.Effect<void, Failure>
  /** From now on this version of the protocol is spoken. */
  readonly speak: (version: string) => void
  /** Hears what the server says without being asked, until the scope closes. */
  readonly listen: Effect.Effect<void, never, Scope.Scope>
}

/** Takes a message that came; `request` is the request whose response it came in, if that is known. */
export type Receive = (message: Received, request?: Request) => void

/** Opens a wire. */
export type Connect = (receive: Receive) => Effect.Effect<Wire, Failure, Scope.Scope>

/** The newest version of those that begin with a handshake, and that which needs none. */
export const handshakeVersion = "2025-11-25"
export const newestVersion = "2026-07-28"
