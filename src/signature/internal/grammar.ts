/**
 * The grammar of signature strings, as types. `parser.ts` beside this file reads the same grammar at run time, in the same
 * order and with the same messages:
 *
 *     signature := [fields] "->" fields
 *     fields    := field { "," field }
 *     field     := name ["?"] [":" (union | "History")]     no type means str; one input may be a History
 *     union     := postfix { "|" postfix }
 *     postfix   := primary { "[" "]" }
 *     primary   := "(" union ")" | literal | name | name "[" union { "," union } "]" | name "<" union { "," union } ">"
 *
 * The compiler remembers what a type came to for the same arguments. So a text is first cut at its commas, and each piece read
 * by itself: the fields that signatures have in common cost nothing the second time. Whatever does not read this way is
 * read from the left, which also finds what is wrong.
 */
import type * as Schema from "effect/Schema"
import type * as History from "../History.ts"

/** What is wrong with a signature string; shown by the compiler at the string. */
export interface ParseError<Message extends string> {
  readonly signatureError: Message
}

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

/** A field as it was read. */
interface Field<N extends string, T> {
  readonly name: N
  readonly type: T
}

type AnyField = Field<string, unknown>

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
type Unclosed<Head extends string, Next extends string> = Head extends `${string}${"[" | "<"}${string}`
  ? Next extends `${string}${"]" | ">"}${string}` ? false : true
  : false

/** A text that is one field and nothing else; null if it is not. */
type Piece<S extends string> = S extends `${infer N}:${infer T}` ? PieceOf<NamePiece<N>, TypePiece<T>>
  : PieceOf<NamePiece<S>, Schema.String>

type PieceOf<N, T> = T extends null ? null
  : N extends readonly [infer Name extends string, infer Mark]
    ? Field<Name, Mark extends "?" ? T extends Schema.Constraint ? Schema.optionalKey<T> : never : T>
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
  : Union<S, [], [], false> extends Read<infer L, infer M, infer N, ""> ? Build<L, M, N>
  : null

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
    : Rest extends ""
      ? At extends "input" ? ParseError<"expected '->' and the output fields"> : Whole<Inputs, Acc | Field<N, T>>
    : ParseError<`expected ',' or '->', not ${Token<Rest>}`>
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
  : readonly [Schema.String, S]

/** A history is no type that others are made of: it is all of a field's type. */
type HistoryType<S extends string> = Word<Skip<S>> extends readonly ["History", infer Rest extends string]
  ? readonly ["History", Skip<Rest>]
  : Typed<Union<S, [], [], false>>

type OptionalType<F> = F extends readonly [infer T extends Schema.Constraint, infer Rest]
  ? readonly [Schema.optionalKey<T>, Rest]
  : F

type Typed<U> = U extends Read<infer L, infer M, infer N, infer Rest> ? readonly [Build<L, M, N>, Rest] : U

/** Names that mean something else to JavaScript objects, or to the events and predictions that fields become part of. */
type Reserved = "__proto__" | "_tag" | "constructor" | "prototype" | "then" | "toJSON" | "toString" | "valueOf"

// Types

/** A union as far as it was read, in its normal form: literals, other members, whether `null` is in it; and the rest of the text. */
interface Read<L, M, N, Rest> {
  readonly literals: L
  readonly members: M
  readonly nullable: N
  readonly rest: Rest
}

type Literals = ReadonlyArray<string | number | boolean>
type Members = ReadonlyArray<unknown>

type Union<S extends string, L extends Literals, M extends Members, N extends boolean> = //
  Postfix<Primary<Skip<S>>> extends infer P
    ? P extends Read<infer L2 extends Literals, infer M2 extends Members, infer N2 extends boolean, infer Rest>
      ? Rest extends `|${infer More}` ? Union<More, Join<L, L2>, readonly [...M, ...M2], Or<N, N2>>
      : Read<Join<L, L2>, readonly [...M, ...M2], Or<N, N2>, Rest>
    : P
    : never

type Or<A extends boolean, B extends boolean> = A extends true ? true : B

/** Both lists, without repetition. */
type Join<A extends Literals, B extends Literals> = A extends readonly [] ? B
  : B extends readonly [infer H extends Literals[number], ...infer T extends Literals]
    ? Join<H extends A[number] ? A : readonly [...A, H], T>
  : A

