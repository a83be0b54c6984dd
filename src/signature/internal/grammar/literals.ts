/**
 * Literals of a signature's text: quoted texts, numbers, constants, and the names of properties.
 */
import type { ParseError, Skip, Token, Word } from "./text.ts"
import type { Only, Read } from "./unions.ts"

/** Words that are values. */
export interface Constants {
  readonly true: true
  readonly True: true
  readonly false: false
  readonly False: false
}

/** A quoted text, behind its first quote. */
export type Quoted<S extends string, Quote extends string> = S extends `${infer Text}${Quote}${infer Rest}`
  ? Text extends `${string}\\${string}` ? ParseError<"a quoted literal has no escapes"> : Only<Text, Rest>
  : ParseError<`the quote ${Quote} is not closed`>

/** The number that a word says, and the rest. */
export type Numeral<W extends string, Rest extends string> = W extends `${infer Value extends number}`
  ? number extends Value ? ParseError<`'${W}' is not a number in its shortest form`>
  : Only<Value, Rest>
  : ParseError<`'${W}' is not a number in its shortest form`>

/** A name or a quoted text at the head of `S`, and the rest without the space before it. */
export type Key<S extends string> = S extends `'${infer Text}` ? KeyOf<Quoted<Text, "'">>
  : S extends `"${infer Text}` ? KeyOf<Quoted<Text, "\"">>
  : Word<S> extends readonly [infer W extends string, infer Rest extends string]
    ? W extends "" ? ParseError<`expected a property's name, not ${Token<S>}`> : KeyOf<Only<W, Rest>>
  : never

type KeyOf<R> = R extends Read<readonly [infer N extends string], unknown, unknown, infer Rest extends string>
  ? N extends "__proto__" ? ParseError<"a property cannot be named '__proto__'"> : readonly [N, Skip<Rest>]
  : R
