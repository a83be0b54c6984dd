/** TanStack AI, with its adapter for OpenAI's chat. What its client makes of JSON on the way is its own parser. */
import { chat, maxIterations, parsePartialJSON, toolDefinition } from "@tanstack/ai"
import { openaiCompatible } from "@tanstack/ai-openai/compatible"
import { z } from "zod"
import { type Make, question } from "../peer.ts"

const Points = z.object({ reasoning: z.string(), points: z.array(z.string()) })

const add = toolDefinition({
  name: "add",
  description: "Adds two numbers",
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.number()
}).server(({ a, b }) => a + b)

export const make: Make = (baseURL) => {
  const adapterOf = (model: string) =>
    openaiCompatible({ name: "benchmark", apiKey: "benchmark", baseURL, api: "chat-completions", models: [model] })(
      model
    )
  const common = (model: string) => ({
    adapter: adapterOf(model),
    messages: [{ role: "user" as const, content: question }]
  })
  return {
    stream: async (model, onFirst) => {
      let length = 0
      for await (const event of chat(common(model))) {
        if (event.type === "RUN_ERROR") throw new Error(event.message)
        if (event.type !== "TEXT_MESSAGE_CONTENT") continue
        if (length === 0) onFirst()
        length += event.delta.length
      }
      return length
    },
    object: async (model) => {
      let all = ""
      let shown = 0
      for await (const event of chat({ ...common(model), outputSchema: Points, stream: true })) {
        if (event.type === "RUN_ERROR") throw new Error(event.message)
        if (event.type !== "TEXT_MESSAGE_CONTENT") continue
        all += event.delta
        shown = parsePartialJSON(all)?.points?.length ?? shown
      }
      return shown
    },
    call: (model) => chat({ ...common(model), stream: false }),
    agent: (model) => chat({ ...common(model), tools: [add], agentLoopStrategy: maxIterations(20), stream: false })
  }
}
