/**
 * The benchmark's OpenAI-compatible server, run in a process of its own: answers are prepared beforehand and written as fast as
 * the client reads. The model's name says what to send: `chat-5000` streams 5,000 tokens in the chat adapter's form, `endless`
 * begins an answer, and tells when its client has gone; `agent` calls a tool ten times before it answers, and `steady` takes
 * its time: a few tokens every 100 ms. `crowd` is `steady`, but its streams stay open until `release` is asked for. Where replies are for others than this library, a form is behind these names too
 * (`agent-labels`). A message to the process is answered with how many requests have come.
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
  xml: (a, b) => ["<reason", "ing>\n", ...a, "\n</", "reasoning>", "\n<answer", ">\n", ...b, "\n</answer>"],
  labels: (a, b) => ["Reason", "ing:", " ", ...a, "\n", "Answer", ":", ...b],
  list: (a, b) => [
    "{\"",
    "reason",
    "ing\":",
    " \"",
    ...a,
    "\", ",
    "\"points",
    "\": [\"",
    ...b.map((token) => token === ".\n" ? "\", \"" : token),
    "\"]}"
  ]
}

const tokens = (form: string, count: number): ReadonlyArray<string> => {
  const words = (n: number) => Array.from({ length: n }, (_, i) => i % 12 === 11 ? ".\n" : ` w${(i * 7919) % 997}`)
  const text = forms[form]!(words(count >> 1), words(count - (count >> 1)))
  return form === "json" || form === "list" ? text.map((token) => token === ".\n" ? ".\\n" : token) : text
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
      chunk(model, { role: "assistant", content: "" }, null),
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

let requests = 0

const whole = (message: object, finish: string): string =>
  JSON.stringify({
    // Some merge messages that have the same id.
    id: `chatcmpl-${requests}`,
    object: "chat.completion",
    created: 1_700_000_000,
    model: "whole",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish }],
    usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 }
  })

interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly tool_choice?: string
  readonly messages: ReadonlyArray<{ readonly role: string }>
}

interface Turn {
  readonly message: { readonly content: string; readonly tool_calls?: ReadonlyArray<object> }
  readonly finish: string
}

const said = (content: string): Turn => ({ message: { content }, finish: "stop" })

const completed = "\n\n[[ ## completed ## ]]"
const paris = `[[ ## answer ## ]]\nParis is the capital of France.${completed}`
const labelled = "Answer: Paris is the capital of France."

const turnOf = (asked: Asked): Turn | undefined => {
  if (asked.model.startsWith("agent")) return agentTurn(asked)
  return asked.model.startsWith("whole") ? said(asked.model === "whole-labels" ? labelled : paris) : undefined
}

const agentTurn = ({ messages, model, tool_choice }: Asked): Turn => {
  if (model === "agent-text") return textTurn(JSON.stringify(messages))
  const results = messages.filter(({ role }) => role === "tool").length
  if (tool_choice === "none") return said(`[[ ## reasoning ## ]]\nSo.\n\n${paris}`)
  if (results >= 10) {
    return said(model === "agent-labels" ? labelled : `Now I know.\n\n[[ ## reasoning ## ]]\nSo.\n\n${paris}`)
  }
  const call = { id: `call_${results}`, type: "function", function: { name: "add", arguments: "{\"a\": 1, \"b\": 2}" } }
  return { message: { content: "I add them.", tool_calls: [call] }, finish: "tool_calls" }
}

/** A turn of an agent whose tool calls are fields of a text, as DSPy asks for them: what it has done is in its message. */
const textTurn = (asked: string): Turn => {
  if (!asked.includes("next_tool_name")) return said(`[[ ## reasoning ## ]]\nSo.\n\n${paris}`)
  const [name, args] = asked.includes("observation_9") ? ["finish", "{}"] : ["add", "{\"a\": 1, \"b\": 2}"]
  const fields = { next_thought: "I add them.", next_tool_name: name, next_tool_args: args }
  return said(Object.entries(fields).map(([field, value]) => `[[ ## ${field} ## ]]\n${value}`).join("\n\n") + completed)
}

const streamedTurn = ({ finish, message: { content, tool_calls = [] } }: Turn): string =>
  [
    chunk("agent", { role: "assistant", content }, null),
    ...tool_calls.map((call, index) => chunk("agent", { tool_calls: [{ index, ...call }] }, null)),
    chunk("agent", {}, finish),
    "data: [DONE]\n\n"
  ].join("")

/** The streams of a crowd, and what ends those that have said all. */
const crowd = { open: 0, isReleased: false, held: new Set<() => void>() }

const release = (): void => {
  crowd.isReleased = crowd.open > 0
  for (const end of crowd.held) end()
  crowd.held.clear()
}

/** Ends a stream when all of its crowd have begun. */
const endTogether = (end: () => void): void => {
  if (crowd.isReleased) end()
  else crowd.held.add(end)
}

const join = (response: ServerResponse, model: string): void => {
  crowd.open++
  response.once("close", () => {
    if (--crowd.open === 0) crowd.isReleased = false
  })
  steady(response, model, endTogether)
}

const steady = (response: ServerResponse, model: string, whenOver = (end: () => void): void => end()): void => {
  const [begin, end] = model.endsWith("-labels") ? ["Answer: It", ""] : ["[[ ## answer ## ]]\nIt", completed]
  let left = 30
  response.write(chunk("steady", { role: "assistant", content: begin }, null))
  const timer = setInterval(() => {
    const pieces = [" a", " b", " c", " d"].map((content) => chunk("steady", { content }, null)).join("")
    if (left-- > 0) return void response.write(pieces)
    clearInterval(timer)
    whenOver(() => response.end(`${chunk("steady", { content: end }, "stop")}data: [DONE]\n\n`))
  }, 100)
}

const server = createServer((request, response) => {
  let text = ""
  request.setEncoding("utf8").on("data", (part: string) => text += part).on("end", () => {
    requests++
    const asked = JSON.parse(text) as Asked
    const { model, stream } = asked
    const turn = turnOf(asked)
    if (model === "release") release()
    if (stream !== true) {
      const { finish, message } = turn ?? said(paris)
      response.writeHead(200, { "content-type": "application/json" }).end(whole(message, finish))
      return
    }
    response.writeHead(200, { "content-type": "text/event-stream" })
    if (model === "endless") {
      response.write(chunk(model, { content: "[[ ## answer ## ]]\nIt began" }, null))
      response.once("close", () => process.send?.({ closedAt: performance.timeOrigin + performance.now() }))
      return
    }
    if (turn !== undefined) return void response.end(streamedTurn(turn))
    if (model.startsWith("steady")) return steady(response, model)
    if (model.startsWith("crowd")) return join(response, model)
    write(response, streamed(model))
  })
})

// The contenders take turns: a connection is still there when it is somebody's turn again.
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
process.on("message", () => process.send?.({ requests }))
process.on("disconnect", () => process.exit(0))
