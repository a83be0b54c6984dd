/**
 * The types of a signature's text: `list[str] | None`, `{ name: str }`.
 */
import type * as Schema from "effect/Schema"
import type * as Audio from "../../Audio.ts"
import type { CalendarDate } from "../../CalendarDate.ts"
import type * as Citations from "../../Citations.ts"
import type { Code } from "../../Code.ts"
import type * as Document from "../../Document.ts"
import type * as File from "../../File.ts"
import type * as Image from "../../Image.ts"
import type { Reasoning } from "../../Reasoning.ts"
import type * as ToolCall from "../../ToolCall.ts"
import type * as ToolSpec from "../../ToolSpec.ts"
import type { Constants, Key, Numeral, Quoted } from "./literals.ts"
import type { Digit, ParseError, Skip, Token, Word } from "./text.ts"
import type {
  Alternates,
  AnyField,
  ArrayOf,
  Build,
  BuildAll,
  BuildRead,
  Field,
  Join,
  Literals,
  One,
  Only,
  Optional,
  Or,
  Read,
  RecordOf,
  SetOf,
  StructOf,
  TupleOf
} from "./unions.ts"

const python = "str, int, float, bool, Any, None, datetime, date, list[T], set[T], tuple[T, U], dict[str, T]"
const both =
  "Literal['a', 'b'], T | U, { name: T }, Code['python'], Reasoning, Image, Audio, File, Document, Citations, History"
const tools = "Tool, ToolCalls"
const others = "Signature.fromSchemas takes any Schema"

/** What is said of a type that is not known. */
export const typesThereAre =
  `there are ${python}, ${both}, ${tools} and TypeScript's words for them; ${others}` as const

// Unions

/** A type at the head of `S`, which may be several with `|` between them: literals, members and null so far. */
export type Union<S extends string, L extends Literals, M extends Alternates, N extends boolean> = //
  Postfix<Primary<Skip<S>>> extends infer P
    ? P extends Read<infer L2 extends Literals, infer M2 extends Alternates, infer N2 extends boolean, infer Rest>
      ? Rest extends `|${infer More}` ? Union<More, Join<L, L2>, readonly [...M, ...M2], Or<N, N2>>
      : Read<Join<L, L2>, readonly [...M, ...M2], Or<N, N2>, Rest>
    : P
    : never

type Postfix<P> = P extends Read<infer L, infer M, infer N, infer S extends string>
  ? Skip<S> extends infer Rest extends string
    ? Rest extends `[${infer After}`
      ? Skip<After> extends `]${infer Rest}` ? Postfix<One<ArrayOf<Build<L, M, N>>, Rest>>
      : ParseError<`expected ']', not ${Token<Skip<After>>}`>
    : Read<L, M, N, Rest>
  : never
  : P

type Primary<S extends string> = Word<S> extends readonly [infer W extends string, infer Rest extends string]
  ? W extends keyof Plain ? One<Plain[W], Rest>
  : W extends "" ? Bracketed<S>
  : W extends Generics ? Generic<W, Skip<Rest>>
  : W extends keyof Constants ? Only<Constants[W], Rest>
  : W extends "None" | "null" ? Read<readonly [], readonly [], true, Rest>
  : W extends `${Digit}${string}` ? Numeral<W, Rest>
  : W extends "readonly" ? Primary<Skip<Rest>>
  : W extends `${Module}.${infer Name}`
    ? Name extends keyof Plain | Generics | "History" ? Primary<`${Name}${Rest}`> : ParseError<UnknownType<W>>
  : W extends "History" ? ParseError<"History stands alone, as the type of an input">
  : ParseError<UnknownType<W>>
  : never

/** The modules in which Python has types. */
export type Module = "typing" | "datetime" | "dspy"

/** Only the sentence: editors would show an alias of the error by its name. */
type UnknownType<W extends string> = `unknown type '${W}': ${typeof typesThereAre}`

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

// Types that stand alone

export interface Plain {
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
  readonly Reasoning: Reasoning
  readonly Image: typeof Image.Image
  readonly Audio: typeof Audio.Audio
  readonly File: typeof File.File
  readonly Document: typeof Document.Document
  readonly Citations: typeof Citations.Citations
  readonly Tool: typeof ToolSpec.Tool
  readonly ToolCalls: typeof ToolCall.ToolCalls
}

// Types with arguments

type Sets = "set" | "Set" | "frozenset" | "FrozenSet" | "ReadonlySet"
type Tuples = "tuple" | "Tuple"
type Records = "dict" | "Dict" | "Record"
type Lists = "list" | "List" | "Array" | "ReadonlyArray"

type Generics = Lists | Records | Tuples | Sets | "Optional" | "Union" | "Literal" | "Code"

/** What Python lets stand without arguments. */
interface Bare {
  readonly list: Schema.$Array<typeof Schema.Json>
  readonly List: Schema.$Array<typeof Schema.Json>
  readonly tuple: Schema.$Array<typeof Schema.Json>
  readonly Tuple: Schema.$Array<typeof Schema.Json>
  readonly dict: Schema.$Record<Schema.String, typeof Schema.Json>
  readonly Dict: Schema.$Record<Schema.String, typeof Schema.Json>
  readonly Code: Code
}

type Generic<W extends Generics, S extends string> = S extends `[${infer Inner}`
  ? readonly [W, Skip<Inner>] extends readonly ["Code", `]${string}`] ? One<Code, S> : Inside<W, Inner, "]">
  : S extends `<${infer Inner}` ? Inside<W, Inner, ">">
  : W extends keyof Bare ? One<Bare[W], S>
  : ParseError<`expected '[' or '<' after '${W}'`>

type Inside<W extends Generics, S extends string, Close extends string> = W extends "Union"
  ? Alternatives<S, Close, [], [], false>
  : W extends "Literal" ? LiteralsOnly<Alternatives<S, Close, [], [], false>>
  : W extends "Code" ? CodeIn<Alternatives<S, Close, [], [], false>>
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

/** Code in a language. */
type CodeIn<U> = U extends Read<infer L, infer M, infer N, infer Rest>
  ? readonly [L, M, N] extends readonly [readonly [string], readonly [], false] ? One<Code, Rest>
  : ParseError<"Code takes the name of one language, as in Code['python']">
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
