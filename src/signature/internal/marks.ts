/**
 * What a schema is marked as, in annotations that stay whatever is made of the schema.
 */
import * as SchemaAST from "effect/SchemaAST"

/** The annotation of the schema of documents. */
export const documentKey = "effect-lm/signature/Document"

/** The annotation of the schema of one citation. */
export const citationKey = "effect-lm/signature/Citation"

/** Whether values of this very schema are documents. */
export const isOfDocuments = (ast: SchemaAST.AST): boolean => ast.annotations?.[documentKey] === true

/** Whether values of this very schema are citations. */
export const isOfCitations = (ast: SchemaAST.AST): boolean => ast.annotations?.[citationKey] === true

/**
 * Whether the program sets what has this type, the encoded one of a property, and not the model: it is `readOnly`, as JSON Schema
 * calls it, and may be left out.
 */
export const isReadOnly = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isOptional(ast) && SchemaAST.resolve(ast)?.["readOnly"] === true
