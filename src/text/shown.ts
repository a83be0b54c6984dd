/**
 * What editors and error messages show of a type.
 */

/** The type as it is: what an alias stands for is shown, and not the alias with its arguments. */
export type Shown<T> = T
