/** An agent of ten tool turns, by native function calling, beside the SDK sending the same eleven requests by itself. */
import { Effect, ManagedRuntime, Schema } from "effect"
import { type LM, ReAct, Tool } from "effect-lm"
import type OpenAI from "openai"
import { interleave, print, round, used } from "./measure.ts"
import { layer, sdk } from "./support.ts"

const turns = 10
const add = Tool.make(
  "add",
  { parameters: { a: Schema.Finite, b: Schema.Finite }, success: Schema.Finite },
  ({ a, b }) => a + b
)
const agent = ReAct.make("question -> answer", { tools: [add] })

const form = "[[ ## reasoning ## ]]\n{reasoning}\n\n[[ ## answer ## ]]\n{answer}\n\n[[ ## completed ## ]]"

/** The loop as one would write it by hand: it reads the arguments, calls the function, and sends everything again. */
const bare = (client: OpenAI) => async () => {
  const tools: Array<OpenAI.ChatCompletionTool> = [{
    type: "function",
    function: {
      name: "add",
      parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } }
    }
  }]
  const messages: Array<OpenAI.ChatCompletionMessageParam> = [
    { role: "system", content: `Use tools. Once you know enough, reply in sections:\n\n${form}` },
    { role: "user", content: "What is 1 + 2?" }
  ]
  for (;;) {
    const { choices } = await client.chat.completions.create({ model: "agent", messages, tools })
    const { message } = choices[0]!
    messages.push(message)
    if (message.tool_calls === undefined) {
      const answer = /## answer ## \]\]\n([^]*?)\n\n\[\[ ## completed/.exec(message.content ?? "")?.[1]
      if (answer?.includes("Paris") !== true) throw new Error("no answer")
      return
    }
    for (const call of message.tool_calls) {
      if (call.type !== "function") continue
      const { a, b } = JSON.parse(call.function.arguments) as { readonly a: number; readonly b: number }
      messages.push({ role: "tool", tool_call_id: call.id, content: String(a + b) })
    }
  }
}

export const agents = async (baseUrl: string): Promise<void> => {
  const client = sdk(baseUrl)
  const runtime = ManagedRuntime.make(layer(baseUrl, "agent"))
  print(`an agent of ${turns} tool turns`, "ms/run", "CPU ms/run", "beside the SDK")
  const many = (run: () => Promise<unknown>) => async () => {
    for (let i = 0; i < 20; i++) await run()
  }
  const costs = await interleave({
    "openai SDK, by hand": many(bare(client)),
    ReAct: many(async () => {
      const { answer, trajectory } = await runtime.runPromise(agent({ question: "What is 1 + 2?" }))
      if (!answer.includes("Paris") || trajectory.length !== turns + 1) throw new Error("no answer")
    })
  }, 9)
  for (const [name, cost] of Object.entries(costs)) {
    print(
      `  ${name}`,
      round(cost.wallMillis / 20, 1),
      round(cost.cpuMicros / 20_000, 1),
      `${round(cost.wallMillis / costs["openai SDK, by hand"].wallMillis, 2)}x`
    )
  }
  await together(runtime)
  await runtime.dispose()
}

/** Two hundred agents at once, again and again: what is left of them. */
const together = async (runtime: ManagedRuntime.ManagedRuntime<LM, unknown>): Promise<void> => {
  const all = () =>
    runtime.runPromise(
      Effect.forEach(Array.from({ length: 200 }), () => agent({ question: "?" }), {
        concurrency: "unbounded",
        discard: true
      })
    )
  await all()
  const before = used()
  const started = performance.now()
  for (let i = 0; i < 5; i++) await all()
  print(
    "  200 at once, five times",
    `${round((performance.now() - started) / 5)} ms`,
    "",
    `${round((used() - before) / 1024)} KB kept`
  )
}
