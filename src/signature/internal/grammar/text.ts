/**
 * The text of a signature at the lowest level, as types: characters, words, white space, and what messages call them.
 */

const asciiEnds = " \n\r\t\f\v!\"#$%&'()*+,-/:;<=>?@[\\]^`{|}~"
// dprint-ignore
const otherEnds = "\u00a0\u00ab\u00b7\u00bb\u200b\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2190\u2192\u21d2\u2212\u3000\u3001\u3002\u300c\u300d\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1c\uff1d\uff1e\uff1f\uff3b\uff3d\uff5b\uff5c\uff5d"

/**
 * The characters that end a word in a signature's text: ASCII's, and what keyboards and word processors write in their
 * place. All others belong to a word, since the compiler cannot tell a letter of another script from a mark. Marks that are
 * not listed here are refused by `nameProblem`, at run time only.
 */
export const wordEnds = `${asciiEnds}${otherEnds}` as const

/** What is wrong with a signature string; shown by the compiler at the string. */
export interface ParseError<Message extends string> {
  readonly signatureError: Message
}

// Characters

type Space = " " | "\n" | "\t" | "\r"
export type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9"
type Letter =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z")
  | ("A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M")
  | ("N" | "O" | "P" | "Q" | "R" | "S" | "T" | "U" | "V" | "W" | "X" | "Y" | "Z")
export type WordCharacter = Letter | Digit | "_" | "."
type WordEnd = Characters<typeof wordEnds>
type Characters<S extends string, Acc extends string = never> = S extends `${infer C}${infer Rest}`
  ? Characters<Rest, Acc | C>
  : Acc

// Reading

/** The text behind white space. */
export type Skip<S extends string> = S extends `${infer C}${infer Rest}` ? C extends Space ? Skip<Rest> : S : S

/** The longest word at the head of `S`, which may be empty, and the rest. */
export type Word<S extends string, Acc extends string = ""> = S extends `${infer C}${infer Rest}`
  ? C extends WordCharacter ? Word<Rest, `${Acc}${C}`>
  : C extends WordEnd ? readonly [Acc, S]
  : Word<Rest, `${Acc}${C}`>
  : readonly [Acc, S]

/** What stands at the head of `S`, as messages name it. */
export type Token<S extends string> = S extends "" ? "the end"
  : Word<S> extends readonly [infer W extends string, string]
    ? W extends "" ? S extends `${infer C}${string}` ? `'${C}'` : "text that the compiler does not know" : `'${W}'`
  : never
