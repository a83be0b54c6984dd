/**
 * The grammar of signature strings, as types. `parser.ts` beside this file reads the same grammar at run time, in the same
 * order and with the same messages:
 *
 *     signature := fields "->" fields              the inputs may be none
 *     field     := name ["?"] [":" union]          no type means str
 *     union     := postfix { "|" postfix }
 *     postfix   := primary { "[" "]" }
 *     primary   := "(" union ")" | literal | name | name "[" union { "," union } "]" | name "<" union { "," union } ">"
 */
import type * as Schema from "effect/Schema"
import type { Fields } from "../Field.ts"

/** What is wrong with a signature string; shown by the compiler at the string. */
export interface ParseError<Message extends string> {
  readonly signatureError: Message
}

/** The inputs and the outputs of a signature string, or what is wrong with it. */
export type ParseText<S extends string> = Side<Skip<S>, "input", {}, {}, never>

export interface Parsed<I extends Fields, O extends Fields> {
  readonly input: I
  readonly output: O
}

// Fields

/** One field from the head of `S`, then the rest: `From` is what was read of this side, `Inputs` of the side before. */
type Side<S extends string, At extends "input" | "output", Inputs, From, Seen extends string> = //
  Word<S> extends readonly [infer Name extends string, infer Rest extends string]
    ? Name extends ""
      ? readonly [S, At, Seen] extends readonly [`->${infer Outputs}`, "input", never]
        ? Side<Skip<Outputs>, "output", {}, {}, never>
      : ParseError<`expected a field name, not ${Token<S>}`>
    : Name extends `${Digit | "."}${string}` ? ParseError<`a field name begins with a letter or '_', unlike '${Name}'`>
    : Name extends `${string}.${string}` ? ParseError<`a field name has only letters, digits and '_', unlike '${Name}'`>
    : Name extends Reserved ? ParseError<`a field cannot be named '${Name}'`>
    : Name extends Seen ? ParseError<`the field '${Name}' is there twice`>
    : FieldType<Skip<Rest>> extends infer F
      ? F extends readonly [infer Type, infer Rest extends string]
        ? Rest extends `,${infer More}`
          ? Side<Skip<More>, At, Inputs, From & { readonly [K in Name]: Type }, Seen | Name>
        : Rest extends `->${infer Outputs}`
          ? At extends "input" ? Side<Skip<Outputs>, "output", From & { readonly [K in Name]: Type }, {}, Seen | Name>
          : ParseError<"a signature has one '->'">
        : Rest extends "" ? At extends "input" ? ParseError<"expected '->' and the output fields">
          : Whole<Simplify<Inputs>, Simplify<From & { readonly [K in Name]: Type }>>
        : ParseError<`expected ',' or '->', not ${Token<Rest>}`>
      : F
    : never
    : never

type Whole<I, O> = I extends Fields ? O extends Fields ? Parsed<I, O> : never : never

/** What follows a field's name: its schema, then the rest. */
type FieldType<S extends string> = S extends `?${infer Rest}` ? OptionalType<Skip<Rest>> : RequiredType<S>

type RequiredType<S extends string> = S extends `:${infer Rest}` ? Typed<Union<Rest, [], [], false>>
  : readonly [Schema.String, S]

type OptionalType<S extends string> = RequiredType<S> extends infer F
  ? F extends readonly [infer Type extends Schema.Constraint, infer Rest] ? readonly [Schema.optionalKey<Type>, Rest]
  : F
  : never

type Typed<U> = U extends Read<infer L, infer M, infer N, infer Rest> ? readonly [Build<L, M, N>, Rest] : U

/** Names that mean something else to JavaScript objects, or to the events and predictions that fields become part of. */
export type Reserved = "__proto__" | "_tag" | "constructor" | "prototype" | "then" | "toJSON" | "toString" | "valueOf"

// Types

/** A union as far as it was read, in its normal form: literals, other members, whether `null` is in it, and the rest of the text. */
interface Read<
  L extends ReadonlyArray<unknown>,
  M extends ReadonlyArray<unknown>,
  N extends boolean,
  Rest extends string
> {
  readonly literals: L
  readonly members: M
  readonly nullable: N
  readonly rest: Rest
}

