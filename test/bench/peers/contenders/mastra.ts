/** Mastra: an agent, over the AI SDK's provider for OpenAI's chat. */
import { createOpenAI } from "@ai-sdk/openai"
import { Agent } from "@mastra/core/agent"
import { createTool } from "@mastra/core/tools"
import { z } from "zod"
import { type Make, oneEach, question } from "../peer.ts"

const Points = z.object({ reasoning: z.string(), points: z.array(z.string()) })

const add = createTool({
  id: "add",
  description: "Adds two numbers",
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.number(),
  execute: async ({ a, b }) => a + b
})

export const make: Make = (baseURL) => {
  const provider = createOpenAI({ apiKey: "benchmark", baseURL })
  const agentOf = oneEach((model) =>
    new Agent({
      id: model,
      name: model,
      instructions: "Answer.",
      // Its types and the provider's do not agree; it takes the model at run time.
      model: provider.chat(model) as never,
      maxRetries: 0,
      ...(model.startsWith("agent") ? { tools: { add } } : {})
    })
  )
  return {
    stream: async (model, onFirst) => {
      let length = 0
      const { textStream } = await agentOf(model).stream(question)
      for await (const text of textStream) {
        if (length === 0 && text !== "") onFirst()
        length += text.length
      }
      return length
    },
    object: async (model) => {
      let shown = 0
      const { objectStream } = await agentOf(model).stream(question, { structuredOutput: { schema: Points } })
      for await (const { points } of objectStream) shown = points?.length ?? shown
      return shown
    },
    call: async (model) => (await agentOf(model).generate(question)).text,
    agent: async (model) => (await agentOf(model).generate(question, { maxSteps: 20 })).text
  }
}
