/** The openai SDK: its own stream, and the loops as one writes them by hand. */
import OpenAI from "openai"
import { zodResponseFormat } from "openai/helpers/zod"
import { z } from "zod"
import { add, addTool, messages } from "../byHand.ts"
import type { Make } from "../peer.ts"

const Points = z.object({ reasoning: z.string(), points: z.array(z.string()) })

export const make: Make = (baseURL) => {
  const client = new OpenAI({ apiKey: "benchmark", baseURL, maxRetries: 0 })
  const { completions } = client.chat
  return {
    stream: async (model, onFirst) => {
      let length = 0
      for await (const chunk of await completions.create({ model, stream: true, messages: [...messages] })) {
        const text = chunk.choices[0]?.delta.content
        if (!text) continue
        if (length === 0) onFirst()
        length += text.length
      }
      return length
    },
    object: async (model) => {
      let shown = 0
      const stream = completions.stream({
        model,
        messages: [...messages],
        response_format: zodResponseFormat(Points, "points")
      }).on("content.delta", ({ parsed }) => {
        shown = (parsed as Partial<z.infer<typeof Points>> | null)?.points?.length ?? shown
      })
      await stream.done()
      return shown
    },
    call: async (model) => {
      const { choices } = await completions.create({ model, messages: [...messages] })
      return choices[0]?.message.content ?? ""
    },
    agent: async (model) => {
      const said: Array<OpenAI.ChatCompletionMessageParam> = [...messages]
      while (true) {
        const { choices } = await completions.create({ model, messages: said, tools: [addTool] as never })
        const { message } = choices[0]!
        if (message.tool_calls === undefined) return message.content ?? ""
        said.push(message)
        for (const call of message.tool_calls) {
          if (call.type !== "function") continue
          said.push({ role: "tool", tool_call_id: call.id, content: String(add(call.function.arguments)) })
        }
      }
    }
  }
}
