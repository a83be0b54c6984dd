import { assert, describe, it } from "@effect/vitest"
import { LMError } from "effect-lm/lm/LMError"
describe("smoke", () => {
  it("x", () => {
    assert.isTrue(LMError !== undefined)
  })
})
