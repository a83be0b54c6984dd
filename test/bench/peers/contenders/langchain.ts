/** LangChain: `ChatOpenAI`, its JSON parser, and `createAgent`. */
import { JsonOutputParser } from "@langchain/core/output_parsers"
import { ChatOpenAI } from "@langchain/openai"
import { createAgent, tool } from "langchain"
import { z } from "zod"
import { type Make, oneEach, question } from "../peer.ts"

const add = tool(({ a, b }: { readonly a: number; readonly b: number }) => String(a + b), {
  name: "add",
  description: "Adds two numbers",
  schema: z.object({ a: z.number(), b: z.number() })
})

interface Points extends Record<string, unknown> {
  readonly points?: ReadonlyArray<string>
}

export const make: Make = (baseURL) => {
  const modelOf = oneEach((model) =>
    new ChatOpenAI({ model, apiKey: "benchmark", maxRetries: 0, useResponsesApi: false, configuration: { baseURL } })
  )
  return {
    stream: async (model, onFirst) => {
      let length = 0
      for await (const { text } of await modelOf(model).stream(question)) {
        if (text === "") continue
        if (length === 0) onFirst()
        length += text.length
      }
      return length
    },
    object: async (model) => {
      let shown = 0
      const values = await modelOf(model).pipe(new JsonOutputParser<Points>()).stream(question)
      for await (const { points } of values) shown = points?.length ?? shown
      return shown
    },
    call: async (model) => (await modelOf(model).invoke(question)).text,
    agent: async (model) => {
      const agent = createAgent({ model: modelOf(model), tools: [add] })
      const { messages } = await agent.invoke(
        { messages: [{ role: "user", content: question }] },
        { recursionLimit: 100 }
      )
      return messages.at(-1)!.text
    }
  }
}
