/**
 * The benchmark's OpenAI-compatible server, run in a process of its own: answers are prepared beforehand and written as fast as
 * the client reads. The model's name says what to send: `chat-5000` streams 5,000 tokens in the chat adapter's form, `endless`
 * begins an answer, and tells when its client has gone; `agent` calls a tool ten times before it answers, and `steady` takes
 * its time: a few tokens every 100 ms.
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

const whole = (message: object, finish: string): string =>
  JSON.stringify({
    id: "chatcmpl-benchmark",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "whole",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish }],
    usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 }
  })

const paris = "[[ ## answer ## ]]\nParis is the capital of France.\n\n[[ ## completed ## ]]"
const completion = whole({ content: paris }, "stop")

interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly messages: ReadonlyArray<{ readonly role: string }>
}

const agentTurn = ({ messages }: Asked): string => {
  const results = messages.filter(({ role }) => role === "tool").length
  if (results === 10) return whole({ content: `Now I know.\n\n[[ ## reasoning ## ]]\nSo.\n\n${paris}` }, "stop")
  const call = { id: `call_${results}`, type: "function", function: { name: "add", arguments: "{\"a\": 1, \"b\": 2}" } }
  return whole({ content: "I add them.", tool_calls: [call] }, "tool_calls")
}

const steady = (response: ServerResponse): void => {
  let left = 30
  response.write(chunk("steady", { content: "[[ ## answer ## ]]\nIt" }, null))
  const timer = setInterval(() => {
    const pieces = [" a", " b", " c", " d"].map((content) => chunk("steady", { content }, null)).join("")
    if (left-- > 0) return void response.write(pieces)
    clearInterval(timer)
    response.end(`${chunk("steady", { content: "\n\n[[ ## completed ## ]]" }, "stop")}data: [DONE]\n\n`)
  }, 100)
}

const server = createServer((request, response) => {
  let text = ""
  request.setEncoding("utf8").on("data", (part: string) => text += part).on("end", () => {
    const asked = JSON.parse(text) as Asked
    const { model, stream } = asked
    if (stream !== true) {
      response.writeHead(200, { "content-type": "application/json" }).end(
        model === "agent" ? agentTurn(asked) : completion
      )
      return
    }
    response.writeHead(200, { "content-type": "text/event-stream" })
    if (model === "endless") {
      response.write(chunk(model, { content: "[[ ## answer ## ]]\nIt began" }, null))
      response.once("close", () => process.send?.({ closedAt: performance.timeOrigin + performance.now() }))
      return
    }
    if (model === "steady") return steady(response)
    write(response, streamed(model))
  })
})

// The contenders take turns: a connection is still there when it is somebody's turn again.
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.on("disconnect", () => process.exit(0))