type Literals = ReadonlyArray<string | number | boolean>
type Members = ReadonlyArray<Schema.Constraint>

type Union<S extends string, L extends Literals, M extends Members, N extends boolean> = //
  Postfix<Primary<Skip<S>>> extends infer P
    ? P extends Read<infer L2 extends Literals, infer M2 extends Members, infer N2, infer Rest>
      ? Rest extends `|${infer More}` ? Union<More, Join<L, L2>, readonly [...M, ...M2], Or<N, N2>>
      : Read<Join<L, L2>, readonly [...M, ...M2], Or<N, N2>, Rest>
    : P
    : never

type Or<A extends boolean, B extends boolean> = A extends true ? true : B

/** Both lists, without repetition. */
type Join<A extends Literals, B extends Literals> = B extends
  readonly [infer H extends Literals[number], ...infer T extends Literals]
  ? Join<H extends A[number] ? A : readonly [...A, H], T>
  : A

type Postfix<P> = P extends Read<infer L extends Literals, infer M extends Members, infer N, infer S>
  ? Skip<S> extends `[${infer After}`
    ? Skip<After> extends `]${infer Rest}`
      ? Postfix<Read<readonly [], readonly [Schema.$Array<Build<L, M, N>>], false, Rest>>
    : ParseError<`expected ']', not ${Token<Skip<After>>}`>
  : Read<L, M, N, Skip<S>>
  : P

type Primary<S extends string> = S extends `(${infer Inner}` ? Closed<Union<Inner, [], [], false>, ")">
  : S extends `'${infer Text}` ? Quoted<Text, "'">
  : S extends `"${infer Text}` ? Quoted<Text, "\"">
  : S extends `->${string}` ? ParseError<"expected a type, not '->'">
  : S extends `-${infer Digits}` ?
    Word<Digits, "-"> extends readonly [infer W extends string, infer Rest extends string] ? Numeral<W, Rest>
    : never
  : Word<S> extends readonly [infer W extends string, infer Rest extends string]
    ? W extends "" ? ParseError<`expected a type, not ${Token<S>}`>
    : W extends keyof Plain ? Read<readonly [], readonly [Plain[W]], false, Rest>
    : W extends keyof Constants ? Read<readonly [Constants[W]], readonly [], false, Rest>
    : W extends "None" | "null" ? Read<readonly [], readonly [], true, Rest>
    : W extends keyof Generics ? Generic<W, Generics[W], Skip<Rest>>
    : W extends `${Digit}${string}` ? Numeral<W, Rest>
    : ParseError<`unknown type '${W}'`>
  : never

type Closed<U, Close extends string> = U extends Read<infer L, infer M, infer N, infer S>
  ? S extends `${Close}${infer Rest}` ? Read<L, M, N, Rest> : ParseError<`expected '${Close}', not ${Token<S>}`>
  : U

type Quoted<S extends string, Quote extends string> = S extends `${infer Text}${Quote}${infer Rest}`
  ? Text extends `${string}\\${string}` ? ParseError<"a quoted literal has no escapes">
  : Read<readonly [Text], readonly [], false, Rest>
  : ParseError<`the quote ${Quote} is not closed`>

type Numeral<W extends string, Rest extends string> = W extends `${infer Value extends number}`
  ? number extends Value ? ParseError<`'${W}' is not a number in its shortest form`>
  : Read<readonly [Value], readonly [], false, Rest>
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
  ? Arguments<Inner, Open extends "[" ? "]" : ">", []> extends infer A
    ? A extends readonly [infer Types extends ReadonlyArray<AnyRead>, infer Rest extends string] ? Apply<W, Types, Rest>
    : A
  : never
  : W extends "list" | "List" ? Read<readonly [], readonly [Schema.$Array<typeof Schema.Json>], false, S>
  : W extends "dict" | "Dict"
    ? Read<readonly [], readonly [Schema.$Record<Schema.String, typeof Schema.Json>], false, S>
  : ParseError<`expected '${Open}' after '${W}'`>

type AnyRead = Read<Literals, Members, boolean, string>

