/**
 * What is wrong with a value, in words.
 */

/** What is wrong, and where: the names of fields and properties, and the places in lists, on the way there. */
export interface Issue {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** An issue in a line: `items.2: expected a string`. */
export const inWords = ({ message, path }: Issue): string =>
  path.length === 0 ? message : `${path.join(".")}: ${message}`

/** Issues in lines, each behind a mark or an indent. */
export const lines = (issues: ReadonlyArray<Issue>, before: string): string =>
  issues.map((issue) => `${before}${inWords(issue)}`).join("\n")

/** Issues within a sentence: `when expected a date; limit expected a number`. */
export const inSentence = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ message, path }) => [...(path.length === 0 ? [] : [path.join(".")]), message].join(" ")).join("; ")
