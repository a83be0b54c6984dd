/**
 * Why a state is not saved or loaded: the reasons of a `StateError`, told apart by their `_tag`.
 */
import * as Schema from "effect/Schema"

const reason = <Tag extends string>(tag: Tag) => ({ _tag: Schema.tag(tag), description: Schema.String })

/** It is no JSON, nested too deep, or neither a state nor what DSPy saves. */
export class Malformed extends Schema.Error<Malformed>("effect-lm/module/StateError/Malformed")(reason("Malformed")) {}

/** Its JSON has more characters than the limit (`maxLength`). */
export class TooLarge extends Schema.Error<TooLarge>("effect-lm/module/StateError/TooLarge")({
  ...reason("TooLarge"),
  maxLength: Schema.Finite
}) {}

/** It was saved by a newer version of the library. */
export class NewerVersion extends Schema.Error<NewerVersion>("effect-lm/module/StateError/NewerVersion")({
  ...reason("NewerVersion"),
  version: Schema.Finite
}) {}

/** The state has a predictor that the program does not have. */
export class UnknownPath extends Schema.Error<UnknownPath>("effect-lm/module/StateError/UnknownPath")({
  ...reason("UnknownPath"),
  path: Schema.String
}) {}

/** The program has a predictor that is not in the state. */
export class MissingPath extends Schema.Error<MissingPath>("effect-lm/module/StateError/MissingPath")({
  ...reason("MissingPath"),
  path: Schema.String
}) {}

/** It was saved of a predictor with other fields, or with fields of other types. */
export class OtherSignature extends Schema.Error<OtherSignature>("effect-lm/module/StateError/OtherSignature")({
  ...reason("OtherSignature"),
  path: Schema.String
}) {}

/** A part of the state is not what it has to be. `issues` names what is wrong, twenty faults at most, by path from the top of the state. */
export class Invalid extends Schema.Error<Invalid>("effect-lm/module/StateError/Invalid")({
  ...reason("Invalid"),
  issues: Schema.Array(Schema.Struct({
    path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
    message: Schema.String
  }))
}) {}

/** Any of them. */
export const Reason = Schema.Union([
  Malformed,
  TooLarge,
  NewerVersion,
  UnknownPath,
  MissingPath,
  OtherSignature,
  Invalid
])
export type Reason = typeof Reason.Type
