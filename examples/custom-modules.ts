/** A custom module: the second step reads what the first one found. */
import { Console, Effect } from "effect"
import { Module, Predict } from "effect-lm"

export const pipeline = Module.make("Pipeline", {
  analyze: Predict.make("text -> sentiment, topics"),
  summarize: Predict.make("text, sentiment, topics -> summary")
}, ({ analyze, summarize }) =>
  Effect.fnUntraced(function*(input: { readonly text: string }) {
    const { sentiment, topics } = yield* analyze(input)
    return yield* summarize({ ...input, sentiment, topics })
  }))

export const main = Effect.gen(function*() {
  const result = yield* pipeline({ text: "Typed programs make language models pleasant to work with." })
  yield* Console.log(`Summary: ${result.summary}`)
})
