/** Concurrent calls: ordinary Effect concurrency, one LM call each. */
import { Console, Effect } from "effect"
import { Predict } from "effect-lm"

const qa = Predict.make("question -> answer")

const questions = ["What is the speed of light?", "Who wrote Hamlet?", "What is the largest ocean?"]

export const main = Effect.gen(function*() {
  const results = yield* Effect.forEach(questions, (question) => qa({ question }), { concurrency: "unbounded" })
  for (const [index, result] of results.entries()) {
    yield* Console.log(`Q: ${questions[index]}\nA: ${result.answer}\n`)
  }
})
