/**
 * Which schemas are those of pictures, sounds and files, whatever was made of them since.
 */
import type * as SchemaAST from "effect/SchemaAST"
import { membersOf } from "../../../text/members.ts"
import type { Kind } from "../../Content.ts"

/** The annotation that says so; its value is the kind. */
export const contentKey = "effect-lm/signature/content"

/** What content values of this very schema are, if they are some. */
export const kindOf = (ast: SchemaAST.AST): Kind | undefined => {
  const kind = ast.annotations?.[contentKey]
  return kind === "Image" || kind === "Audio" || kind === "File" ? kind : undefined
}

/** The kinds of content that values of a schema may have somewhere. */
export const kindsIn = (ast: SchemaAST.AST): ReadonlySet<Kind> => {
  const found = new Set<Kind>()
  const seen = new Set<SchemaAST.AST>()
  const visit = (ast: SchemaAST.AST): void => {
    if (seen.has(ast)) return
    seen.add(ast)
    const kind = kindOf(ast)
    if (kind !== undefined) found.add(kind)
    else for (const inner of membersOf(ast)) visit(inner)
  }
  visit(ast)
  return found
}
