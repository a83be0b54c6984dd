/** Odd servers over HTTP, in the test's own process. */
import { Effect } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { initialized, type Message } from "./messages.ts"

/** What the server saw of a request. */
export interface Exchange {
  readonly message: Message
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Answers with JSON. */
  readonly answer: (result: unknown, headers?: Readonly<Record<string, string>>) => void
  readonly json: (status: number, value: unknown, headers?: Readonly<Record<string, string>>) => void
  /** Answers with events, and leaves the response open. */
  readonly events: (...events: ReadonlyArray<string>) => void
}

/** An event that has this message. */
export const event = (message: object, more = ""): string =>
  `${more}data: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`

/** A server that does this with each request: its URL, and what it saw. */
export const answering = (serve: (exchange: Exchange) => void) => {
  const seen: Array<string> = []
  return Effect.acquireRelease(
    Effect.callback<{ readonly server: Server; readonly url: string; readonly seen: ReadonlyArray<string> }>(
      (resume) => {
        const server = createServer((request, response) => {
          let body = ""
          request.on("data", (data) => body += data).on("end", () => {
            const message: Message = body === "" ? {} : JSON.parse(body)
            const said = message.method ?? (message.result === undefined && message.error === undefined ? "" : "reply")
            seen.push([request.method, said, request.headers["mcp-session-id"]].filter(Boolean).join(" "))
            const json: Exchange["json"] = (status, value, headers = {}) =>
              void response.writeHead(status, { "content-type": "application/json", ...headers }).end(
                JSON.stringify(value)
              )
            serve({
              message,
              request,
              response,
              json,
              answer: (result, headers) => json(200, { jsonrpc: "2.0", id: message.id, result }, headers),
              events: (...events) => {
                if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" })
                events.forEach((event) => response.write(event))
              }
            })
          })
        }).listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          resume(Effect.succeed({ server, url: `http://127.0.0.1:${port}/mcp`, seen }))
        })
      }
    ),
    ({ server }) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )
}

/** A server of these tools that does with a call what it likes, and with other messages what servers do. */
export const servingHttp = (
  tools: ReadonlyArray<object>,
  onCall: (exchange: Exchange) => void,
  first: object = {},
  onGet: (exchange: Exchange) => void = ({ json }) => json(405, {})
) =>
  answering((exchange) => {
    const { answer, message, request, response } = exchange
    switch (message.method) {
      case "initialize":
        return answer(initialized(first), { "mcp-session-id": "s1" })
      case "tools/list":
        return answer({ tools })
      case "tools/call":
        return onCall(exchange)
    }
    return request.method === "GET" ? onGet(exchange) : void response.writeHead(202).end()
  })
