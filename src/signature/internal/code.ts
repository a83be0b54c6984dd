/**
 * Which schemas are those of code, whatever was made of them since.
 */
import * as SchemaAST from "effect/SchemaAST"

/** The annotation that says so. */
export const codeKey = "effect-lm/signature/Code"

/** What is known of code. */
export interface OfCode {
  readonly language: string | undefined
}

/** What is known of the code that values of the schema are, if all of them are code (or null). */
export const codeOf = (ast: SchemaAST.AST): OfCode | undefined => {
  if (!SchemaAST.isUnion(ast)) return own(ast)
  const [first, ...others] = ast.types.filter((member) => !SchemaAST.isNull(member)).map(codeOf)
  return others.every((other) => other !== undefined) ? first : undefined
}

const own = ({ annotations }: SchemaAST.AST): OfCode | undefined => annotations?.[codeKey] as OfCode | undefined // made by Code alone
