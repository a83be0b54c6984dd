/** Pictures: one as an input, from a path where one is named, and one that a tool gives to an agent. */
import { Console, Effect, Schema } from "effect"
import { Image, Predict, ReAct, Signature, Tool } from "effect-lm"

const red = Image.fromDataUri(
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAT0lEQVR42u3PQQkAAAgEsEty/UMZxgi+hcEKLNO+FgEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGBywLPLIEA68ZURwAAAABJRU5ErkJggg=="
)

const see = Predict.fromSignature(Signature.fromSchemas({
  inputs: { photo: Image.Image, question: Schema.String },
  outputs: { answer: Schema.String }
}))

const camera = Tool.make("camera", {
  description: "A picture of what is in front of the camera",
  success: Image.Image
}, () => red)
const watch = ReAct.make("question -> answer", { tools: [camera] })

export const main = Effect.gen(function*() {
  const path = process.env["PHOTO"]
  const photo = path === undefined ? red : yield* Image.fromPath(path)
  const { answer } = yield* see({ photo, question: "Which colour is most of it?" })
  yield* Console.log(answer)

  const seen = yield* watch({ question: "Which colour does the camera see?" })
  yield* Console.log(seen.trajectory[0]?.calls[0]?.observation, seen.answer)
})
