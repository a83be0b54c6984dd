/** The same with the bare SDK. */
import OpenAI from "openai"

const client = new OpenAI({ apiKey: "benchmark", baseURL: process.argv[2] })
const stream = await client.chat.completions.create({
  model: "chat-200",
  stream: true,
  messages: [{ role: "user", content: "?" }]
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "")
