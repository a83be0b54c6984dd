/** A limit: Node's `fetch`, and `JSON.parse` of each frame. */
import { byHand } from "../byHand.ts"
import type { Make } from "../peer.ts"

export const make: Make = (baseUrl) => {
  const post = (body: object) =>
    fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body)
    })
  return byHand({
    json: async (body) => (await post(body)).json(),
    read: async (body, onText) => {
      const { body: stream } = await post(body)
      for await (const text of stream!.pipeThrough(new TextDecoderStream())) onText(text)
    }
  })
}