type Arguments<S extends string, Close extends string, Acc extends ReadonlyArray<unknown>> = //
  Union<S, [], [], false> extends infer U
    ? U extends Read<infer L, infer M, infer N, infer Rest>
      ? Rest extends `,${infer More}` ? Arguments<More, Close, readonly [...Acc, Read<L, M, N, "">]>
      : Rest extends `${Close}${infer After}` ? readonly [readonly [...Acc, Read<L, M, N, "">], After]
      : ParseError<`expected '${Close}', not ${Token<Rest>}`>
    : U
    : never

type Apply<W extends keyof Generics, Types extends ReadonlyArray<AnyRead>, Rest extends string> = //
  W extends "Union" ? Merge<Types, [], [], false, Rest>
    : W extends "Literal"
      ? Merge<Types, [], [], false, Rest> extends infer U
        ? U extends { readonly members: readonly [] } ? U : ParseError<"Literal takes literals only">
      : never
    : W extends "dict" | "Dict" | "Record"
      ? Types extends readonly [infer Key, infer T extends AnyRead]
        ? Key extends
          { readonly literals: readonly []; readonly members: readonly [Schema.String]; readonly nullable: false }
          ? Read<readonly [], readonly [Schema.$Record<Schema.String, BuildRead<T>>], false, Rest>
        : ParseError<`the keys of '${W}' are strings`>
      : ParseError<`'${W}' takes 2 types, not ${Types["length"]}`>
    : Types extends readonly [infer T extends AnyRead]
      ? W extends "Optional" ? Read<T["literals"], T["members"], true, Rest>
      : Read<readonly [], readonly [Schema.$Array<BuildRead<T>>], false, Rest>
    : ParseError<`'${W}' takes 1 type, not ${Types["length"]}`>

type Merge<
  Types extends ReadonlyArray<AnyRead>,
  L extends Literals,
  M extends Members,
  N extends boolean,
  Rest extends string
> = Types extends readonly [infer H extends AnyRead, ...infer T extends ReadonlyArray<AnyRead>]
  ? Merge<T, Join<L, H["literals"]>, readonly [...M, ...H["members"]], Or<N, H["nullable"]>, Rest>
  : Read<L, M, N, Rest>

// Schemas

type BuildRead<R extends AnyRead> = Build<R["literals"], R["members"], R["nullable"]>

/** The schema of a union in normal form. */
type Build<L, M, N> = L extends readonly [] ? N extends true ? M extends readonly [] ? Schema.Null
    : M extends readonly [infer One extends Schema.Constraint] ? Schema.NullOr<One>
    : M extends Members ? Schema.Union<readonly [...M, Schema.Null]>
    : never
  : M extends readonly [infer One] ? One
  : M extends Members ? Schema.Union<M>
  : never
  : L extends Literals ? N extends true ? M extends readonly [] ? Schema.NullOr<Schema.Literals<L>>
      : M extends Members ? Schema.Union<readonly [Schema.Literals<L>, ...M, Schema.Null]>
      : never
    : M extends readonly [] ? Schema.Literals<L>
    : M extends Members ? Schema.Union<readonly [Schema.Literals<L>, ...M]>
    : never
  : never

// Text

type Space = " " | "\n" | "\t" | "\r"
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"
type Letter =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z")
  | ("A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M")
  | ("N" | "O" | "P" | "Q" | "R" | "S" | "T" | "U" | "V" | "W" | "X" | "Y" | "Z")
type WordCharacter = Letter | Digit | "_" | "."

type Skip<S extends string> = S extends `${Space}${infer Rest}` ? Skip<Rest> : S

/** The longest word at the head of `S`, which may be empty, and the rest. */
type Word<S extends string, Acc extends string = ""> = S extends `${infer C}${infer Rest}`
  ? C extends WordCharacter ? Word<Rest, `${Acc}${C}`> : readonly [Acc, S]
  : readonly [Acc, S]

/** What stands at the head of `S`, as messages name it. */
type Token<S extends string> = S extends "" ? "the end"
  : Word<S> extends readonly [infer W extends string, string]
    ? W extends "" ? S extends `${infer C}${string}` ? `'${C}'` : "text that is not known to the compiler" : `'${W}'`
  : never

type Simplify<T> = { readonly [K in keyof T]: T[K] }
