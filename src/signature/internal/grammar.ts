/**
 * The grammar of signature strings, as types. `parser.ts` beside this file reads the same grammar at run time, in the same
 * order and with the same messages:
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
import type * as SchemaAST from "effect/SchemaAST"
import type * as Audio from "../Audio.ts"
import type { CalendarDate } from "../CalendarDate.ts"
import type * as File from "../File.ts"
import type * as History from "../History.ts"
import type * as Image from "../Image.ts"

// What both readers of the grammar have to know

const python = "str, int, float, bool, Any, None, datetime, date, list[T], set[T], tuple[T, U], dict[str, T]"
const both = "Literal['a', 'b'], T | U, { name: T }, Image, Audio, File, History"
const others = "Signature.fromSchemas takes any Schema"

/** What is said of a type that is not known. */
export const typesThereAre = `there are ${python}, ${both} and TypeScript's words for them; ${others}` as const

const asciiEnds = " \n\r\t\f\v!\"#$%&'()*+,-/:;<=>?@[\\]^`{|}~"
// dprint-ignore
const otherEnds = "\u00a0\u00ab\u00b7\u00bb\u200b\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2190\u2192\u21d2\u2212\u3000\u3001\u3002\u300c\u300d\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1c\uff1d\uff1e\uff1f\uff3b\uff3d\uff5b\uff5c\uff5d"

/**
 * The characters that end a word in a signature's text: ASCII's, and what keyboards and word processors write in their
 * place. All others belong to a word, since the compiler cannot tell a letter of another script from a mark. Marks that are
 * not listed here are refused by `nameProblem`, at run time only.
 */
export const wordEnds = `${asciiEnds}${otherEnds}` as const

// Models

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
  : Defaulted<readonly [Schema.String, S]>

/** A history is no type that others are made of: it is all of a field's type. */
type HistoryType<S extends string> = Word<Skip<S>> extends
  readonly ["History" | `${Module}.History`, infer Rest extends string] ? readonly ["History", Skip<Rest>]
  : Defaulted<Typed<Union<S, [], [], false>>>

type OptionalType<F> = F extends readonly [infer T, infer Rest]
  ? Optional<T> extends infer O ? O extends ParseError<string> ? O : readonly [O, Rest] : never
  : F

/** A field that may be left out; a history may be anyway. */
type Optional<T> = T extends { readonly "~type.constructor.default": "with-default" }
  ? ParseError<"a field with a default may be left out without '?'">
  : T extends Schema.Constraint ? Schema.optionalKey<T>
  : T

// Defaults

type Defaulted<F> = F extends readonly [infer T, `=${infer V}`] ? WithDefault<T, Value<Skip<V>>> : F

type WithDefault<T, V> = V extends Valued<infer A, infer Rest>
  ? T extends Schema.Constraint
    ? A extends JsonOf<T["Encoded"]> ? readonly [Schema.withConstructorDefault<NoDefault<T>>, Rest]
    : ParseError<"the default is not of the field's type">
  : never
  : V

/** The type of a schema without a default. That of any JSON says neither that it has one nor that it has none. */
type NoDefault<T extends Schema.Constraint> = T extends Schema.WithoutConstructorDefault ? T
  : T & Schema.WithoutConstructorDefault

/** The JSON of an encoded value. */
type JsonOf<E> = Schema.Json extends E ? Schema.Json
  : E extends ReadonlySet<infer Item> ? ReadonlyArray<JsonOf<Item>>
  : E extends object ? { readonly [K in keyof E]: JsonOf<E[K]> }
  : E

/** A value that was read, and the rest of the text without the space before it. */
interface Valued<A, Rest extends string> {
  readonly value: A
  readonly rest: Rest
}

