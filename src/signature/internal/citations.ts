/**
 * Citations in the documents of a call: where the cited words stand, and which are nowhere.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { isRecord } from "../../text/json/values.ts"
import { isSet } from "../../text/sets.ts"
import type { Document } from "../Document.ts"
import type { FieldIssue, FieldSchema } from "../Field.ts"
import { has } from "./inside.ts"
import { isOfCitations } from "./marks.ts"

/** Whether values of the schema may have citations somewhere. */
export const mayHoldCitations = ({ ast }: FieldSchema): boolean => has(ast, isOfCitations)

/** Where cited words stand in their document. */
export interface Place {
  readonly title?: string
  readonly start: number
  readonly end: number
}

/** Where the cited words stand, or what is wrong with the citation. A `start` that was given counts where they do stand there. */
export const placeOf = (
  documents: ReadonlyArray<Document>,
  { document: number, start, text }: { readonly text: string; readonly document: number; readonly start?: number }
): Result.Result<Place, FieldIssue> => {
  const document = documents[number]
  if (document === undefined) return Result.fail({ path: ["document"], message: noDocument(documents.length, number) })
  const found = find(document, text, start)
  if (found === undefined) {
    return Result.fail({ path: ["text"], message: notThere(documents, number, text) })
  }
  return Result.succeed({ ...(document.title === undefined ? undefined : { title: document.title }), ...found })
}

/** The value with the place of each citation that is in it. All citations that are in no document are told at once. */
export const placed = (
  schema: FieldSchema,
  documents: ReadonlyArray<Document>,
  value: unknown,
  path: FieldIssue["path"]
): Result.Result<unknown, ReadonlyArray<FieldIssue>> => {
  const issues: Array<FieldIssue> = []
  const placedIn = (ast: SchemaAST.AST | undefined, value: unknown, path: FieldIssue["path"]): unknown => {
    if (ast === undefined || typeof value !== "object" || value === null) return value
    if (isOfCitations(ast)) {
      const citation = value as Parameters<typeof placeOf>[1] // a value of its schema
      const place = placeOf(documents, citation)
      if (Result.isSuccess(place)) return { text: citation.text, document: citation.document, ...place.success }
      issues.push({ ...place.failure, path: [...path, ...place.failure.path] })
      return value
    }
    if (SchemaAST.isSuspend(ast)) return placedIn(ast.thunk(), value, path)
    if (SchemaAST.isUnion(ast)) {
      return placedIn(ast.types.find((member) => SchemaParser.is(Schema.make(member))(value)), value, path)
    }
    if (isSet(ast) && value instanceof Set) {
      return new Set([...value].map((item, index) => placedIn(ast.typeParameters[0], item, [...path, index])))
    }
    if (SchemaAST.isArrays(ast) && Array.isArray(value)) {
      return value.map((item, index) => placedIn(ast.elements[index] ?? ast.rest[0], item, [...path, index]))
    }
    if (!SchemaAST.isObjects(ast) || !isRecord(value)) return value
    const types = new Map(ast.propertySignatures.map(({ name, type }) => [String(name), type]))
    const others = ast.indexSignatures[0]?.type
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, placedIn(types.get(key) ?? others, inner, [...path, key])])
    )
  }
  const whole = placedIn(schema.ast, value, path)
  return issues.length === 0 ? Result.succeed(whole) : Result.fail(issues)
}

// Issues

const noDocument = (count: number, number: number): string =>
  count === 0
    ? "cites a document, and none was given"
    : `is ${number}, and the documents are ${count === 1 ? "0 alone" : `0 to ${count - 1}`}`

const notThere = (documents: ReadonlyArray<Document>, number: number, text: string): string => {
  const elsewhere = documents.findIndex((document) => find(document, text, undefined) !== undefined)
  return `is not in document ${number}${
    elsewhere === -1 ? ": cite its words exactly as they stand there" : `, but in document ${elsewhere}`
  }`
}

// Places

type Found = Pick<Place, "start" | "end">

/**
 * The place of words in a document. Models write white space, quotes and dashes in their own way, and see marks of a form in the
 * document with a dot or a space in them: words that differ in nothing else are the same.
 */
const find = (document: Document, words: string, hint: number | undefined): Found | undefined => {
  const { text } = document
  const sought = letters(words)
  if (sought === "") return undefined
  const start = hint !== undefined && hint >= 0 && text.startsWith(words, hint) ? hint : text.indexOf(words)
  if (start !== -1) return { start, end: start + words.length }
  const known = lettersOf(document)
  const at = known.letters.indexOf(sought)
  if (at === -1) return undefined
  const places = known.places ??= placesOf(text)
  return { start: places[at]!, end: places[at + sought.length - 1]! + 1 }
}

/** The letters of a document, and where each of them stands in its text. */
interface Letters {
  readonly letters: string
  places?: Uint32Array
}

/** A model may cite often: a document is looked through once. */
const lettersOf = (document: Document): Letters => {
  let known = ofDocuments.get(document)
  if (known === undefined) {
    known = { letters: letters(document.text) }
    ofDocuments.set(document, known)
  }
  return known
}

const ofDocuments = new WeakMap<Document, Letters>()

/** What stands in the place of a letter is as long as the letter. */
const letters = (text: string): string =>
  text.replaceAll(apart, "").replaceAll(single, "'").replaceAll(double, "\"").replaceAll(dash, "-")

const placesOf = (text: string): Uint32Array => {
  const places = new Uint32Array(text.length)
  let count = 0
  let end = 0
  const take = (to: number) => {
    while (end < to) places[count++] = end++
  }
  for (const { 0: left, index } of text.matchAll(apart)) {
    take(index)
    end = index + left.length
  }
  take(text.length)
  return places
}

const apart = /[\s\u00b7\u200b\u00ad]+/g
const single = /[\u2018\u2019\u201a\u201b`\u00b4]/g
const double = /[\u201c\u201d\u201e\u201f\u00ab\u00bb]/g
const dash = /[\u2010-\u2015\u2212]/g
