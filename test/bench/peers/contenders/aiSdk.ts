/** Vercel's AI SDK, with its OpenAI provider's chat models. */
import { createOpenAI } from "@ai-sdk/openai"
import { generateText, isStepCount, Output, streamText, tool } from "ai"
import { z } from "zod"
import { type Make, question } from "../peer.ts"

const Points = z.object({ reasoning: z.string(), points: z.array(z.string()) })

const add = tool({
  description: "Adds two numbers",
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  execute: async ({ a, b }) => a + b
})

export const make: Make = (baseURL) => {
  const provider = createOpenAI({ apiKey: "benchmark", baseURL })
  const common = (model: string) => ({ model: provider.chat(model), prompt: question, maxRetries: 0 })
  return {
    stream: async (model, onFirst) => {
      let length = 0
      for await (const text of streamText(common(model)).textStream) {
        if (length === 0 && text !== "") onFirst()
        length += text.length
      }
      return length
    },
    object: async (model) => {
      let shown = 0
      const { partialOutputStream } = streamText({ ...common(model), output: Output.object({ schema: Points }) })
      for await (const { points } of partialOutputStream) shown = points?.length ?? shown
      return shown
    },
    call: async (model) => (await generateText(common(model))).text,
    agent: async (model) => (await generateText({ ...common(model), tools: { add }, stopWhen: isStepCount(20) })).text
  }
}
