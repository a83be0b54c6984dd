/**
 * A predictor that reasons before it answers.
 */
import * as Schema from "effect/Schema"
import * as Signature from "../signature/Signature.ts"
import * as Predict from "./Predict.ts"
