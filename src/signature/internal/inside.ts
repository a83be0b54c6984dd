/**
 * What stands somewhere inside of a schema.
 */
import type * as SchemaAST from "effect/SchemaAST"
import { membersOf } from "../../text/members.ts"

/** Whether the type, or one inside of it, is of this kind. */
export const has = (ast: SchemaAST.AST, isOne: (ast: SchemaAST.AST) => boolean): boolean => {
  const seen = new Set<SchemaAST.AST>()
  const visit = (ast: SchemaAST.AST): boolean => {
    if (seen.has(ast)) return false
    seen.add(ast)
    return isOne(ast) || membersOf(ast).some(visit)
  }
  return visit(ast)
}
