/**
 * Sets in schemas. The codec of a set is an array of encoded items. It does not say what the items are; only the set's own
 * type does.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

/** Whether the type is a set. */
export const isSet = (ast: SchemaAST.AST): ast is SchemaAST.Declaration =>
  SchemaAST.isDeclaration(ast) && ast.typeParameters.length === 1 &&
  Predicate.hasProperty(ast.annotations?.representation, "id") &&
  ast.annotations.representation.id === "effect/schema/ReadonlySet"

/** The array that a set is in JSON, of items with their codecs. */
export const arrayOfSet = (set: SchemaAST.Declaration): SchemaAST.Arrays =>
  new SchemaAST.Arrays(false, [], set.typeParameters.map((item) => Schema.toCodecJson(Schema.make(item)).ast))
