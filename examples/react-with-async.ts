/** An agent whose tool is an Effect; what it did is on the prediction. */
import { Console, Effect, Schema } from "effect"
import { ReAct, Tool } from "effect-lm"

const searchWeb = Tool.make("search_web", {
  description: "Searches the web for information",
  parameters: { query: Schema.String }
}, ({ query }) => Effect.succeed(`Results for: ${query}`))

const agent = ReAct.make("question -> answer", { tools: [searchWeb], maxIterations: 5 })

export const main = Effect.gen(function*() {
  const result = yield* agent({ question: "What is the population of Tokyo?" })
  for (const { calls, thought } of result.trajectory) {
    yield* Console.log(`${thought} ${calls.map((call) => `${call.tool} -> ${call.observation}`).join(", ")}`)
  }
  yield* Console.log(result.answer)
})
