/** The basics: a signature, a call, a typed answer. */
import { Console, Effect } from "effect"
import { Predict } from "effect-lm"

const qa = Predict.make("question -> answer")

export const main = Effect.gen(function*() {
  const output = yield* qa({ question: "What is the capital of France?" })
  yield* Console.log(output.answer)
})