type Postfix<P> = P extends Read<infer L, infer M, infer N, infer S extends string>
  ? Skip<S> extends infer Rest extends string
    ? Rest extends `[${infer After}`
      ? Skip<After> extends `]${infer Rest}` ? Postfix<One<ArrayOf<Build<L, M, N>>, Rest>>
      : ParseError<`expected ']', not ${Token<Skip<After>>}`>
    : Read<L, M, N, Rest>
  : never
  : P

/** A union of one member. */
type One<T, Rest> = Read<readonly [], readonly [T], false, Rest>

/** A union of one literal. */
type Only<L, Rest> = Read<readonly [L], readonly [], false, Rest>

type ArrayOf<T> = T extends Schema.Constraint ? Schema.$Array<T> : never
type RecordOf<T> = T extends Schema.Constraint ? Schema.$Record<Schema.String, T> : never

type Primary<S extends string> = Word<S> extends readonly [infer W extends string, infer Rest extends string]
  ? W extends keyof Plain ? One<Plain[W], Rest>
  : W extends "" ? Bracketed<S>
  : W extends keyof Generics ? Generic<W, Generics[W], Skip<Rest>>
  : W extends keyof Constants ? Only<Constants[W], Rest>
  : W extends "None" | "null" ? Read<readonly [], readonly [], true, Rest>
  : W extends `${Digit}${string}` ? Numeral<W, Rest>
  : W extends "History" ? ParseError<"History stands alone, as the type of an input">
  : ParseError<`unknown type '${W}'`>
  : never

type Bracketed<S extends string> = S extends `'${infer Text}` ? Quoted<Text, "'">
  : S extends `"${infer Text}` ? Quoted<Text, "\"">
  : S extends `(${infer Inner}` ? Closed<Union<Inner, [], [], false>, ")">
  : S extends `->${string}` ? ParseError<"expected a type, not '->'">
  : S extends `-${infer Digits}`
    ? Word<Digits> extends readonly [infer W extends string, infer Rest extends string] ? Numeral<`-${W}`, Rest> : never
  : ParseError<`expected a type, not ${Token<S>}`>

type Closed<U, Close extends string> = U extends Read<infer L, infer M, infer N, infer S extends string>
  ? S extends `${Close}${infer Rest}` ? Read<L, M, N, Rest> : ParseError<`expected '${Close}', not ${Token<S>}`>
  : U

type Quoted<S extends string, Quote extends string> = S extends `${infer Text}${Quote}${infer Rest}`
  ? Text extends `${string}\\${string}` ? ParseError<"a quoted literal has no escapes"> : Only<Text, Rest>
  : ParseError<`the quote ${Quote} is not closed`>

type Numeral<W extends string, Rest extends string> = W extends `${infer Value extends number}`
  ? number extends Value ? ParseError<`'${W}' is not a number in its shortest form`>
  : Only<Value, Rest>
  : ParseError<`'${W}' is not a number in its shortest form`>

/** Types that stand alone. */
interface Plain {
  readonly str: Schema.String
  readonly string: Schema.String
  readonly int: Schema.Int
  readonly float: Schema.Finite
  readonly number: Schema.Finite
  readonly bool: Schema.Boolean
  readonly boolean: Schema.Boolean
  readonly Any: typeof Schema.Json
  readonly any: typeof Schema.Json
  readonly unknown: typeof Schema.Json
}

interface Constants {
  readonly true: true
  readonly True: true
  readonly false: false
  readonly False: false
}

/** Types with arguments, and their brackets. */
interface Generics {
  readonly list: "["
  readonly List: "["
  readonly dict: "["
  readonly Dict: "["
  readonly Optional: "["
  readonly Union: "["
  readonly Literal: "["
  readonly Array: "<"
  readonly ReadonlyArray: "<"
  readonly Record: "<"
}

type Generic<W extends keyof Generics, Open extends "[" | "<", S extends string> = S extends `${Open}${infer Inner}`
  ? W extends "Union" ? Alternatives<Inner, [], [], false>
  : W extends "Literal" ? LiteralsOnly<Alternatives<Inner, [], [], false>>
  : Arguments<Inner, Open extends "[" ? "]" : ">", []> extends infer A
    ? A extends readonly [infer Types extends ReadonlyArray<AnyRead>, infer Rest] ? Apply<W, Types, Rest>
    : A
  : never
  : W extends "list" | "List" ? One<Schema.$Array<typeof Schema.Json>, S>
  : W extends "dict" | "Dict" ? One<Schema.$Record<Schema.String, typeof Schema.Json>, S>
  : ParseError<`expected '${Open}' after '${W}'`>