/** The value at the head of `S`. */
type Value<S extends string> = Word<S> extends readonly [infer W extends string, infer Rest extends string]
  ? W extends "" ? BracketedValue<S>
  : W extends keyof Constants ? Valued<Constants[W], Skip<Rest>>
  : W extends "None" | "null" ? Valued<null, Skip<Rest>>
  : W extends `${Digit}${string}` ? LiteralValue<Numeral<W, Rest>>
  : ParseError<`expected a value, not '${W}'`>
  : never

type BracketedValue<S extends string> = S extends `'${infer Text}` ? LiteralValue<Quoted<Text, "'">>
  : S extends `"${infer Text}` ? LiteralValue<Quoted<Text, "\"">>
  : S extends `[${infer Inner}`
    ? Skip<Inner> extends `]${infer Rest}` ? Valued<readonly [], Skip<Rest>> : Items<Skip<Inner>, []>
  : S extends `{${infer Inner}`
    ? Skip<Inner> extends `}${infer Rest}` ? Valued<{}, Skip<Rest>> : Members<Skip<Inner>, {}>
  : S extends `->${string}` ? ParseError<"expected a value, not '->'">
  : S extends `-${infer Digits}`
    ? Word<Digits> extends readonly [infer W extends string, infer Rest extends string]
      ? LiteralValue<Numeral<`-${W}`, Rest>>
    : never
  : ParseError<`expected a value, not ${Token<S>}`>

type LiteralValue<R> = R extends Read<readonly [infer A], unknown, unknown, infer Rest extends string>
  ? Valued<A, Skip<Rest>>
  : R

type Items<S extends string, Acc extends ReadonlyArray<unknown>> = Value<S> extends infer V
  ? V extends Valued<infer A, infer Rest> ? Rest extends `,${infer More}` ? Items<Skip<More>, readonly [...Acc, A]>
    : Rest extends `]${infer After}` ? Valued<readonly [...Acc, A], Skip<After>>
    : ParseError<`expected ']', not ${Token<Rest>}`>
  : V
  : never

type Members<S extends string, Acc> = Key<S> extends infer K
  ? K extends readonly [infer N extends string, infer Rest extends string]
    ? Rest extends `:${infer V}` ? Member<Acc, N, Value<Skip<V>>> : ParseError<`expected ':', not ${Token<Rest>}`>
  : K
  : never

type Member<Acc, N extends string, V> = V extends Valued<infer A, infer Rest>
  ? Rest extends `,${infer More}` ? Members<Skip<More>, Acc & { readonly [K in N]: A }>
  : Rest extends `}${infer After}` ? Valued<Acc & { readonly [K in N]: A }, Skip<After>>
  : ParseError<`expected '}', not ${Token<Rest>}`>
  : V

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
type Alternates = ReadonlyArray<unknown>

type Union<S extends string, L extends Literals, M extends Alternates, N extends boolean> = //
  Postfix<Primary<Skip<S>>> extends infer P
    ? P extends Read<infer L2 extends Literals, infer M2 extends Alternates, infer N2 extends boolean, infer Rest>
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
type SetOf<T> = T extends Schema.Constraint ? Schema.$ReadonlySet<T> : never
type TupleOf<T> = T extends ReadonlyArray<Schema.Constraint> ? Schema.Tuple<T> : never
type StructOf<F extends AnyField> = { readonly [P in F as P["name"]]: P["type"] } extends
  infer P extends { readonly [name: string]: Schema.Constraint } ? Schema.Struct<P> : never

type Primary<S extends string> = Word<S> extends readonly [infer W extends string, infer Rest extends string]
  ? W extends keyof Plain ? One<Plain[W], Rest>
  : W extends "" ? Bracketed<S>
  : W extends Generics ? Generic<W, Skip<Rest>>
  : W extends keyof Constants ? Only<Constants[W], Rest>
  : W extends "None" | "null" ? Read<readonly [], readonly [], true, Rest>
  : W extends `${Digit}${string}` ? Numeral<W, Rest>
  : W extends "readonly" ? Primary<Skip<Rest>>
  : W extends `${Module}.${infer Name}`
    ? Name extends keyof Plain | Generics | "History" ? Primary<`${Name}${Rest}`> : Unknown<W>
  : W extends "History" ? ParseError<"History stands alone, as the type of an input">
  : Unknown<W>
  : never

