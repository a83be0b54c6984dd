/**
 * A piece of code as the interpreter runs it, so that what it declares can be used, and declared again, by the next piece.
 */
import type * as Acorn from "acorn"
import * as Result from "effect/Result"

/** The parser. */
export type Parser = Pick<typeof Acorn, "parse">

/** What is wrong with code that is not run. */
export interface Misfit {
  readonly message: string
  readonly line: number
}

/**
 * The script of a piece of code: `let`, `const` and classes at its top are variables of the session, as a console has them. Code
 * with a syntax error stays as it is, for the interpreter to complain about. `taken` are names that the code cannot declare.
 */
export const scriptOf = (parser: Parser, code: string, taken: ReadonlySet<string>): string | Misfit => {
  const body = parsed(parser, code)
  if (body === undefined) return code
  let script = ""
  let at = 0
  for (const statement of body) {
    const name = declared(statement).find((name) => taken.has(name))
    if (name !== undefined) {
      const line = code.slice(0, statement.start).split("\n").length
      return { message: `'${name}' is a function that this code is given: give the variable another name`, line }
    }
    if (statement.type === "ClassDeclaration") {
      script += `${code.slice(at, statement.start)}var ${statement.id.name} = ${
        code.slice(statement.start, statement.end)
      };`
      at = statement.end
    } else if (statement.type === "VariableDeclaration" && (statement.kind === "let" || statement.kind === "const")) {
      // As long as the word was, so that positions in errors stay right.
      script += code.slice(at, statement.start) + "var".padEnd(statement.kind.length)
      at = statement.start + statement.kind.length
    }
  }
  return script + code.slice(at)
}

const parsed = (parser: Parser, code: string): Acorn.Program["body"] | undefined =>
  Result.getOrUndefined(
    Result.try(() =>
      parser.parse(code, { ecmaVersion: "latest", sourceType: "script", allowAwaitOutsideFunction: true }).body
    )
  )

/** The names that a statement declares at its top. */
const declared = (statement: Acorn.Statement | Acorn.ModuleDeclaration): ReadonlyArray<string> => {
  switch (statement.type) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return [statement.id.name]
    case "VariableDeclaration":
      return statement.declarations.flatMap(({ id }) => namesOf(id))
    default:
      return []
  }
}

const namesOf = (pattern: Acorn.Pattern | null): ReadonlyArray<string> => {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name]
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        namesOf(property.type === "Property" ? property.value : property.argument)
      )
    case "ArrayPattern":
      return pattern.elements.flatMap(namesOf)
    case "RestElement":
      return namesOf(pattern.argument)
    case "AssignmentPattern":
      return namesOf(pattern.left)
    default:
      return []
  }
}
