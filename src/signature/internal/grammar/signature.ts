/**
 * The grammar of signature strings, as types. The files in `../parser` read the same grammar at run time: each file here has
 * one there of the same name, in the same order and with the same messages. The grammar is ours: no library reads Python's
 * words for types and TypeScript's, let alone as types.
 *
 *     signature := [fields] "->" fields
 *     fields    := field { "," field }
 *     field     := name ["?"] [":" (union | "History")] ["=" value]     no type means str; one input may be a History
 *     union     := postfix { "|" postfix }
 *     postfix   := ["readonly"] primary { "[" "]" }
 *     primary   := "(" union ")" | literal | name | name "[" types "]" | name "<" types ">" | "[" types "]"
 *                | "{" property { ("," | ";") property } [","|";"] "}"
 *     types     := union { "," union } | union "," "..."                 the dots only in a tuple
 *     property  := ["readonly"] (name | quoted) ["?"] ":" union
 *     value     := literal | "null" | "[" [value { "," value }] "]" | "{" [key ":" value { "," key ":" value }] "}"
 *
 * A name of a type may have a module in front of it, as in `datetime.date` and `dspy.History`.
 *
 * The compiler remembers what a type came to for the same arguments. So a text is first cut at its commas, and each piece read
 * by itself: the fields that signatures have in common cost nothing the second time. Whatever does not read this way is
 * read from the left, which also finds what is wrong.
 */
import type * as Schema from "effect/Schema"
import type * as History from "../../History.ts"
import type { Defaulted, Value, WithDefault } from "./defaults.ts"
import type { Digit, ParseError, Skip, Token, Word, WordCharacter } from "./text.ts"
import type { Module, Plain, Union } from "./types.ts"
import type { AnyField, Build, Field, Optional, Read } from "./unions.ts"

// Models

/** The fields of a signature string. */
export interface Parsed<I, O> {
  readonly input: I
  readonly output: O
}

/** The inputs and the outputs of a signature string, or what is wrong with it. */
export type ParseText<S extends string> = S extends `${infer I}->${infer O}`
  ? InputPieces<I> extends Done<infer Inputs, infer Seen>
    ? Pieces<O, never, Seen> extends Done<infer Outputs, string> ? Whole<Inputs, Outputs> : FromLeft<S>
  : FromLeft<S>
  : FromLeft<S>

type Whole<I extends AnyField, O extends AnyField> = Parsed<
  { readonly [F in I as F["name"]]: F["type"] },
  { readonly [F in O as F["name"]]: F["type"] }
>

// Piece by piece

/** The fields, as a union, and the names so far. */
interface Done<F extends AnyField, Seen extends string> {
  readonly fields: F
  readonly seen: Seen
}

type InputPieces<S extends string> = Skip<S> extends "" ? Done<never, never> : Pieces<S, never, never>

/** Comma-separated fields; null where reading from the left has to decide. `Head` is the start of a field that goes on. */
type Pieces<S extends string, Acc extends AnyField, Seen extends string, Head extends string = ""> = //
  S extends `${infer Next},${infer Tail}`
    ? Piece<Unclosed<Head, Next> extends true ? "" : `${Head}${Next}`> extends Field<infer N, infer T>
      ? N extends Seen ? null : Pieces<Tail, Acc | Field<N, T>, Seen | N>
    : Pieces<Tail, Acc, Seen, `${Head}${Next},`>
    : Piece<`${Head}${S}`> extends Field<infer N, infer T> ? N extends Seen ? null : Done<Acc | Field<N, T>, Seen | N>
    : null

/** Whether a bracket is still open for sure, so that many arguments are not tried one by one. */
type Unclosed<Head extends string, Next extends string> = Head extends `${string}${"[" | "<" | "{"}${string}`
  ? Next extends `${string}${"]" | ">" | "}"}${string}` ? false : true
  : false

/** A text that is one field and nothing else; null if it is not. */
type Piece<S extends string> = S extends `${infer N}:${infer T}` ? PieceOf<NamePiece<N>, TypePiece<T>>
  : S extends `${infer N}=${infer V}` ? PieceOf<NamePiece<N>, DefaultPiece<Schema.String, V>>
  : PieceOf<NamePiece<S>, Schema.String>

type PieceOf<N, T> = T extends null ? null
  : N extends readonly [infer Name extends string, infer Mark]
    ? Mark extends "?" ? Optional<T> extends infer O extends Schema.Constraint ? Field<Name, O> : null
    : Field<Name, T>
  : null

type NamePiece<S extends string> = Skip<S> extends infer N extends string
  ? AllWord<N> extends true ? N extends NotAName ? null : readonly [N, ""]
  : Word<N> extends readonly [infer N extends string, infer Rest extends string] ? N extends NotAName ? null
    : Skip<Rest> extends "" ? readonly [N, ""]
    : Skip<Rest> extends `?${infer After}` ? Skip<After> extends "" ? readonly [N, "?"] : null
    : null
  : null
  : null