/** The modules in which Python has types. */
type Module = "typing" | "datetime" | "dspy"

type Unknown<W extends string> = ParseError<`unknown type '${W}': ${typeof typesThereAre}`>

type Bracketed<S extends string> = S extends `'${infer Text}` ? Quoted<Text, "'">
  : S extends `"${infer Text}` ? Quoted<Text, "\"">
  : S extends `(${infer Inner}` ? Closed<Union<Inner, [], [], false>, ")">
  : S extends `{${infer Inner}` ? Properties<Skip<Inner>, never, never>
  : S extends `[${infer Inner}` ? Applied<"tuple", Arguments<Inner, "]", [], "tuple">>
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
  readonly integer: Schema.Int
  readonly float: Schema.Finite
  readonly number: Schema.Finite
  readonly bool: Schema.Boolean
  readonly boolean: Schema.Boolean
  readonly Any: typeof Schema.Json
  readonly any: typeof Schema.Json
  readonly unknown: typeof Schema.Json
  readonly datetime: Schema.DateTimeUtcFromString
  readonly date: CalendarDate
  readonly Date: Schema.DateFromString
  readonly Image: typeof Image.Image
  readonly Audio: typeof Audio.Audio
  readonly File: typeof File.File
}

interface Constants {
  readonly true: true
  readonly True: true
  readonly false: false
  readonly False: false
}

type Sets = "set" | "Set" | "frozenset" | "FrozenSet" | "ReadonlySet"
type Tuples = "tuple" | "Tuple"
type Records = "dict" | "Dict" | "Record"
type Lists = "list" | "List" | "Array" | "ReadonlyArray"

/** Types with arguments. */
type Generics = Lists | Records | Tuples | Sets | "Optional" | "Union" | "Literal"

/** What Python lets stand without arguments. */
interface Bare {
  readonly list: Schema.$Array<typeof Schema.Json>
  readonly List: Schema.$Array<typeof Schema.Json>
  readonly tuple: Schema.$Array<typeof Schema.Json>
  readonly Tuple: Schema.$Array<typeof Schema.Json>
  readonly dict: Schema.$Record<Schema.String, typeof Schema.Json>
  readonly Dict: Schema.$Record<Schema.String, typeof Schema.Json>
}

type Generic<W extends Generics, S extends string> = S extends `[${infer Inner}` ? Inside<W, Inner, "]">
  : S extends `<${infer Inner}` ? Inside<W, Inner, ">">
  : W extends keyof Bare ? One<Bare[W], S>
  : ParseError<`expected '[' or '<' after '${W}'`>

type Inside<W extends Generics, S extends string, Close extends string> = W extends "Union"
  ? Alternatives<S, Close, [], [], false>
  : W extends "Literal" ? LiteralsOnly<Alternatives<S, Close, [], [], false>>
  : Applied<W, Arguments<S, Close, [], W>>

/** Arguments that are one union. */
type Alternatives<
  S extends string,
  Close extends string,
  L extends Literals,
  M extends Alternates,
  N extends boolean
> = //
  Union<S, L, M, N> extends infer U
    ? U extends
      Read<infer L extends Literals, infer M extends Alternates, infer N extends boolean, infer Rest extends string>
      ? Rest extends `,${infer More}` ? Alternatives<More, Close, L, M, N>
      : Rest extends `${Close}${infer After}` ? Read<L, M, N, After>
      : ParseError<`expected '${Close}', not ${Token<Rest>}`>
    : U
    : never

type LiteralsOnly<U> = U extends Read<unknown, infer M, unknown, unknown>
  ? M extends readonly [] ? U : ParseError<"Literal takes literals only">
  : U

