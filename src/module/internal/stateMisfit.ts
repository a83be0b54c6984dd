/**
 * Why a state does not fit a program, in words that say what to do.
 */
import * as Result from "effect/Result"
import type * as SchemaIssue from "effect/SchemaIssue"
import type { FieldIssue } from "../../signature/Field.ts"
import * as Issues from "../../text/issues.ts"
import { shown } from "../../text/kind.ts"
import * as Reason from "../StateReason.ts"

export const malformed = (description: string): Result.Result<never, Reason.Malformed> =>
  Result.fail(new Reason.Malformed({ description }))

/** The value is no state; `what` says what it is, and begins a sentence. */
export const noState = (what: string): Result.Result<never, Reason.Malformed> =>
  malformed(`${what}: give what Module.save gave, or what DSPy's program.save wrote as JSON, as a value or its text`)

export const newerVersion = (version: number, known: number): Result.Result<never, Reason.NewerVersion> =>
  Result.fail(
    new Reason.NewerVersion({
      description: `it is of version ${version}, and this library reads version ${known}: update effect-lm`,
      version
    })
  )

export const unknownPath = (path: string, known: Iterable<string>): Result.Result<never, Reason.UnknownPath> =>
  Result.fail(
    new Reason.UnknownPath({
      description: `it has a predictor ${shown(path)}, and the program has ${listOf(known)}: ` +
        "load it into the program that it was saved from",
      path
    })
  )

export const missingPath = (path: string, known: Iterable<string>): Result.Result<never, Reason.MissingPath> =>
  Result.fail(
    new Reason.MissingPath({
      description: `it has nothing of the predictor ${shown(path)}, and the program would be half of what was saved; ` +
        `it has ${listOf(known) || "no predictor"}: load it into the program that it was saved from`,
      path
    })
  )

export const otherSignature = (
  path: string,
  saved: string,
  own: string
): Result.Result<never, Reason.OtherSignature> =>
  Result.fail(
    new Reason.OtherSignature({
      description:
        `the predictor ${shown(path)} had the fields ${excerpt(saved)}, and has the fields ${excerpt(own)} ` +
        "in the program: load it into the program that it was saved from, or save the program again",
      path
    })
  )

export const invalid = (issues: ReadonlyArray<FieldIssue>): Result.Result<never, Reason.Invalid> =>
  Result.fail(invalidReason(issues))

/** The reason for a value that a schema of states does not take. */
export const unfit = (issue: SchemaIssue.Issue, at: FieldIssue["path"] = []): Reason.Invalid =>
  invalidReason(issuesOf(issue, at))

/** The issues that a schema has found, with paths from the top of the state. */
export const issuesOf = (issue: SchemaIssue.Issue, at: FieldIssue["path"]): ReadonlyArray<FieldIssue> =>
  Issues.fromSchema(issue).map(({ message, path }) => ({
    path: [...at, ...path],
    message: message.replace(/^[A-Z]/, (letter) => letter.toLowerCase())
  }))

/** The most faults that are looked for: a file may have millions of them. */
export const mostIssues = 20

// Details

const invalidReason = (issues: ReadonlyArray<FieldIssue>): Reason.Invalid => {
  const told = issues.slice(0, mostIssues)
  const lines = told.map((issue) => `\n  ${Issues.inWords(issue)}`)
  return new Reason.Invalid({
    description: `some of it is not as it has to be${lines.map(excerpt).join("")}${
      told.length < issues.length ? "\n  and more" : ""
    }`,
    issues: told
  })
}

const listOf = (paths: Iterable<string>): string => Array.from(paths, shown).slice(0, mostIssues).join(", ")

/** The beginning of a text of any length. */
const excerpt = (text: string): string => text.length > 400 ? `${text.slice(0, 400)}...` : text
