/**
 * What is wrong with a value, by the place in it: the issues of errors, and how they are said.
 */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

// Models

/** One thing that is wrong, and where: the keys and indices that lead to it, none for the value as a whole. */
export interface Issue {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** The issues of an error that is data. */
export const Issues = Schema.Array(Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
  message: Schema.String
}))

// Constructors

/** What a schema has found, in its own words. */
export const fromSchema = (issue: SchemaIssue.Issue): ReadonlyArray<Issue> =>
  format(issue).issues.map(({ message, path = [] }) => ({
    path: path.map((part) => keyOf(typeof part === "object" ? part.key : part)),
    message
  }))

// Combinators

/** The issues of what a field holds, without the field's name, where nobody has given it one. */
export const inside = (issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.map(({ message, path }) => ({ path: path.slice(1), message }))

// Words

/** One issue, with its place before it: `items.0.name: is missing`. */
export const inWords = ({ message, path }: Issue): string =>
  path.length === 0 ? message : `${path.join(".")}: ${message}`

/** All issues in one line. */
export const inLine = (issues: ReadonlyArray<Issue>): string => issues.map(inWords).join("; ")

/** One issue a line, each after the same mark. */
export const inLines = (issues: ReadonlyArray<Issue>, mark: string): string =>
  issues.map((issue) => mark + inWords(issue)).join("\n")

/** All issues within a sentence: `when expected a date; limit expected a number`. */
export const inSentence = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ message, path }) => [...(path.length === 0 ? [] : [path.join(".")]), message].join(" ")).join("; ")

// Details

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const keyOf = (key: PropertyKey): string | number => typeof key === "number" ? key : String(key)