/** Arguments that are types of their own; a tuple's second one may be dots. */
type Arguments<S extends string, Close extends string, Acc extends ReadonlyArray<unknown>, W> = //
  Union<S, [], [], false> extends infer U
    ? U extends Read<unknown, unknown, unknown, infer Rest extends string>
      ? Rest extends `,${infer More}`
        ? readonly [W, Acc, Skip<More>] extends readonly [Tuples, readonly [], `...${infer After}`]
          ? Skip<After> extends `${Close}${infer After}` ? readonly [readonly [U, "..."], After]
          : ParseError<`expected '${Close}', not ${Token<Skip<After>>}`>
        : Arguments<More, Close, readonly [...Acc, U], W>
      : Rest extends `${Close}${infer After}` ? readonly [readonly [...Acc, U], After]
      : ParseError<`expected '${Close}', not ${Token<Rest>}`>
    : U
    : never

type Applied<W, A> = A extends readonly [infer Types extends ReadonlyArray<unknown>, infer Rest] ? Apply<W, Types, Rest>
  : A

type Apply<W, Types extends ReadonlyArray<unknown>, Rest> = //
  W extends Records ?
    Types extends readonly [infer Key, infer T]
      ? Key extends Read<readonly [], readonly [Schema.String], false, unknown> ? One<RecordOf<BuildRead<T>>, Rest>
      : ParseError<`the keys of '${W}' are strings`>
    : ParseError<`'${W}' takes 2 types, not ${Types["length"]}`>
    : W extends Tuples
      ? Types extends readonly [infer T, "..."] ? One<ArrayOf<BuildRead<T>>, Rest> : One<TupleOf<BuildAll<Types>>, Rest>
    : Types extends readonly [infer T]
      ? W extends "Optional" ? T extends Read<infer L, infer M, unknown, unknown> ? Read<L, M, true, Rest> : never
      : W extends Sets ? One<SetOf<BuildRead<T>>, Rest>
      : One<ArrayOf<BuildRead<T>>, Rest>
    : ParseError<`'${W & string}' takes 1 type, not ${Types["length"]}`>

// Objects

/** One property from the head of `S`, then the rest. */
type Properties<S extends string, Acc extends AnyField, Seen extends string> = PropertyName<S> extends infer K
  ? K extends readonly [infer N extends string, infer Rest extends string]
    ? N extends Seen ? ParseError<`the property '${N}' is there twice`>
    : Rest extends `?${infer Rest}` ?
      Skip<Rest> extends `:${infer T}` ? Property<N, true, Union<T, [], [], false>, Acc, Seen>
      : ParseError<`expected ':', not ${Token<Skip<Rest>>}`>
    : Rest extends `:${infer T}` ? Property<N, false, Union<T, [], [], false>, Acc, Seen>
    : ParseError<`expected ':', not ${Token<Rest>}`>
  : K
  : never

type Property<N extends string, IsOptional, U, Acc extends AnyField, Seen extends string> = U extends
  Read<infer L, infer M, infer Null, infer Rest extends string>
  ? Acc | Field<N, IsOptional extends true ? Optional<Build<L, M, Null>> : Build<L, M, Null>> extends
    infer Fields extends AnyField
    ? Rest extends `${"," | ";"}${infer More}`
      ? Skip<More> extends `}${infer After}` ? One<StructOf<Fields>, After> : Properties<Skip<More>, Fields, Seen | N>
    : Rest extends `}${infer After}` ? One<StructOf<Fields>, After>
    : ParseError<`expected ',' or '}', not ${Token<Rest>}`>
  : never
  : U

/** A property's name, behind `readonly` where that is no name itself. */
type PropertyName<S extends string> = Key<S> extends infer K
  ? K extends readonly ["readonly", infer Rest extends string] ? Rest extends `${":" | "?"}${string}` ? K : Key<Rest>
  : K
  : never

