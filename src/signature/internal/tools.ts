/**
 * How a field is known to hold tools, or tool calls, whatever was made of its schema since.
 */
import * as SchemaAST from "effect/SchemaAST"
import { membersOf } from "../../text/members.ts"
import type { FieldSchema } from "../Field.ts"

/** The annotations that say so. */
export const toolKey = "effect-lm/signature/Tool"
export const toolCallsKey = "effect-lm/signature/ToolCalls"

/** Whether the values of the schema are lists of tool calls. */
export const isToolCalls = ({ ast }: FieldSchema): boolean => is(ast, toolCallsKey)

/** Whether the values of the schema may have lists of tool calls somewhere. */
export const holdsToolCalls = ({ ast }: FieldSchema): boolean => holds(ast, toolCallsKey)

/** Whether the values of the schema may have tools somewhere. */
export const holdsTools = ({ ast }: FieldSchema): boolean => holds(ast, toolKey)

/** Whether the values of the schema are tools and nothing else: one, a list of them, or null. */
export const isTools = ({ ast }: FieldSchema): boolean => onlyTools(ast) && holds(ast, toolKey)

const is = (ast: SchemaAST.AST, key: string): boolean => ast.annotations?.[key] === true

const onlyTools = (ast: SchemaAST.AST): boolean =>
  is(ast, toolKey) || SchemaAST.isNull(ast) ||
  ((SchemaAST.isArrays(ast) || SchemaAST.isUnion(ast)) && membersOf(ast).every(onlyTools))

const holds = (ast: SchemaAST.AST, key: string): boolean => {
  const seen = new Set<SchemaAST.AST>()
  const visit = (ast: SchemaAST.AST): boolean => {
    if (seen.has(ast)) return false
    seen.add(ast)
    return is(ast, key) || membersOf(ast).some(visit)
  }
  return visit(ast)
}
