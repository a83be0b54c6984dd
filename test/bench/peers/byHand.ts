/** The cases as one writes them over nothing but a way to post: what no library can go below. */
import { type Peer, question } from "./peer.ts"

/** A way to post: for the whole answer, and for its text as it arrives. */
export interface Wire {
  readonly json: (body: object) => Promise<any>
  readonly read: (body: object, onText: (text: string) => void) => Promise<void>
}

export const messages = [{ role: "user", content: question }] as const

export const addTool = {
  type: "function",
  function: {
    name: "add",
    description: "Adds two numbers",
    parameters: {
      type: "object",
      properties: { a: { type: "number" }, b: { type: "number" } },
      required: ["a", "b"]
    }
  }
} as const

/** What `add` gives for the arguments that a model wrote. */
export const add = (written: string): number => {
  const { a, b } = JSON.parse(written) as { readonly a: number; readonly b: number }
  return a + b
}

export const byHand = ({ json, read }: Wire): Peer => {
  const deltas = (model: string, onDelta: (text: string) => void) => {
    const frames = framesOf((frame) => {
      const text = JSON.parse(frame).choices[0]?.delta.content
      if (text) onDelta(text)
    })
    return read({ model, stream: true, messages }, frames)
  }
  return {
    stream: async (model, onFirst) => {
      let length = 0
      await deltas(model, (text) => {
        if (length === 0) onFirst()
        length += text.length
      })
      return length
    },
    // No values on the way: one parse at the end.
    object: async (model) => {
      let all = ""
      await deltas(model, (text) => all += text)
      return JSON.parse(all).points.length
    },
    call: async (model) => (await json({ model, messages })).choices[0].message.content,
    agent: async (model) => {
      const said: Array<object> = [...messages]
      while (true) {
        const { message } = (await json({ model, messages: said, tools: [addTool] })).choices[0]
        if (message.tool_calls === undefined) return message.content
        said.push(message)
        for (const call of message.tool_calls) {
          said.push({ role: "tool", tool_call_id: call.id, content: String(add(call.function.arguments)) })
        }
      }
    }
  }
}

/** Cuts server-sent events out of text as it arrives. */
const framesOf = (onFrame: (data: string) => void) => {
  let rest = ""
  return (text: string): void => {
    rest += text
    let from = 0
    for (let to = rest.indexOf("\n\n"); to >= 0; to = rest.indexOf("\n\n", from)) {
      const data = rest.slice(from + "data: ".length, to)
      if (data !== "[DONE]") onFrame(data)
      from = to + 2
    }
    rest = rest.slice(from)
  }
}
