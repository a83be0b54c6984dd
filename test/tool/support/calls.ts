/** Arguments as models give them, and what calls come to. */
import { Effect, Schema } from "effect"
import { Tool, Toolbox } from "effect-lm"

export const weather = Tool.make("weather", {
  description: "The weather of a city",
  parameters: {
    city: Schema.String.annotate({ description: "its name" }),
    days: Schema.optionalKey(Schema.Int),
    when: Schema.optionalKey(Schema.Date)
  },
  success: Schema.Struct({ sky: Schema.String, at: Schema.Date })
}, ({ city, when }) => ({ sky: `sunny in ${city}`, at: when ?? new Date(0) }))

export const text = (text: string): Toolbox.Arguments => ({ _tag: "Text", text })
export const json = (value: unknown): Toolbox.Arguments => ({ _tag: "Json", value })
export const open = { parameters: Schema.Record(Schema.String, Schema.Unknown) }

/** What a call of a tool is observed as, where its function is this. */
export const observationOf = Effect.fnUntraced(function*(run: () => unknown, args = json({})) {
  const box = yield* Toolbox.resolve([Tool.make("tool", open, run)])
  return yield* box.call({ name: "tool", arguments: args })
})
