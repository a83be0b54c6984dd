/**
 * Defaults in a signature's text: `k: int = 3`. A default is a value of JSON, and of the field's type.
 */
import type * as Schema from "effect/Schema"
import type { Constants, Key, Numeral, Quoted } from "./literals.ts"
import type { Digit, ParseError, Skip, Token, Word } from "./text.ts"
import type { Read } from "./unions.ts"

export type Defaulted<F> = F extends readonly [infer T, `=${infer V}`] ? WithDefault<T, Value<Skip<V>>> : F

export type WithDefault<T, V> = V extends Valued<infer A, infer Rest>
  ? T extends Schema.Constraint
    ? A extends JsonOf<T["Encoded"]> ? readonly [Schema.withConstructorDefault<NoDefault<T>>, Rest]
    : ParseError<"the default is not of the field's type">
  : never
  : V

/** The type of a schema without a default. The type of `Schema.Json` leaves open whether it has a default. */
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
export type Value<S extends string> = Word<S> extends readonly [infer W extends string, infer Rest extends string]
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