/** A name or a quoted text at the head of `S`, and the rest without the space before it. */
type Key<S extends string> = S extends `'${infer Text}` ? KeyOf<Quoted<Text, "'">>
  : S extends `"${infer Text}` ? KeyOf<Quoted<Text, "\"">>
  : Word<S> extends readonly [infer W extends string, infer Rest extends string]
    ? W extends "" ? ParseError<`expected a property's name, not ${Token<S>}`> : KeyOf<Only<W, Rest>>
  : never

type KeyOf<R> = R extends Read<readonly [infer N extends string], unknown, unknown, infer Rest extends string>
  ? N extends "__proto__" ? ParseError<"a property cannot be named '__proto__'"> : readonly [N, Skip<Rest>]
  : R

// Schemas

type BuildAll<R extends ReadonlyArray<unknown>> = { readonly [I in keyof R]: BuildRead<R[I]> }

type BuildRead<R> = R extends Read<infer L, infer M, infer N, unknown> ? Build<L, M, N> : never

/** The schema of a union in normal form. */
type Build<L, M, N> = L extends readonly [] ? N extends false ? M extends readonly [infer T] ? T : UnionOf<M>
  : M extends readonly [] ? Schema.Null
  : M extends readonly [infer T] ? NullOr<T>
  : M extends Alternates ? UnionOf<readonly [...M, Schema.Null]>
  : never
  : L extends Literals
    ? N extends false ?
      M extends readonly [] ? Schema.Literals<L> : M extends Alternates ? UnionOf<readonly [Schema.Literals<L>, ...M]>
      : never
    : M extends readonly [] ? Schema.NullOr<Schema.Literals<L>>
    : M extends Alternates ? UnionOf<readonly [Schema.Literals<L>, ...M, Schema.Null]>
    : never
  : never

type NullOr<T> = T extends Schema.Constraint ? Schema.NullOr<T> : never
type UnionOf<M> = Ordered<M, [], [], []> extends infer U extends ReadonlyArray<Schema.Constraint> ? Schema.Union<U>
  : never

/** The first member that takes a value is what it is: records take any object, and objects take dates and sets. `null` is the last. */
type Ordered<M, First extends Alternates, Structs extends Alternates, Records extends Alternates> = M extends
  readonly [infer T, ...infer Rest] ? T extends Schema.Null ? readonly [...First, ...Structs, ...Records, T]
  : T extends { readonly ast: SchemaAST.Objects }
    ? T extends { readonly key: unknown } ? Ordered<Rest, First, Structs, readonly [...Records, T]>
    : Ordered<Rest, First, readonly [...Structs, T], Records>
  : Ordered<Rest, readonly [...First, T], Structs, Records>
  : readonly [...First, ...Structs, ...Records]

// Text

type Space = " " | "\n" | "\t" | "\r"
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"
type Letter =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z")
  | ("A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M")
  | ("N" | "O" | "P" | "Q" | "R" | "S" | "T" | "U" | "V" | "W" | "X" | "Y" | "Z")
type WordCharacter = Letter | Digit | "_" | "."
type WordEnd = Characters<typeof wordEnds>
type Characters<S extends string, Acc extends string = never> = S extends `${infer C}${infer Rest}`
  ? Characters<Rest, Acc | C>
  : Acc

type Skip<S extends string> = S extends `${infer C}${infer Rest}` ? C extends Space ? Skip<Rest> : S : S

/** The longest word at the head of `S`, which may be empty, and the rest. */
type Word<S extends string, Acc extends string = ""> = S extends `${infer C}${infer Rest}`
  ? C extends WordCharacter ? Word<Rest, `${Acc}${C}`>
  : C extends WordEnd ? readonly [Acc, S]
  : Word<Rest, `${Acc}${C}`>
  : readonly [Acc, S]

/** What stands at the head of `S`, as messages name it. */
type Token<S extends string> = S extends "" ? "the end"
  : Word<S> extends readonly [infer W extends string, string]
    ? W extends "" ? S extends `${infer C}${string}` ? `'${C}'` : "text that the compiler does not know" : `'${W}'`
  : never
