/** A tool with an asynchronous function, called by hand. */
import { Console, Effect, Schema } from "effect"
import { Tool } from "effect-lm"

/** Any function will do: one that returns a value, a promise as here, or an Effect. */
const fetchWeather = Tool.make("fetch_weather", {
  description: "The current weather of a city",
  parameters: { city: Schema.String },
  success: Schema.String,
  timeout: "10 seconds"
}, async ({ city }, { signal }) => {
  const response = await fetch(`https://wttr.in/${encodeURIComponent(city)}?format=3`, { signal })
  return await response.text()
})

export const main = Effect.gen(function*() {
  const result = yield* fetchWeather({ city: "Paris" })
  yield* Console.log(result)
}).pipe(Effect.catchTag("ToolError", (error) => Console.log(`No weather today: ${error.message}`)))