type NotAName = "" | Reserved | `${Digit | "."}${string}` | `${string}.${string}`

/** Whether all of the text is one word: takes several characters at a time, where {@link Word} takes one. */
type AllWord<S extends string> = S extends `${infer A}${infer B}${infer C}${infer D}${infer Rest}`
  ? A | B | C | D extends WordCharacter ? AllWord<Rest> : false
  : S extends `${infer A}${infer Rest}` ? A extends WordCharacter ? AllWord<Rest> : false
  : S extends "" ? true
  : false

type TypePiece<S extends string> = Skip<S> extends infer T extends keyof Plain ? Plain[T]
  : Union<S, [], [], false> extends Read<infer L, infer M, infer N, infer Rest>
    ? Rest extends "" ? Build<L, M, N> : Rest extends `=${infer V}` ? DefaultPiece<Build<L, M, N>, V> : null
  : null

type DefaultPiece<T, S extends string> = WithDefault<T, Value<Skip<S>>> extends
  readonly [infer T extends Schema.Constraint, ""] ? T : null

// From the left

type FromLeft<S extends string> = Skip<S> extends `->${infer Outputs}`
  ? Side<Skip<Outputs>, "output", never, never, never, never>
  : Side<Skip<S>, "input", never, never, never, never>

/** One field from the head of `S`, then the rest. `Log` is the name of the history, where one was read. */
type Side<
  S extends string,
  At extends "input" | "output",
  Inputs extends AnyField,
  Acc extends AnyField,
  Seen extends string,
  Log extends string
> = FieldFromLeft<S, At, Log> extends infer F
  ? F extends readonly [infer N extends string, infer T, infer Rest extends string, infer Known extends string]
    ? N extends Seen ? ParseError<`the field '${N}' is there twice`>
    : Rest extends `,${infer More}` ? Side<Skip<More>, At, Inputs, Acc | Field<N, T>, Seen | N, Known>
    : Rest extends `->${infer Outputs}`
      ? At extends "input" ? Side<Skip<Outputs>, "output", Acc | Field<N, T>, never, Seen | N, Known>
      : ParseError<"a signature has one '->'">
    : Rest extends "" ? At extends "input" ? ParseError<"expected '->' and the output fields, as in question -> answer">
      : Whole<Inputs, Acc | Field<N, T>>
    : ParseError<`expected ',' or ${At extends "input" ? "'->'" : "the end"}, not ${Token<Rest>}`>
  : F
  : never

type FieldFromLeft<S extends string, At, Log extends string> = Word<S> extends
  readonly [infer N extends string, infer Rest extends string]
  ? N extends "" ? ParseError<`expected a field name, not ${Token<S>}`>
  : N extends `${Digit | "."}${string}` ? ParseError<`a field name begins with a letter or '_', unlike '${N}'`>
  : N extends `${string}.${string}` ? ParseError<`a field name has only letters, digits and '_', unlike '${N}'`>
  : N extends Reserved ? ParseError<`a field cannot be named '${N}'`>
  : Named<N, FieldType<Skip<Rest>>, At, Log>
  : never

type Named<N extends string, F, At, Log extends string> = F extends readonly [infer T, infer Rest]
  ? T extends "History" ? HistoryNamed<N, Rest, At, Log> : readonly [N, T, Rest, Log]
  : F

type HistoryNamed<N extends string, Rest, At, Log extends string> = At extends "output"
  ? ParseError<`'${N}' cannot be a History: only an input can`>
  : [Log] extends [never] ? readonly [N, typeof History.History, Rest, N]
  : ParseError<`a signature has one History: '${Log}' is one, '${N}' cannot be another`>

/** What follows a field's name: its schema, or that it is a history, then the rest. */
type FieldType<S extends string> = S extends `?${infer Rest}` ? OptionalType<RequiredType<Skip<Rest>>> : RequiredType<S>

type RequiredType<S extends string> = S extends `:${infer Rest}` ? HistoryType<Rest>
  : Defaulted<readonly [Schema.String, S]>

/** `History` is the whole type of a field: no other type is made of it. */
type HistoryType<S extends string> = Word<Skip<S>> extends
  readonly ["History" | `${Module}.History`, infer Rest extends string] ? readonly ["History", Skip<Rest>]
  : Defaulted<Typed<Union<S, [], [], false>>>

type OptionalType<F> = F extends readonly [infer T, infer Rest]
  ? Optional<T> extends infer O ? O extends ParseError<string> ? O : readonly [O, Rest] : never
  : F

type Typed<U> = U extends Read<infer L, infer M, infer N, infer Rest> ? readonly [Build<L, M, N>, Rest] : U

/** Names that mean something else to JavaScript objects, or to the events and predictions that fields become part of. */
type Reserved = "__proto__" | "_tag" | "constructor" | "prototype" | "then" | "toJSON" | "toString" | "valueOf"
