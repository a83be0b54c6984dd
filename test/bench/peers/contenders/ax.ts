/** ax: programs of signatures, whose fields stand behind labels in the reply. */
import { ai, ax, f, fn } from "@ax-llm/ax"
import { type Make, oneEach, question as asked } from "../peer.ts"

const inputs = { question: asked }
const qa = ax("question:string -> answer:string")
const fields = ax("question:string -> reasoning:string, answer:string")
const points = ax(
  f().input("question", f.string()).output("reasoning", f.string()).output("points", f.string().array()).useStructured()
    .build()
)

const add = fn("add").description("Adds two numbers").arg("a", f.number()).arg("b", f.number()).returns(f.number())
  .handler(async ({ a, b }: { readonly a: number; readonly b: number }) => a + b).build()

export const make: Make = (apiURL) => {
  const serviceOf = oneEach((model) =>
    // Its types know OpenAI's own models only.
    ai({ name: "openai", apiKey: "benchmark", apiURL, config: { model: model as never } })
  )
  const whole = { stream: false, maxRetries: 0 }
  return {
    stream: async (model, onFirst) => {
      let length = 0
      const program = model.startsWith("crowd") ? qa : fields
      for await (const { delta } of program.streamingForward(serviceOf(model), inputs, { maxRetries: 0 })) {
        const shown = Object.values(delta).reduce((sum, text) => sum + (typeof text === "string" ? text.length : 0), 0)
        if (length === 0 && shown > 0) onFirst()
        length += shown
      }
      return length
    },
    object: async (model) => {
      let shown = 0
      for await (const { delta } of points.streamingForward(serviceOf(model), inputs, { maxRetries: 0 })) {
        shown += (delta.points as ReadonlyArray<string> | undefined)?.length ?? 0
      }
      return shown
    },
    call: async (model) => (await qa.forward(serviceOf(model), inputs, whole)).answer,
    agent: async (model) =>
      (await qa.forward(serviceOf(model), inputs, { ...whole, functions: [add], maxSteps: 20 })).answer
  }
}
