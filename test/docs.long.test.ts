/**
 * The pages in `docs/`: their snippets compile, they and their commands run as they are pasted and print what is shown. About a
 * minute, most of it commands.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Pages from "./docs/snippets.ts"

describe("docs", () => {
  it.live("their snippets compile, their snippets and commands run", () =>
    Effect.scoped(Effect.gen(function*() {
      const pages = Pages.paths.filter((path) => path.startsWith("docs/")).map(Pages.pageOf)
      const { requests } = yield* Pages.check(pages, ".docs")
      assert.isAbove(requests, 30)
    })), 300_000)
})