/** Arguments that are one union. */
type Alternatives<S extends string, L extends Literals, M extends Members, N extends boolean> = //
  Union<S, L, M, N> extends infer U
    ? U extends
      Read<infer L extends Literals, infer M extends Members, infer N extends boolean, infer Rest extends string>
      ? Rest extends `,${infer More}` ? Alternatives<More, L, M, N>
      : Rest extends `]${infer After}` ? Read<L, M, N, After>
      : ParseError<`expected ']', not ${Token<Rest>}`>
    : U
    : never

type LiteralsOnly<U> = U extends Read<unknown, infer M, unknown, unknown>
  ? M extends readonly [] ? U : ParseError<"Literal takes literals only">
  : U

type AnyRead = Read<unknown, unknown, unknown, unknown>

/** Arguments that are types of their own. */
type Arguments<S extends string, Close extends string, Acc extends ReadonlyArray<unknown>> = //
  Union<S, [], [], false> extends infer U
    ? U extends Read<unknown, unknown, unknown, infer Rest extends string>
      ? Rest extends `,${infer More}` ? Arguments<More, Close, readonly [...Acc, U]>
      : Rest extends `${Close}${infer After}` ? readonly [readonly [...Acc, U], After]
      : ParseError<`expected '${Close}', not ${Token<Rest>}`>
    : U
    : never

type Apply<W extends keyof Generics, Types extends ReadonlyArray<AnyRead>, Rest> = //
  W extends "dict" | "Dict" | "Record"
    ? Types extends readonly [infer Key, infer T]
      ? Key extends Read<readonly [], readonly [Schema.String], false, unknown> ? One<RecordOf<BuildRead<T>>, Rest>
      : ParseError<`the keys of '${W}' are strings`>
    : ParseError<`'${W}' takes 2 types, not ${Types["length"]}`>
    : Types extends readonly [infer T]
      ? W extends "Optional" ? T extends Read<infer L, infer M, unknown, unknown> ? Read<L, M, true, Rest> : never
      : One<ArrayOf<BuildRead<T>>, Rest>
    : ParseError<`'${W}' takes 1 type, not ${Types["length"]}`>

// Schemas

type BuildRead<R> = R extends Read<infer L, infer M, infer N, unknown> ? Build<L, M, N> : never

/** The schema of a union in normal form. */
type Build<L, M, N> = L extends readonly [] ? N extends false ? M extends readonly [infer T] ? T : UnionOf<M>
  : M extends readonly [] ? Schema.Null
  : M extends readonly [infer T] ? NullOr<T>
  : M extends Members ? UnionOf<readonly [...M, Schema.Null]>
  : never
  : L extends Literals
    ? N extends false ?
      M extends readonly [] ? Schema.Literals<L> : M extends Members ? UnionOf<readonly [Schema.Literals<L>, ...M]>
      : never
    : M extends readonly [] ? Schema.NullOr<Schema.Literals<L>>
    : M extends Members ? UnionOf<readonly [Schema.Literals<L>, ...M, Schema.Null]>
    : never
  : never

type NullOr<T> = T extends Schema.Constraint ? Schema.NullOr<T> : never
type UnionOf<M> = M extends ReadonlyArray<Schema.Constraint> ? Schema.Union<M> : never

// Text

type Space = " " | "\n" | "\t" | "\r"
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"
type Letter =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z")
  | ("A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M")
  | ("N" | "O" | "P" | "Q" | "R" | "S" | "T" | "U" | "V" | "W" | "X" | "Y" | "Z")
type WordCharacter = Letter | Digit | "_" | "."

type Skip<S extends string> = S extends `${infer C}${infer Rest}` ? C extends Space ? Skip<Rest> : S : S

/** The longest word at the head of `S`, which may be empty, and the rest. */
type Word<S extends string, Acc extends string = ""> = S extends `${infer C}${infer Rest}`
  ? C extends WordCharacter ? Word<Rest, `${Acc}${C}`> : readonly [Acc, S]
  : readonly [Acc, S]

/** What stands at the head of `S`, as messages name it. */
type Token<S extends string> = S extends "" ? "the end"
  : Word<S> extends readonly [infer W extends string, string]
    ? W extends "" ? S extends `${infer C}${string}` ? `'${C}'` : "text that the compiler does not know" : `'${W}'`
  : never
