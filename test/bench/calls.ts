/** Calls per second of a bare `Predict` (nobody listening) beside bare SDK calls that send the same messages. */
import { Effect, ManagedRuntime } from "effect"
import { ChatAdapter, LMRequest, Predict } from "effect-lm"
import type OpenAI from "openai"
import { interleave, print, round } from "./measure.ts"
import { layer, sdk } from "./support.ts"

const qa = Predict.make("question -> answer")
const inputs = { question: "What is the capital of France?" }
const { messages: said } = ChatAdapter.make().format({ signature: qa.signature, inputs, demos: [], config: {} })
const messages = said.map((message): OpenAI.ChatCompletionMessageParam => ({
  role: message.role === "system" ? "system" : "user",
  content: LMRequest.textOf(message)
}))

export const calls = async (baseUrl: string): Promise<void> => {
  const client = sdk(baseUrl)
  const runtime = ManagedRuntime.make(layer(baseUrl, "whole"))
  print("calls", "calls/s", "CPU us/call", "CPU of the SDK's")
  for (const [concurrency, count] of [[1, 400], [64, 1_920], [256, 2_560], [1_000, 2_000]] as const) {
    const one = async () => {
      const response = await client.chat.completions.create({ model: "whole", messages })
      if (!response.choices[0]?.message.content?.includes("Paris")) throw new Error("no answer")
    }
    const worker = async (share: number) => {
      for (let i = 0; i < share; i++) await one()
    }
    const bare = () => Promise.all(Array.from({ length: concurrency }, () => worker(count / concurrency)))
    const predict = () =>
      runtime.runPromise(
        Effect.forEach(
          Array.from({ length: count }),
          () =>
            Effect.flatMap(
              qa(inputs),
              ({ answer }) => answer.includes("Paris") ? Effect.void : Effect.die("no answer")
            ),
          { concurrency, discard: true }
        )
      )
    const costs = await interleave({ "openai SDK": bare, Predict: predict }, 9)
    for (const [name, cost] of Object.entries(costs)) {
      print(
        `  ${name}, concurrency ${concurrency}`,
        round(count / cost.wallMillis * 1000),
        round(cost.cpuMicros / count),
        round(cost.cpuMicros / costs["openai SDK"].cpuMicros, 2)
      )
    }
  }
  await runtime.dispose()
}
