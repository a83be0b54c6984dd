/**
 * The README: its snippets compile, they and its commands run as they are pasted and print what it shows; its tables say what
 * the code does. The links between all pages.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import {
  BlockingReason,
  ContentReason,
  LMError,
  LMReason,
  McpReason,
  Providers,
  Retry,
  SandboxReason,
  SizeLimits,
  StateReason,
  Timeouts,
  ToolReason
} from "effect-lm"
import * as Pages from "./docs/snippets.ts"

const readme = Pages.pageOf("README.md")
const pages = Pages.paths.map(Pages.pageOf)

describe("README", () => {
  it("its snippets are parsed by the oldest Node that the package promises", () => {
    // `using` is what Node 22 lacks of what the compiler accepts.
    for (const { snippets } of pages) {
      for (const { name, text } of snippets) assert.notMatch(text, /^\s*(?:await )?using /m, name)
    }
  })

  it("links lead somewhere, on every page", () => {
    assert.deepStrictEqual(pages.flatMap((page) => Pages.brokenLinks(page)), [])
  })

  it("leads to every page", () => {
    for (const { path } of pages.filter(({ path }) => path.startsWith("docs/"))) {
      assert.match(readme.text, new RegExp(`\\]\\(${path}[)#]`), path)
    }
  })

  it.live("its snippets compile, its snippets and commands run", () =>
    Effect.scoped(Effect.gen(function*() {
      const { refused, requests } = yield* Pages.check([readme], ".readme")
      assert.isAbove(requests, 10)
      // The provider that another one stands in for.
      assert.isAbove(refused, 0)
    })), 180_000)
})

describe("the README's table of errors", () => {
  /** The rows of an error, by reason. */
  const reasonsOf = (error: string) => {
    const rows = Pages.rowsOf(readme).filter((row) => row.length === 5)
    const first = rows.findIndex(([name]) => name === error)
    const next = rows.findIndex(([name], at) => at > first && name !== "")
    return new Map(rows.slice(first, next === -1 ? undefined : next).map(([, reason, , again]) => [reason!, again!]))
  }

  /** The identifier of a reason's class ends with its tag. */
  const tagsOf = (members: ReadonlyArray<{ readonly identifier: string }>) =>
    members.map(({ identifier }) => identifier.split("/").at(-1)!)

  for (
    const [name, members] of [
      ["LMError", LMReason.Reason.members],
      ["ToolError", ToolReason.Reason.members],
      ["McpError", McpReason.Reason.members],
      ["BlockingError", BlockingReason.Reason.members],
      ["SandboxError", SandboxReason.Reason.members],
      ["ContentError", ContentReason.Reason.members],
      ["StateError", StateReason.Reason.members]
    ] as const
  ) {
    it(`has all reasons of ${name}`, () => {
      assert.deepStrictEqual([...reasonsOf(name).keys()].toSorted(), tagsOf(members).toSorted())
    })
  }

  it("says which failures of a model are tried again", () => {
    const ofAll = { feature: "tools", bound: "calls", limit: 1, used: 1, mayAnswer: false } as const
    for (const [reason, again] of reasonsOf("LMError")) {
      const Reason = LMReason.Reason.members.find(({ identifier }) => identifier.endsWith(`/${reason}`))!
      const { isRetryable } = new LMError({
        model: "m",
        reason: new Reason({ description: "", ...ofAll, retryAfter: Duration.zero })
      })
      assert.strictEqual(again, isRetryable ? "yes" : "no", reason)
    }
  })
})

describe("the table of providers", () => {
  it("has all of them, with their keys and ports", () => {
    const rows = Pages.rowsOf(Pages.pageOf("docs/models.md")).map((row) =>
      row.map((cell) => cell === "none" ? "" : cell)
    )
    const expected = Providers.all.map(({ baseUrl, keyless, name, prefix }) =>
      keyless ? [name, "", new URL(baseUrl).port] : [name, `${prefix}_API_KEY`, ""]
    )
    assert.deepStrictEqual(rows.slice(2, 2 + expected.length), expected)
    assert.include(readme.text, `any of ${expected.length} providers`)
  })
})

describe("the README's table of defaults", () => {
  const defaults = new Map(
    Pages.rowsOf(readme).filter((row) => row.length === 3)
      .flatMap(([, options, value]) =>
        options!.split(",").map((option) => [option.trim().split(" ")[0]!, value!] as const)
      )
  )

  it("has the limits of time, of retries and of size", () => {
    const expected = {
      ...prefixed("timeouts", Timeouts.defaults),
      ...prefixed("retry", Retry.defaults)
    }
    for (const [option, value] of Object.entries(expected)) {
      const told = defaults.get(option)!
      if (typeof value !== "string") assert.strictEqual(told, String(value), option)
      else {assert.deepStrictEqual(
          Duration.fromInputUnsafe(told as Duration.Input),
          Duration.fromInputUnsafe(value),
          option
        )}
    }
    const { errorBody, event, line, reply } = SizeLimits.defaults
    assert.deepStrictEqual([line, event, reply, errorBody], [16, 16, 64, 1].map((mebi) => mebi * 1024 * 1024))
    assert.deepStrictEqual(
      ["line", "event", "reply", "errorBody"].map((limit) => defaults.get(`limits.${limit}`)!.split(" ")[0]),
      ["16", "16", "64", "1"]
    )
  })
})

const prefixed = (name: string, defaults: object): Readonly<Record<string, number | boolean | Duration.Input>> =>
  Object.fromEntries(Object.entries(defaults).map(([key, value]) => [`${name}.${key}`, value]))
