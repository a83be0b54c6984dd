/**
 * What a program has learnt, as data: the instructions, demos and generation settings of each predictor.
 *
 * `Module.save` gives the state of a program, and `Module.load` a program with a state. It is JSON as it is: a file of it is
 * `JSON.stringify(state, null, 2)`. It is read again by the same program, in which each predictor has the path and the fields
 * that it had; names, repairs, tools and layers are the program's own.
 */
import * as Schema from "effect/Schema"
import { GenerationConfig } from "../lm/LMRequest.ts"

// Models

/** The version of states that are saved, and the newest that is loaded. */
export const version = 1

/** An example of the task: what fields encode to, by their names. */
export const Demo = Schema.Struct({ inputs: Schema.JsonObject, outputs: Schema.JsonObject })
export interface Demo extends Schema.Schema.Type<typeof Demo> {}

/** What is saved of a predictor. */
export const Predictor = Schema.Struct({
  /** The names and types of the fields, which the predictor that is loaded has too: `question, context: Array<string> -> answer`. */
  signature: Schema.String,
  instructions: Schema.String,
  /** What fields are about, by their names; left out where that is said of none. */
  descriptions: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  demos: Schema.Array(Demo),
  config: GenerationConfig
})
export interface Predictor extends Schema.Schema.Type<typeof Predictor> {}

/** The state of a program: what is saved of each predictor, by its path. */
export const State = Schema.Struct({
  version: Schema.Literal(version),
  predictors: Schema.Record(Schema.String, Predictor)
})
export interface State extends Schema.Schema.Type<typeof State> {}
