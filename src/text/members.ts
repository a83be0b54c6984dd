/**
 * What a type of a schema is made of.
 */
import type * as SchemaAST from "effect/SchemaAST"

/** The types one level inside of a type, whatever it is encoded to. Empty for a type that holds no others. */
export const membersOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> => {
  switch (ast._tag) {
    case "Union":
      return ast.types
    case "Arrays":
      return [...ast.elements, ...ast.rest]
    case "Objects":
      return [...ast.propertySignatures, ...ast.indexSignatures].map(({ type }) => type)
    case "Suspend":
      return [ast.thunk()]
    default:
      return []
  }
}
