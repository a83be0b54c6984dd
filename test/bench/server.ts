/**
 * The benchmark's OpenAI-compatible server, run in a process of its own: answers are prepared beforehand and written as fast as
 * the client reads. The model's name says what to send: `chat-5000` streams 5,000 tokens in the chat adapter's form, `endless`
 * begins an answer, and tells when its client has gone.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

const forms: Readonly<Record<string, (a: ReadonlyArray<string>, b: ReadonlyArray<string>) => ReadonlyArray<string>>> = {
  chat: (
    a,
    b
  ) => [
    "[[ ##",
    " reason",
    "ing ##",
    " ]]\n",
    ...a,
    "\n\n",
    "[[ ##",
    " answer ##",
    " ]]\n",
    ...b,
    "\n\n[[ ##",
    " completed ## ]]"
  ],
  json: (a, b) => ["{\"", "reason", "ing\":", " \"", ...a, "\", ", "\"answer", "\": \"", ...b, "\"}"],
  xml: (a, b) => ["<reason", "ing>\n", ...a, "\n</", "reasoning>", "\n<answer", ">\n", ...b, "\n</answer>"]
}

const tokens = (form: string, count: number): ReadonlyArray<string> => {
  const words = (n: number) => Array.from({ length: n }, (_, i) => i % 12 === 11 ? ".\n" : ` w${(i * 7919) % 997}`)
  const text = forms[form]!(words(count >> 1), words(count - (count >> 1)))
  return form === "json" ? text.map((token) => token === ".\n" ? ".\\n" : token) : text
}

const chunk = (model: string, delta: object, finish: string | null) =>
  `data: ${
    JSON.stringify({
      id: "chatcmpl-benchmark",
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
      usage: null
    })
  }\n\n`

const prepared = new Map<string, Buffer>()

const streamed = (model: string): Buffer => {
  let body = prepared.get(model)
  if (body === undefined) {
    const [form, count] = model.split("-")
    const all = [
      ...tokens(form!, Number(count)).map((content) => chunk(model, { content }, null)),
      chunk(model, {}, "stop"),
      `data: ${
        JSON.stringify({
          id: "chatcmpl-benchmark",
          choices: [],
          usage: { prompt_tokens: 9, completion_tokens: Number(count), total_tokens: 9 }
        })
      }\n\n`,
      "data: [DONE]\n\n"
    ]
    body = Buffer.from(all.join(""))
    prepared.set(model, body)
  }
  return body
}

const write = (response: ServerResponse, body: Buffer, at = 0): void => {
  for (let from = at; from < body.length; from += 16_384) {
    if (!response.write(body.subarray(from, from + 16_384))) {
      response.once("drain", () => write(response, body, from + 16_384))
      return
    }
  }
  response.end()
}

const completion = JSON.stringify({
  id: "chatcmpl-benchmark",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "whole",
  choices: [{
    index: 0,
    message: {
      role: "assistant",
      content: "[[ ## answer ## ]]\nParis is the capital of France.\n\n[[ ## completed ## ]]"
    },
    finish_reason: "stop"
  }],
  usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 }
})

const server = createServer((request, response) => {
  let text = ""
  request.setEncoding("utf8").on("data", (part: string) => text += part).on("end", () => {
    const { model, stream } = JSON.parse(text) as { readonly model: string; readonly stream?: boolean }
    if (stream !== true) {
      response.writeHead(200, { "content-type": "application/json" }).end(completion)
      return
    }
    response.writeHead(200, { "content-type": "text/event-stream" })
    if (model === "endless") {
      response.write(chunk(model, { content: "[[ ## answer ## ]]\nIt began" }, null))
      response.once("close", () => process.send?.({ closedAt: performance.timeOrigin + performance.now() }))
      return
    }
    write(response, streamed(model))
  })
})

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.on("disconnect", () => process.exit(0))
