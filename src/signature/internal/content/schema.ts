/**
 * The schema of a picture, a sound or a file as an input: it reads an address and a data URI too, as JSON has them.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { Kind, Media } from "../../Content.ts"
import { contentKey } from "./kinds.ts"
import * as MakeContent from "./make.ts"

/** The schema of content `A`: in JSON it may be a text, which is an address or a data URI. */
export interface ContentSchema<A extends Media>
  extends Schema.Bottom<A, A | string, never, never, SchemaAST.AST, ContentSchema<A>>
{}

/** The schema of content of this kind, around that of its data. */
export const make = <A extends Media>(kind: Kind, data: Schema.Codec<A>): ContentSchema<A> => {
  const checked = data.check(Schema.makeFilter(({ source }: A) => MakeContent.problemOf(kind, source)))
  const written: Schema.Codec<A | string> = Schema.Union([data, Schema.String]).annotate({ [contentKey]: kind })
  const read = written.pipe(Schema.decodeTo(
    checked,
    SchemaTransformation.transformEffect({
      decode: (given: A | string) => typeof given === "string" ? fromText<A>(kind, given) : Effect.succeed(given),
      encode: (value: A): Effect.Effect<A | string> => Effect.succeed(value)
    })
  ))
  return Schema.make<ContentSchema<A>>(read.ast)
}

const fromText = <A extends Media>(kind: Kind, text: string): Effect.Effect<A, SchemaIssue.Issue> => {
  const source = MakeContent.fromText(kind, text)
  return Result.isSuccess(source)
    ? Effect.succeed({ _tag: kind, source: source.success } as unknown as A) // of this kind
    : Effect.fail(new SchemaIssue.InvalidValue({ message: source.failure.reason.description }))
}
