/** What no compiler sees in plain JavaScript is a sentence when it is made. */
import { assert, describe, it } from "@effect/vitest"
import { Blocking } from "effect-lm"
import { unchecked } from "../support/unchecked.ts"

describe("what is made of something else is refused, in a sentence", () => {
  const rows: ReadonlyArray<readonly [name: string, make: () => unknown, sentence: RegExp]> = [
    [
      "a module",
      () => Blocking.module(unchecked("./work.ts")),
      /^the module of Blocking\.module is a string: it is a URL, as new URL/
    ],
    ["a pool", () => Blocking.layer(unchecked({ size: "2" })), /^a pool of 2 workers/]
  ]
  for (const [name, make, sentence] of rows) {
    it(name, () => assert.throws(make, TypeError, sentence))
  }
})
