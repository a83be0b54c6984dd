import { Schema } from "effect"
import { Image, Predict, Signature } from "effect-lm"
export default Predict.fromSignature(
  Signature.fromSchemas({
    inputs: { photo: Image.Image, more: Schema.optionalKey(Schema.Array(Image.Image)), question: Schema.String },
    outputs: { answer: Schema.String }
  })
)
