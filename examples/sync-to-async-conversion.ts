/** A tool that is an ordinary synchronous function: nothing has to be converted. It parses arithmetic, it evaluates no code. */
import { Console, Effect } from "effect"
import { ReAct } from "effect-lm"
import { calculator } from "./tools/calculator.ts"

const agent = ReAct.make("question -> answer", { tools: [calculator] })

export const main = Effect.gen(function*() {
  const result = yield* agent({ question: "What is 15 * 23 + 42?" })
  yield* Console.log(result.answer)
})
