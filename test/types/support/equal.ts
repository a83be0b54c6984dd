/** How the tests of types say that two are the same. */

/** Whether two types are the same one: neither is wider, and no `any` passes for the other. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

/** Does not compile unless its type is `true`. */
export const same = <_ extends true>(): void => {}
