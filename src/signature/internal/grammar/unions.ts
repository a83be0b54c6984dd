/**
 * What a type in a signature's text means: a union in its normal form, and the schema that is built of it.
 */
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { ParseError } from "./text.ts"

// Models

/** A union as far as it was read, in its normal form: literals, other members, whether `null` is in it; and the rest of the text. */
export interface Read<L, M, N, Rest> {
  readonly literals: L
  readonly members: M
  readonly nullable: N
  readonly rest: Rest
}

export type Literals = ReadonlyArray<string | number | boolean>
export type Alternates = ReadonlyArray<unknown>

/** A field or a property as it was read. */
export interface Field<N extends string, T> {
  readonly name: N
  readonly type: T
}

export type AnyField = Field<string, unknown>

// Constructors

/** A union of one member. */
export type One<T, Rest> = Read<readonly [], readonly [T], false, Rest>

/** A union of one literal. */
export type Only<L, Rest> = Read<readonly [L], readonly [], false, Rest>

export type ArrayOf<T> = T extends Schema.Constraint ? Schema.$Array<T> : never
export type RecordOf<T> = T extends Schema.Constraint ? Schema.$Record<Schema.String, T> : never
export type SetOf<T> = T extends Schema.Constraint ? Schema.$ReadonlySet<T> : never
export type TupleOf<T> = T extends ReadonlyArray<Schema.Constraint> ? Schema.Tuple<T> : never
export type StructOf<F extends AnyField> = { readonly [P in F as P["name"]]: P["type"] } extends
  infer P extends { readonly [name: string]: Schema.Constraint } ? Schema.Struct<P> : never

// Combinators

export type Or<A extends boolean, B extends boolean> = A extends true ? true : B

/** Both lists, without repetition. */
export type Join<A extends Literals, B extends Literals> = A extends readonly [] ? B
  : B extends readonly [infer H extends Literals[number], ...infer T extends Literals]
    ? Join<H extends A[number] ? A : readonly [...A, H], T>
  : A

/** A field that may be left out; a history may be anyway. */
export type Optional<T> = T extends { readonly "~type.constructor.default": "with-default" }
  ? ParseError<"a field with a default may be left out without '?'">
  : T extends Schema.Constraint ? Schema.optionalKey<T>
  : T

// Schemas

export type BuildAll<R extends ReadonlyArray<unknown>> = { readonly [I in keyof R]: BuildRead<R[I]> }

export type BuildRead<R> = R extends Read<infer L, infer M, infer N, unknown> ? Build<L, M, N> : never

/** The schema of a union in normal form. */
export type Build<L, M, N> = L extends readonly [] ? N extends false ? M extends readonly [infer T] ? T : UnionOf<M>
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
