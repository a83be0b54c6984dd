/**
 * How a field is known to be the model's thoughts, whatever was made of its schema since.
 */
import * as SchemaAST from "effect/SchemaAST"

/** The annotation that says so. */
export const reasoningKey = "effect-lm/signature/Reasoning"

/** Whether values of the schema are thoughts (or null). */
export const isReasoning = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isUnion(ast)
    ? ast.types.some(isReasoning) && ast.types.every((member) => SchemaAST.isNull(member) || isReasoning(member))
    : ast.annotations?.[reasoningKey] === true
