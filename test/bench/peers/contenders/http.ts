/** A limit: `node:http`, and `JSON.parse` of each frame. */
import { Agent, type IncomingMessage, request } from "node:http"
import { byHand } from "../byHand.ts"
import type { Make } from "../peer.ts"

export const make: Make = (baseUrl) => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1_000 })
  const { hostname, pathname, port } = new URL(`${baseUrl}/chat/completions`)
  const post = (body: object) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const text = JSON.stringify(body)
      request({
        agent,
        hostname,
        port,
        path: pathname,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) }
      }, (response) => resolve(response.setEncoding("utf8"))).on("error", reject).end(text)
    })
  return byHand({
    json: async (body) => {
      let text = ""
      for await (const part of await post(body)) text += part
      return JSON.parse(text)
    },
    read: async (body, onText) => {
      const response = await post(body)
      await new Promise<void>((resolve, reject) => {
        response.on("data", onText).once("end", resolve).once("error", reject)
      })
    }
  })
}
