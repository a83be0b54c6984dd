/**
 * What is known of the call in which an error happened. A room's error has its own facts; these are added once, where the call of a
 * predictor ends, and where that of an agent does.
 */
import * as Schema from "effect/Schema"
import * as Usage from "./Usage.ts"

/** The facts, as the fields of an error's class. */
export const fields = {
  /** The path of the predictor that asked. */
  predictor: Schema.optionalKey(Schema.String),
  /** Its name. */
  module: Schema.optionalKey(Schema.String),
  /** What all requests of the predictor's call, or of the agent's run, have used. */
  usage: Schema.optionalKey(Usage.Usage),
  /** What the provider calls the request, for its support. */
  requestId: Schema.optionalKey(Schema.String),
  /** The headers of its response, in lower case. */
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** What an agent had done before. */
  trajectory: Schema.optionalKey(Schema.Array(Schema.Unknown))
}

/** What is known of a call, as far as it is. */
export interface CallFacts extends Schema.Struct.Type<typeof fields> {}

/** An error of a class that has the fields. */
export interface WithCallFacts extends CallFacts {
  readonly constructor: unknown
}

/** The error with these facts, in the place of those that it has. */
export const add = <E extends WithCallFacts>(error: E, facts: CallFacts): E => {
  const Class = error.constructor as new(props: E & CallFacts) => E // an error is an instance of its class
  return new Class({ ...error, ...facts })
}

/** The facts that a response has, where it has led to an error. */
export const ofResponse = ({ headers, requestId }: CallFacts): CallFacts => ({
  ...(requestId === undefined ? {} : { requestId }),
  ...(headers === undefined ? {} : { headers })
})

/** Whose error it is: the predictor's path; for a whole program its name, which says more than its path. */
export const who = ({ module, predictor }: CallFacts): string | undefined => predictor === "self" ? module : predictor
